"""Which items answer a query: by their words, or by embeddings where the store was given an `index`."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from fovea.agents.langgraph.filters import Condition

_SATURATION, _LENGTH = 1.2, 0.75  # BM25's k1 and b


def by_words(cursor: sqlite3.Cursor, allowed: Condition, words: list[str]) -> list[tuple[int, float]]:
    """Items and scores, best first: BM25 over the allowed items alone, whatever else the store has."""
    joined = f"fovea_items i JOIN store s ON s.prefix = i.prefix AND s.key = i.key WHERE {allowed.sql}"
    total, mean = cursor.execute(f"SELECT count(*), avg(i.words) FROM {joined} AND i.words > 0",
                                 allowed.values).fetchone()
    scores: defaultdict[int, float] = defaultdict(float)
    for word in words:
        found = cursor.execute(f"SELECT i.id, w.count, i.words FROM fovea_words w CROSS JOIN {joined} "
                               "AND i.id = w.item AND w.word = ?", (*allowed.values, word)).fetchall()
        rarity = math.log(1 + (total - len(found) + 0.5) / (len(found) + 0.5))
        for item, count, length in found:
            damped = count + _SATURATION * (1 - _LENGTH + _LENGTH * length / mean)
            scores[item] += rarity * count * (_SATURATION + 1) / damped
    return _sorted(scores)


def by_vectors(cursor: sqlite3.Cursor, allowed: Condition, query: list[float],
               distance: str) -> list[tuple[int, float]]:
    """Items and scores, nearest first; of an item with several vectors its nearest one."""
    wanted = np.asarray(query, dtype=np.float32)
    cursor.execute("SELECT i.id, v.embedding FROM store_vectors v JOIN fovea_items i ON i.prefix = v.prefix "
                   "AND i.key = v.key JOIN store s ON s.prefix = v.prefix AND s.key = v.key "
                   f"WHERE {allowed.sql}", allowed.values)
    scores: dict[int, float] = {}
    while rows := cursor.fetchmany(4096):
        vectors = np.frombuffer(b"".join(vector for _, vector in rows), dtype=np.float32).reshape(len(rows), -1)
        for (item, _), score in zip(rows, _nearness(vectors, wanted, distance), strict=True):
            scores[item] = max(scores.get(item, -math.inf), float(score))
    return _sorted(scores)


def _nearness(vectors: NDArray[np.float32], wanted: NDArray[np.float32], distance: str) -> NDArray[np.float32]:
    """Larger is nearer."""
    nearness: NDArray[np.float32]
    if distance == "l2":
        nearness = -np.linalg.norm(vectors - wanted, axis=1)
        return nearness
    nearness = vectors @ wanted
    if distance == "inner_product":
        return nearness
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted)
    np.divide(nearness, lengths, out=nearness, where=lengths > 0)  # a vector of zeros is near nothing
    return nearness


def _sorted(scores: dict[int, float]) -> list[tuple[int, float]]:
    return sorted(scores.items(), key=lambda scored: (-scored[1], -scored[0]))
