import json
import lzma
import random

import numpy as np
import pytest
from fovea.training import agent_text, gather, synthetic
from fovea.training.corpus import DOMAINS, Corpus, Text, wrap


@pytest.fixture(scope="module")
def corpus():
    return Corpus.builtin(alphabet="abc→é你\n")


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("characters", [1, 300, 5000])
def test_a_sample_is_at_least_as_long_as_asked(corpus, domain, characters):
    rng = np.random.default_rng(5)
    for _ in range(40):
        assert len(corpus.sample(rng, domain, characters)) >= characters


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_same_seed_gives_the_same_text(corpus, domain):
    first = [corpus.sample(np.random.default_rng(7), domain, 2000) for _ in range(3)]
    assert len(set(first)) == 1
    assert corpus.sample(np.random.default_rng(8), domain, 2000) != first[0]


@pytest.mark.parametrize("domain", DOMAINS)
def test_samples_can_be_encoded_and_hold_no_control_characters(corpus, domain):
    rng = np.random.default_rng(11)
    for _ in range(40):
        text = corpus.sample(rng, domain, 3000)
        text.encode("utf-8")
        assert not {c for c in text if c < " "} - {"\n", "\t"}


@pytest.mark.parametrize("domain", ["agent", "synthetic"])
def test_a_stock_hands_out_each_stretch_once(domain):
    corpus = Corpus.builtin(stock=20_000)
    rng = np.random.default_rng(9)
    samples = [corpus.sample(rng, domain, 1000) for _ in range(50)]
    assert {len(sample) for sample in samples} == {1000}
    assert len(set(samples)) == 50


def test_an_unknown_domain_is_an_error(corpus):
    with pytest.raises(ValueError, match="domain is 'poems'"):
        corpus.sample(np.random.default_rng(1), "poems", 10)


def test_one_prose_sample_in_five_has_plain_punctuation(corpus):
    rng = np.random.default_rng(2)
    samples = [corpus.sample(rng, "prose", 4000) for _ in range(300)]
    assert 30 <= sum("\u2019" not in sample for sample in samples) <= 90


def test_a_slice_past_the_end_goes_on_at_the_start():
    text = Text("0123456789")
    assert len(text.slice(random.Random(1), 25)) == 25
    assert "90" in text.slice(random.Random(1), 25)


def test_wrapped_lines_fit_their_width():
    text = "some words of prose that go on and on, " * 100
    for seed in range(40):
        lines = wrap(text, 50, random.Random(seed)).split("\n")
        assert max(map(len, lines)) <= 50 + len("    ")
        assert len(lines) > 60


@pytest.mark.parametrize("kind", agent_text.KINDS)
def test_every_agent_kind_makes_text(corpus, kind):
    make = agent_text.KINDS[kind][0]
    for seed in range(40):
        assert make(agent_text.Maker(random.Random(seed), corpus.texts)).strip()


@pytest.mark.parametrize("kind", ["session_lines", "stream_lines", "rollout_lines", "chat_lists", "twice_escaped"])
def test_events_are_json_lines(corpus, kind):
    make = agent_text.KINDS[kind][0]
    for seed in range(40):
        for line in make(agent_text.Maker(random.Random(seed), corpus.texts)).split("\n"):
            json.loads(line)


def test_agent_text_has_the_escapes_of_json(corpus):
    rng = np.random.default_rng(3)
    text = "".join(corpus.sample(rng, "agent", 20_000) for _ in range(20))
    for escape in ("\\n", '\\"', "\\\\", "\\t", "\\\\n", "\\u2014", "toolu_01", "✅"):
        assert escape in text, escape


@pytest.mark.parametrize("maker", [maker for maker, _ in synthetic.KINDS], ids=lambda maker: maker.__name__.strip("_"))
def test_every_synthetic_kind_makes_pieces(corpus, maker):
    for seed in range(20):
        pieces = maker(np.random.default_rng(seed), corpus.words, 200)
        assert len(pieces.replace(synthetic.CUT, "")) >= 40


def test_synthetic_text_shows_every_character_of_the_alphabet(corpus):
    rng = np.random.default_rng(4)
    text = "".join(corpus.sample(rng, "synthetic", 5000) for _ in range(40))
    assert set("abc→é你") <= set(text)


@pytest.fixture
def machine(tmp_path):
    """A folder with sources of a few languages, and one that must not be read."""
    for folder in ("project", "transcripts"):
        (tmp_path / folder).mkdir()
    for number in range(200):
        (tmp_path / "project" / f"module{number}.py").write_text(f"value_{number} = {number}  # a comment\n" * 20)
        (tmp_path / "project" / f"notes{number}.md").write_text(f"# Notes {number}\n\nA line of notes.\n" * 20)
    (tmp_path / "transcripts" / "secret.py").write_text("never_read = True\n" * 100)
    (tmp_path / "books.txt").write_text("It was a bright cold day.\n" * 40_000)
    return tmp_path


def test_gathering_holds_text_out_and_is_repeatable(machine, capsys):
    outputs = []
    for name in ("first", "second"):
        gather.main(
            ["--out", str(machine / name), "--books", str(machine / "books.txt"), "--root", str(machine), "--only"]
        )
        outputs.append({path.name: lzma.decompress(path.read_bytes()).decode() for path in (machine / name).iterdir()})
    assert outputs[0] == outputs[1]
    first = outputs[0]
    assert sorted(first) == sorted(
        f"{prefix}{kind}.txt.xz" for prefix in ("", "val_") for kind in ("code", "docs", "prose")
    )
    assert not any("never_read" in text for text in first.values())
    assert not set(first["code.txt.xz"].split("\n")) & set(first["val_code.txt.xz"].split("\n")) - {""}
    assert 399_000 < len(first["val_prose.txt.xz"]) <= gather.VALIDATION_BYTES
    assert "python" in capsys.readouterr().out
    assert Corpus(machine / "first", split="validation").sample(np.random.default_rng(1), "code", 500)


def test_manual_pages_lose_their_markup():
    page = ".TH LS 1\n.SH NAME\nls \\- list directory contents\n.TP\n\\fB\\-a\\fR, \\fB\\-\\-all\\fR\n"
    assert gather.plain_manual(page) == "\nNAME\n       ls - list directory contents\n\n       -a, --all\n"


def test_minified_files_are_not_learned_from(tmp_path):
    path = tmp_path / "bundle.js"
    path.write_text("var a=1;" * 1000)
    assert gather.read_slice(path, random.Random(1)) is None
