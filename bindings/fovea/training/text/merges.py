"""Merges that a byte-level BPE gets more of, after those that it was trained with.

Old merges keep their ranks, and new ones join only characters beyond ASCII, so English text and code are split
as before.
"""

from __future__ import annotations

import collections
import heapq
import json

from .tokenizer import byte_signs

BYTES = byte_signs()
LONGEST = 8  # characters of a new token
LONGEST_RUN = 40  # characters of a piece that is looked at: scripts without blanks have long ones


class Merger:
    """A tokenizer.json to which tokens are added, up to `size` in all."""

    def __init__(self, description: dict, size: int):
        from tokenizers import Tokenizer

        self.description, self.size = description, size
        self.vocabulary, self.merges = description["model"]["vocab"], description["model"]["merges"]
        self.before = Tokenizer.from_str(json.dumps(description))

    def add(self, character: str) -> bool:
        """Adds the merges that make one token of the character; False when there is no room."""
        pieces = self.before.encode(character, add_special_tokens=False).tokens
        new = []
        joined = pieces[0]
        for piece in pieces[1:]:
            if joined + piece not in self.vocabulary:
                new.append((joined, piece))
            joined += piece
        if len(self.vocabulary) + len(new) > self.size:
            return False
        for left, right in new:
            self._join(left, right)
        return True

    def add_words(self, texts: list[str]) -> None:
        """Fills the room that is left with the commonest parts of words of the texts, each of which weighs the
        same."""
        words = Words(self._words(texts))
        while len(self.vocabulary) < self.size:
            pair = words.commonest(self._may_join)
            if pair is None:
                return
            self._join(*pair)
            words.join(*pair)

    def _join(self, left: str, right: str) -> None:
        self.vocabulary.setdefault(left + right, len(self.vocabulary))
        self.merges.append([left, right])

    @staticmethod
    def _may_join(left: str, right: str) -> bool:
        """Whole characters, one beyond ASCII among them."""
        try:
            text = _bytes(left).decode() + _bytes(right).decode()
        except UnicodeDecodeError:
            return False
        return not text.isascii() and len(text) <= LONGEST

    def _words(self, texts: list[str]) -> dict[tuple[str, ...], float]:
        """How often each word comes, as the tokens that it has so far; a text's words sum to 1."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(json.dumps(self.description))
        split = tokenizer.pre_tokenizer.pre_tokenize_str
        words: dict[tuple[str, ...], float] = collections.defaultdict(float)
        for text in texts:
            counts = collections.Counter()
            for line in text.split("\n"):
                for _, (begin, end) in split(line):
                    if not line[begin:end].isascii():
                        counts.update(line[i : min(i + LONGEST_RUN, end)] for i in range(begin, end, LONGEST_RUN))
            total = max(1, counts.total())
            # Rare words are most of all and tell little.
            some = [word for word, _ in counts.most_common(40_000)]
            for word, encoding in zip(some, tokenizer.encode_batch(some, add_special_tokens=False)):
                words[tuple(encoding.tokens)] += counts[word] / total
        return words


class Words:
    """Words as tokens, and how often two tokens come after each other in them."""

    def __init__(self, words: dict[tuple[str, ...], float]):
        self.words = [list(word) for word in words]
        self.weights = list(words.values())
        self.counts: dict[tuple[str, str], float] = collections.defaultdict(float)
        self.places: dict[tuple[str, str], set[int]] = collections.defaultdict(set)
        for i, word in enumerate(self.words):
            for pair in zip(word, word[1:]):
                self.counts[pair] += self.weights[i]
                self.places[pair].add(i)
        # A pair's count may have changed since it was put there; then it is put there again.
        self.queue = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.queue)

    def commonest(self, allowed) -> tuple[str, str] | None:
        while self.queue:
            count, pair = heapq.heappop(self.queue)
            now = self.counts.get(pair, 0.0)
            if now <= 1e-12 or not allowed(*pair):
                continue
            if -count - now > 1e-9 * now:
                heapq.heappush(self.queue, (-now, pair))
                continue
            return pair
        return None

    def join(self, left: str, right: str) -> None:
        """Makes one token of the two wherever they meet."""
        changed = set()
        for i in self.places.pop((left, right), ()):
            old = self.words[i]
            new, at = [], 0
            while at < len(old):
                both = at + 1 < len(old) and old[at] == left and old[at + 1] == right
                new.append(left + right if both else old[at])
                at += 2 if both else 1
            for pair in zip(old, old[1:]):
                self.counts[pair] -= self.weights[i]
            for pair in zip(new, new[1:]):
                self.counts[pair] += self.weights[i]
                self.places[pair].add(i)
                changed.add(pair)
            self.words[i] = new
        self.counts.pop((left, right), None)
        for pair in changed:
            heapq.heappush(self.queue, (-self.counts[pair], pair))


def _bytes(token: str) -> bytes:
    return bytes(BYTES[sign] for sign in token)
