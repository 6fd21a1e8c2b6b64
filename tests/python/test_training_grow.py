import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from fovea.training.network.alphabet import FIRST, Alphabet
from fovea.training.network.model import CodecModel
from fovea.training.run.grow import grown_model, grown_tokenizer


def without_a_star(alphabet, atlas_folder):
    description = alphabet.description
    return Alphabet({**description, "wide": description["wide"][:-1]}, atlas_folder / "atlas.png")


def test_what_was_learned_of_old_characters_and_tokens_stays(model, alphabet, atlas_folder):
    c = model.config
    more = Alphabet({**alphabet.description, "wide": alphabet.wide + "中文"}, atlas_folder / "atlas.png")
    grown = grown_model(model, alphabet, more, c.first_position + 40)
    assert grown.config.vocab == c.vocab + 40 and grown.config.characters == c.characters + 2
    old, new = model.embed_tokens.weight, grown.embed_tokens.weight
    assert torch.equal(new[: c.first_position], old[: c.first_position])
    assert torch.equal(new[-258:], old[-258:])
    features = torch.randn(7, c.slot_features)
    assert torch.allclose(grown.glyph_reader.head(features)[:, : c.characters], model.glyph_reader.head(features))
    assert torch.equal(grown.sam_model.pos_embed, model.sam_model.pos_embed)


def test_characters_are_carried_over_by_what_they_are(model, alphabet, atlas_folder):
    fewer = without_a_star(alphabet, atlas_folder)
    moved = Alphabet({**alphabet.description, "narrow": alphabet.narrow + "ö"}, atlas_folder / "atlas.png")
    small = grown_model(model, alphabet, fewer, model.config.first_position)
    grown = grown_model(small, fewer, moved, model.config.first_position)
    old = FIRST + len(fewer.narrow) + fewer.wide.index("✅")
    new = FIRST + len(moved.narrow) + moved.wide.index("✅")
    assert torch.equal(grown.glyph_reader.head[-1].weight[new], model.glyph_reader.head[-1].weight[old])


def test_a_codec_without_a_refiner_is_given_one_that_changes_nothing_yet(model, alphabet):
    plain = CodecModel(replace(model.config, refiner_hidden=0))
    plain.load_state_dict({n: t for n, t in model.state_dict().items() if ".refiner." not in n})
    grown = grown_model(plain, alphabet, alphabet, model.config.first_position)
    assert plain.glyph_reader.refiner is None and grown.glyph_reader.refiner is not None
    tokens = torch.randn(2, 36, model.config.width)
    with torch.no_grad():
        assert torch.equal(grown.glyph_reader.features(tokens, 106), plain.glyph_reader.features(tokens, 106))
        assert not torch.equal(model.glyph_reader.features(tokens, 106), plain.glyph_reader.features(tokens, 106))


def test_common_characters_become_tokens_and_old_text_is_split_as_before(tokenizer):
    from tokenizers import Tokenizer

    before = json.loads(tokenizer.to_str())
    size = len(before["model"]["vocab"]) + 12
    grown = Tokenizer.from_str(json.dumps(grown_tokenizer(before, ["页面页面页文字 abc"], "页面文", size)))
    assert grown.get_vocab_size() <= size
    for text in ("页", "面", "文", "字", "a page of text, 12 rows\n"):
        assert grown.decode(grown.encode(text).ids) == text
    assert [len(grown.encode(ch).ids) for ch in "页面文"] == [1, 1, 1]
    assert len(grown.encode("字").ids) > 1  # not of the alphabet
    old_text = "def read(page): return page.text  # café"
    assert grown.encode(old_text).ids == tokenizer.encode(old_text).ids


def test_no_more_tokens_than_asked_for(tokenizer):
    description = json.loads(tokenizer.to_str())
    size = len(description["model"]["vocab"]) + 3
    assert len(grown_tokenizer(description, ["页面文"], "页面文", size)["model"]["vocab"]) <= size


def test_parts_of_words_become_tokens_where_there_is_room(tokenizer):
    from tokenizers import Tokenizer

    before = json.loads(tokenizer.to_str())
    text = "प्रतिक्रिया में प्रतिलिपि प्रतिमा प्रतिदिन\n한국어 한국말 한국 사람\n" * 5
    alphabet = "".join(sorted(set(text)))
    size = len(before["model"]["vocab"]) + 120
    characters = Tokenizer.from_str(json.dumps(grown_tokenizer(json.loads(json.dumps(before)), [text], alphabet, size)))
    words = Tokenizer.from_str(json.dumps(grown_tokenizer(before, [text], alphabet, size, words=40)))
    assert words.get_vocab_size() <= size
    assert words.decode(words.encode(text).ids) == text
    assert len(words.encode("प्रति").ids) == 1  # a letter, its mark and what follows are one word
    assert len(words.encode(text).ids) < len(characters.encode(text).ids)
    old_text = "def read(page): return page.text  # café"
    assert words.encode(old_text).ids == tokenizer.encode(old_text).ids


def test_a_head_that_gets_groups_sees_old_characters_as_before_among_their_group(model, alphabet, atlas_folder):
    wide = alphabet.wide + "中文"
    begins = [len(alphabet.narrow), len(alphabet.narrow) + 3]
    more = Alphabet({**alphabet.description, "wide": wide, "groups": begins}, atlas_folder / "atlas.png")
    grown = grown_model(model, alphabet, more, model.config.first_position)
    head = grown.glyph_reader.head
    assert head.groups == tuple(FIRST + b for b in begins) and len(head[2].bias) == more.classes + 2
    features = torch.randn(7, model.config.slot_features)
    old = model.glyph_reader.head(features)[:, : FIRST + len(alphabet.narrow)]
    new = head(features)[:, : FIRST + len(alphabet.narrow)]
    assert torch.allclose(torch.log_softmax(new, -1), torch.log_softmax(old, -1), atol=1e-4)
