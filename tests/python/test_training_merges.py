"""Merges that a tokenizer gets more of: the commonest pairs of tokens first, counted anew after each."""

from __future__ import annotations

import collections
import json
import random

import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from fovea.training.text.merges import LONGEST, Merger, Words  # noqa: E402


def counted(words: list[list[str]], weights: list[float]) -> dict[tuple[str, str], float]:
    """How often two tokens come after each other, by looking at all of them."""
    counts: dict[tuple[str, str], float] = collections.defaultdict(float)
    for word, weight in zip(words, weights):
        for pair in zip(word, word[1:]):
            counts[pair] += weight
    return counts


def joined(word: list[str], left: str, right: str) -> list[str]:
    out: list[str] = []
    for token in word:
        if out and out[-1] == left and token == right:
            out[-1] = left + right
        else:
            out.append(token)
    return out


@pytest.mark.parametrize("seed", range(6))
def test_the_commonest_pair_is_that_of_a_count_of_all_words_after_any_merges(seed):
    rng = random.Random(seed)
    made = {tuple(rng.choices("abc" if seed % 2 else "abcdefgh", k=rng.randint(1, 9))): rng.choice([1.0, 2.0, 0.5])
            for _ in range(60)}
    words, plain, weights = Words(made), [list(word) for word in made], list(made.values())
    before = float("inf")
    for _ in range(25):
        counts = counted(plain, weights)
        pair = words.commonest(lambda left, right: True)
        if pair is None:
            assert not counts
            break
        assert counts[pair] == pytest.approx(max(counts.values()))
        assert counts[pair] <= before + 1e-9 or seed % 2  # a merge makes pairs no commoner than itself
        before = counts[pair]
        words.join(*pair)
        plain = [joined(word, *pair) for word in plain]
        assert words.words == plain
        after = counted(plain, weights)
        assert {p: c for p, c in words.counts.items() if c > 1e-9} == pytest.approx(after)


def test_what_may_not_be_joined_is_passed_over_for_good():
    words = Words({("a", "b"): 9.0, ("c", "d"): 2.0, ("a", "b", "c"): 1.0})
    asked = []

    def allowed(left: str, right: str) -> bool:
        asked.append((left, right))
        return (left, right) != ("a", "b")

    assert words.commonest(allowed) == ("c", "d") and asked == [("a", "b"), ("c", "d")]
    words.join("c", "d")
    assert words.commonest(allowed) == ("b", "c") and ("a", "b") not in asked[2:]
    words.join("b", "c")
    assert words.words == [["a", "b"], ["cd"], ["a", "bc"]] and words.commonest(allowed) == ("a", "bc")
    words.join("a", "bc")
    assert words.commonest(allowed) is None


@pytest.fixture
def description(tokenizer):
    return json.loads(tokenizer.to_str())


def test_a_character_becomes_one_token_and_ascii_is_split_as_before(description, tokenizer):
    from tokenizers import Tokenizer

    merger = Merger(description, len(description["model"]["vocab"]) + 60)
    for character in "文😅Üüöß":
        assert merger.add(character)
    merger.add_words(["Überraschung für Größe " * 30, "ships left the harbour " * 30])
    after = Tokenizer.from_str(json.dumps(description))
    assert all(len(after.encode(character, add_special_tokens=False).tokens) == 1 for character in "文😅Üüöß")
    for text in ("ships left the harbour", "def f(x): return x[0]", "\n\n  1,234\t"):
        assert after.encode(text, add_special_tokens=False).ids == tokenizer.encode(text, add_special_tokens=False).ids
    german = "Überraschung für Größe"
    assert len(after.encode(german, add_special_tokens=False).ids) < len(tokenizer.encode(german, add_special_tokens=False).ids)
    assert after.decode(after.encode(german + "文😅").ids) == german + "文😅"
    assert len(description["model"]["vocab"]) <= merger.size
    new = [token for token, number in description["model"]["vocab"].items() if number >= tokenizer.get_vocab_size()]
    assert all(len(after.decode([description["model"]["vocab"][token]])) <= LONGEST for token in new)


def test_without_room_nothing_is_added(description):
    before = json.dumps(description)
    merger = Merger(description, len(description["model"]["vocab"]))
    assert not merger.add("😅")
    merger.add_words(["für Größe " * 30])
    assert json.dumps(description) == before
