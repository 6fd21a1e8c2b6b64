"""The words of a text, as SQLite's full-text search parts, folds and stems them."""

from __future__ import annotations

import re
import sqlite3
import threading

# Scripts that write words without spaces, or join endings to them.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
                       "\U00020000-\U0003ffff]+")


class Words:
    """Counts words. Several threads, one call at a time."""

    def __init__(self) -> None:
        self._tables = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._tables.execute("CREATE VIRTUAL TABLE given USING fts5 (text, content = '', tokenize = 'porter unicode61')")
        self._tables.execute("CREATE VIRTUAL TABLE words USING fts5vocab (given, 'row')")
        self._turn = threading.Lock()

    def of_text(self, text: str) -> dict[str, int]:
        """By word how often it is there. Where words are not spaced: each letter, and each pair."""
        return self._counted(_UNSPACED.sub(lambda run: f" {' '.join([*run[0], *_pairs(run[0])])} ", text))

    def of_query(self, text: str) -> list[str]:
        """Of unspaced letters the pairs alone: one letter says little."""
        return list(self._counted(_UNSPACED.sub(lambda run: f" {' '.join(_pairs(run[0]) or run[0])} ", text)))

    def _counted(self, text: str) -> dict[str, int]:
        if "\0" in text or not text.isascii():  # neither ends a text for SQLite nor fails to be UTF-8
            text = text.replace("\0", " ").encode("utf-8", "replace").decode()
        with self._turn:
            self._tables.execute("INSERT INTO given (rowid, text) VALUES (1, ?)", (text,))
            counted = dict(self._tables.execute("SELECT term, cnt FROM words"))
            self._tables.execute("INSERT INTO given (given) VALUES ('delete-all')")
        return counted


def _pairs(run: str) -> list[str]:
    return [run[at:at + 2] for at in range(len(run) - 1)]
