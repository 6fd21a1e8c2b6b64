"""Prose out of books."""

from __future__ import annotations

import lzma
import pathlib
import random

from .gathered import VALIDATION_BYTES, Gathered

PROSE_BYTES = 32_000_000
PROSE_CHUNK = 100_000


def gather_books(books: list[pathlib.Path], seed: int, train: bool = True) -> Gathered:
    """Prose of the files given, PROSE_BYTES at most: each small file whole, of large ones
    chunks spread over them. The end of the first file is held out; without `train`, that alone."""
    gathered = Gathered()
    texts = []
    for path in books:
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            texts.append(file.read().replace("\r\n", "\n"))
    if not texts:
        return gathered
    held_from = texts[0].find("\n", max(0, len(texts[0]) - VALIDATION_BYTES)) + 1
    gathered.validation.append(texts[0][held_from:])
    texts[0] = texts[0][:held_from]
    room = PROSE_BYTES if train else 0
    for place, (path, text) in sorted(enumerate(zip(books, texts)), key=lambda item: len(item[1][1])):
        share = room // (len(texts) - place) if place else room
        chunks = [text[i : i + PROSE_CHUNK] for i in range(0, len(text), PROSE_CHUNK)]
        sizes = [len(chunk.encode()) for chunk in chunks]
        keep = min(1.0, share / max(1, sum(sizes)))
        rng = random.Random(f"{seed} {place}")
        chosen = sorted(rng.sample(range(len(chunks)), int(len(chunks) * keep)))
        used = sum(sizes[i] for i in chosen)
        room -= used
        gathered.train += [chunks[i] for i in chosen]
        gathered.table[path.name] = (used, len(gathered.validation[0].encode()) if place == 0 else 0)
    random.Random(f"{seed} prose").shuffle(gathered.train)
    return gathered
