"""What a page takes in the store, by table: a table of store.md."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from ..documents import table
from ..held_out import PROGRAMS, texts
from ..subject import Sentence, Subject, Values
from ..work import Work

# Tables of the store, each with its indexes, as SQLite names their b-trees.
TABLES = {"tokens": "tokens", "piece_words": "words", "archive": "archive", "embeddings": "embeddings",
          "pieces": "pieces", "anchors": "anchors", "pages": "pages", "page_spans": "page_spans"}


def measure(work: Work) -> Values:
    store = work.fresh("store") / "pages.db"
    work.memctl("compact", *texts(work, ("agent", "code", "docs", "prose")), "--level", "tiny", "--measure", "0", store=store)
    pages = int(work.memctl("stats", store=store)["pages"])
    sizes = dict.fromkeys(TABLES.values(), 0.0)
    with contextlib.closing(sqlite3.connect(store)) as database:
        owners = dict(database.execute("SELECT name, tbl_name FROM sqlite_master"))
        # The bytes in use: free space within a b-tree's pages is no table's.
        for name, size in database.execute("SELECT name, sum(payload) FROM dbstat GROUP BY name"):
            owner = owners.get(name, name)
            owner = "piece_words" if owner.startswith("piece_words") else owner
            if owner in TABLES:
                sizes[TABLES[owner]] += size / pages
    text = work.memctl("stats", store=store)
    return {"pages": pages, "bytes_a_page": {name: round(size, 1) for name, size in sizes.items()},
            "file_bytes_a_page": text["file_bytes"] / pages, "text_bytes_a_page": text["text_bytes"] / pages}


def blocks(values: Values) -> dict[str, str]:
    rows = sorted(values["bytes_a_page"].items(), key=lambda row: -row[1])
    return {"store-bytes": table(["table", "bytes"], ([name, f"{round(size, -1):,.0f}"] for name, size in rows))}


def numbers(values: Values) -> dict[str, Any]:
    return {"pages": values["pages"], "file": values["file_bytes_a_page"] / 1000,
            "text": round(values["text_bytes_a_page"], -1)}


SUBJECT = Subject(
    name="store", title="what a page takes in the store", minutes=10, measure=measure,
    programs=PROGRAMS, blocks=blocks, numbers=numbers,
    sentences=(
        Sentence("doc/store.md", "The bytes of a page at tiny by table are the mean of {pages} pages of agents' "
                                 "histories, code, documentation and prose: those in use"),
        Sentence("doc/store.md", "The whole file takes {file:.0f} kB per page. A page's text takes {text:,.0f} bytes."),
    ),
    tolerance=0.01,
)
