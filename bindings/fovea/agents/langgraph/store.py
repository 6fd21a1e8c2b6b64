"""FoveaStore: a BaseStore of LangGraph whose items are found by what they say, without a model."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import orjson
from langgraph.store.base import (
    GetOp,
    Item,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    TTLConfig,
    validate_op_namespace,
)
from langgraph.store.base.embed import get_text_at_path
from langgraph.store.sqlite import SqliteStore
from langgraph.store.sqlite.base import SqliteIndexConfig

from fovea.agents._beside import leave_no_copy, side_file
from fovea.agents.langgraph.filters import Condition
from fovea.agents.langgraph.ranking import by_vectors, by_words
from fovea.agents.langgraph.words import Words

# Beside LangGraph's table of items: the words that each is found by. What leaves that table, by a
# deletion or because its time is over, takes its words and vectors along.
_TABLES = """
CREATE TABLE IF NOT EXISTS fovea_items (
  id INTEGER PRIMARY KEY, prefix TEXT NOT NULL, key TEXT NOT NULL, words INTEGER NOT NULL, UNIQUE (prefix, key));
CREATE TABLE IF NOT EXISTS fovea_words (
  word TEXT NOT NULL, item INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (word, item)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fovea_words_of ON fovea_words (item);
CREATE TRIGGER IF NOT EXISTS fovea_item_gone AFTER DELETE ON store BEGIN
  DELETE FROM fovea_words WHERE item = (SELECT id FROM fovea_items WHERE prefix = old.prefix AND key = old.key);
  DELETE FROM fovea_items WHERE prefix = old.prefix AND key = old.key;
END;"""
_VECTORS_GO = """
CREATE TRIGGER IF NOT EXISTS fovea_vectors_gone AFTER DELETE ON store BEGIN
  DELETE FROM store_vectors WHERE prefix = old.prefix AND key = old.key;
END;"""
_KEPT = """
INSERT INTO store (prefix, key, value, created_at, updated_at, expires_at, ttl_minutes) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (prefix, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at,
  expires_at = excluded.expires_at, ttl_minutes = excluded.ttl_minutes"""
_COLUMNS = "s.prefix, s.key, s.value, s.created_at, s.updated_at, s.ttl_minutes"


class FoveaStore(SqliteStore):
    """Long-term memory of a graph, in PATH.items. `search(namespace, query=...)` ranks by words; with `index`, as
    LangGraph's own stores take it, by embeddings.

    Prefix, filter and time of life are conditions of the search itself: what other namespaces hold is neither
    found nor counted. An item whose `ttl` is over is not served. A put is one transaction. Several threads.
    """

    def __init__(self, path: str | os.PathLike[str], *, index: SqliteIndexConfig | None = None,
                 ttl: TTLConfig | None = None, **options: Any) -> None:
        super().__init__(side_file(path, ".items", options), index=index, ttl=ttl)
        self._words = Words()
        self.setup()

    @classmethod
    @contextmanager
    def from_conn_string(cls, conn_string: str, *, index: SqliteIndexConfig | None = None,
                         ttl: TTLConfig | None = None) -> Iterator[FoveaStore]:
        """conn_string: the path. Closes the store at the end."""
        store = cls(conn_string, index=index, ttl=ttl)
        try:
            yield store
        finally:
            store.close()

    def setup(self) -> None:
        """Makes the tables that are missing. The constructor does it."""
        if self.is_setup:
            return
        self._migrate()
        self.conn.executescript(_TABLES + (_VECTORS_GO if self.index_config else ""))
        with self._cursor() as cursor:
            cursor.execute("SELECT s.prefix, s.key, s.value FROM store s LEFT JOIN fovea_items i "
                           "ON i.prefix = s.prefix AND i.key = s.key WHERE i.id IS NULL")
            for prefix, key, value in cursor.fetchall():  # written by LangGraph's own store
                self._note_words(cursor, prefix, key, _text_of(orjson.loads(value), None))

    def _migrate(self) -> None:
        """LangGraph's steps, each of which another process may have taken, or taken without noting it."""
        while True:
            try:
                return super().setup()
            except sqlite3.IntegrityError:  # the other one has noted it meanwhile
                continue
            except sqlite3.OperationalError as error:
                if "duplicate column" not in str(error):
                    raise
                self.conn.execute("INSERT OR IGNORE INTO store_migrations "
                                  "SELECT coalesce(max(v), -1) + 1 FROM store_migrations")

    def close(self) -> None:
        self.stop_ttl_sweeper()
        with self.lock:
            self.conn.close()

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """In one transaction: first everything that reads, then everything that is put."""
        given = list(ops)
        for op in given:
            validate_op_namespace(op)
        results: list[Result] = [None] * len(given)
        deleted = 0
        with self._cursor() as cursor:
            for at, op in enumerate(given):
                if isinstance(op, GetOp):
                    results[at] = self._get(cursor, op)
                elif isinstance(op, SearchOp):
                    results[at] = self._search(cursor, op)
                elif isinstance(op, ListNamespacesOp):
                    results[at] = self._namespaces(cursor, op)
            for op in given:
                if isinstance(op, PutOp):
                    deleted += self._put(cursor, op)
        if deleted:
            self._forget()
        return results

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        return await asyncio.to_thread(self.batch, list(ops))

    def sweep_ttl(self) -> int:
        """Deletes what has expired. Returns how many items that were."""
        swept = super().sweep_ttl()
        if swept:
            self._forget()
        return swept

    @contextmanager
    def _cursor(self, *, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
        """A transaction that an exception undoes."""
        if not self.is_setup:
            self.setup()
        with self.lock:
            cursor = self.conn.cursor()
            if transaction:
                cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                if transaction:
                    cursor.execute("COMMIT")
            except BaseException:
                if transaction and self.conn.in_transaction:
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()

    def _forget(self) -> None:
        with self.lock:
            leave_no_copy(self.conn)

    def _living(self) -> Condition:
        condition = Condition()
        if (self.ttl_config or {}).get("omit_expired") is not False:
            condition.add("(s.expires_at IS NULL OR julianday(s.expires_at) > julianday('now'))")
        return condition

    def _get(self, cursor: sqlite3.Cursor, op: GetOp) -> Item | None:
        condition = self._living()
        condition.add("s.prefix = ? AND s.key = ?", ".".join(op.namespace), op.key)
        row = cursor.execute(f"SELECT {_COLUMNS} FROM store s WHERE {condition.sql}", condition.values).fetchone()
        if row is None:
            return None
        if op.refresh_ttl:
            self._refresh(cursor, [row])
        prefix, key, value, created, updated, _ = row
        return Item(value=self._loaded(value), key=key, namespace=tuple(prefix.split(".")), created_at=created,
                    updated_at=updated)

    def _put(self, cursor: sqlite3.Cursor, op: PutOp) -> int:
        """Returns how many items were deleted."""
        prefix = ".".join(op.namespace)
        if op.value is None:
            return cursor.execute("DELETE FROM store WHERE prefix = ? AND key = ?", (prefix, op.key)).rowcount
        now = _now()
        expires = _written(now + datetime.timedelta(minutes=op.ttl)) if op.ttl is not None else None
        value = dict(op.value)
        cursor.execute(_KEPT, (prefix, op.key, orjson.dumps(value).decode(), _written(now), _written(now), expires,
                               op.ttl))
        self._note_words(cursor, prefix, op.key, _text_of(value, op.index))
        if self.index_config:
            self._note_vectors(cursor, prefix, op.key, value, op.index)
        return 0

    def _note_words(self, cursor: sqlite3.Cursor, prefix: str, key: str, text: str) -> None:
        counted = self._words.of_text(text)
        cursor.execute("INSERT INTO fovea_items (prefix, key, words) VALUES (?, ?, ?) "
                       "ON CONFLICT (prefix, key) DO UPDATE SET words = excluded.words RETURNING id",
                       (prefix, key, sum(counted.values())))
        item, = cursor.fetchone()
        cursor.execute("DELETE FROM fovea_words WHERE item = ?", (item,))
        cursor.executemany("INSERT INTO fovea_words VALUES (?, ?, ?)",
                           [(word, item, count) for word, count in counted.items()])

    def _note_vectors(self, cursor: sqlite3.Cursor, prefix: str, key: str, value: Mapping[str, Any],
                      index: Literal[False] | list[str] | None) -> None:
        cursor.execute("DELETE FROM store_vectors WHERE prefix = ? AND key = ?", (prefix, key))
        texts = [] if index is False else [
            (f"{path}.{at}", text) for path in index or self._indexed_fields()
            for at, text in enumerate(get_text_at_path(dict(value), path))]
        if not texts:
            return
        vectors = self.embeddings.embed_documents([text for _, text in texts])
        cursor.executemany("INSERT OR REPLACE INTO store_vectors (prefix, key, field_name, embedding) VALUES (?, ?, ?, ?)",
                           [(prefix, key, name, np.asarray(vector, dtype=np.float32).tobytes())
                            for (name, _), vector in zip(texts, vectors, strict=True)])

    def _indexed_fields(self) -> Sequence[str]:
        """`fields` is what LangGraph documents, `text_fields` what its SQLite store reads."""
        config: Mapping[str, Any] = self.index_config or {}
        fields = config.get("fields") or config.get("text_fields") or ["$"]
        return [fields] if isinstance(fields, str) else fields

    def _search(self, cursor: sqlite3.Cursor, op: SearchOp) -> list[SearchItem]:
        allowed = self._living()
        allowed.below(op.namespace_prefix)
        allowed.matches(op.filter)
        last = op.offset + op.limit
        scored: list[tuple[int, float]] = []
        if op.query:
            scored = self._ranked(cursor, allowed, op.query)[op.offset:last]
            ids = json.dumps([item for item, _ in scored])  # as one parameter: SQLite takes so many and no more
            rows = cursor.execute(f"SELECT {_COLUMNS}, i.id FROM store s JOIN fovea_items i ON i.prefix = s.prefix "
                                  "AND i.key = s.key WHERE i.id IN (SELECT value FROM json_each(?))", (ids,)).fetchall()
            order = {item: place for place, (item, _) in enumerate(scored)}
            rows.sort(key=lambda row: order[row[-1]])
        else:
            rows = cursor.execute(f"SELECT {_COLUMNS}, NULL FROM store s WHERE {allowed.sql} "
                                  "ORDER BY s.updated_at DESC, s.rowid DESC LIMIT ? OFFSET ?",
                                  (*allowed.values, op.limit, op.offset)).fetchall()
        if op.refresh_ttl:
            self._refresh(cursor, rows)
        scores = dict(scored)
        return [SearchItem(tuple(prefix.split(".")), key, self._loaded(value), created, updated, scores.get(item))
                for prefix, key, value, created, updated, _, item in rows]

    def _ranked(self, cursor: sqlite3.Cursor, allowed: Condition, query: str) -> list[tuple[int, float]]:
        if self.index_config:
            return by_vectors(cursor, allowed, self.embeddings.embed_query(query),
                              str(self.index_config.get("distance_type", "cosine")))
        return by_words(cursor, allowed, self._words.of_query(query))

    def _refresh(self, cursor: sqlite3.Cursor, rows: Iterable[tuple[Any, ...]]) -> None:
        """Their time of life begins anew, where the store is to do that on reading."""
        if self.ttl_config and self.ttl_config.get("refresh_on_read", False):
            now = _now()
            cursor.executemany("UPDATE store SET expires_at = ? WHERE prefix = ? AND key = ?",
                               [(_written(now + datetime.timedelta(minutes=minutes)), prefix, key)
                                for prefix, key, _, _, _, minutes, *_ in rows if minutes is not None])

    def _namespaces(self, cursor: sqlite3.Cursor, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        living = self._living()
        rows = cursor.execute(f"SELECT DISTINCT s.prefix FROM store s WHERE {living.sql}", living.values)
        every = [tuple(prefix.split(".")) for prefix, in rows]
        found = {namespace[:op.max_depth] for namespace in every
                 if all(_matches(namespace, condition) for condition in op.match_conditions or ())}
        return sorted(found)[op.offset:op.offset + op.limit]

    def _loaded(self, value: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = (self._deserializer or orjson.loads)(value)
        return loaded


def _matches(namespace: tuple[str, ...], condition: MatchCondition) -> bool:
    """`*` stands for any one part."""
    wanted = tuple(condition.path)
    if len(wanted) > len(namespace):
        return False
    part = namespace[:len(wanted)] if condition.match_type == "prefix" else namespace[len(namespace) - len(wanted):]
    return all(there == asked or asked == "*" for there, asked in zip(part, wanted, strict=True))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _written(time: datetime.datetime) -> str:
    return time.isoformat(" ", "microseconds")


def _text_of(value: Mapping[str, Any], index: Literal[False] | list[str] | None) -> str:
    """What an item is found by: what stands at the paths of `index`, without one all of it."""
    if index is False:
        return ""
    if index is not None:
        lines = [text for path in index for text in get_text_at_path(dict(value), path)]
    else:
        lines = [f"{name}: {field if isinstance(field, str) else json.dumps(field, ensure_ascii=False)}"
                 for name, field in value.items()]
    return "".join(f"{line}\n" for line in lines)
