"""Runs the tests that LangGraph publishes of its stores and checkpointers, with Fovea's in their place.

    pip download --no-deps --no-binary :all: langgraph-checkpoint-sqlite==3.1.2
    pip download --no-deps --no-binary langgraph-checkpoint-postgres langgraph-checkpoint-postgres==3.2.0
    pip install pytest-asyncio
    python tools/run_langgraph_tests.py langgraph_checkpoint_*.tar.gz --build build [-- -k ttl]

The tests come from the archives, as they are; nothing is fetched. What the tests of the PostgreSQL store ask the
database itself, past the store, is translated for SQLite. LEFT_OUT says which tests are not run, and why.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pathlib
import re
import sys
import tarfile
import tempfile
import types
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

OWN = "asks LangGraph's own functions"
LEFT_OUT = {
    r"test_escape_(glob|like)_literal": OWN,
    r"test_namespace_match_pattern": OWN,
    r"test_list_namespaces_prefix_uses_indexable_condition": OWN,
    r"test_abatch_uses_single_pool_checkout": OWN,
    r"test_metadata_predicate|test_search_where": OWN,
    r"test_informative_async_errors": "FoveaSaver can be awaited",
    r"test_no_running_loop": "FoveaStore may be called where a loop runs: it waits for no task of that loop",
    r"test_omit_expired_disabled_preserves_expired_rows\[\w+-default\]":
        "without omit_expired=False an item whose time is over is not served",
}
TESTS = ("test_store.py", "test_async_store.py", "test_ttl.py", "test_sqlite.py", "test_aiosqlite.py")


# The stores under the names that the tests import


def stand_ins(store: Any) -> dict[str, Any]:
    """By name."""

    class Rows:
        """A cursor for what the tests of PostgreSQL say: its marks and times in SQLite's words, rows by name."""

        WORDS = {"NOW() - INTERVAL '1 minute'": "datetime('now', '-1 minute')",
                 "NOW() - (%s * INTERVAL '1 second')": "datetime('now', '-' || %s || ' seconds')"}

        def __init__(self, connection: Any) -> None:
            self._cursor = connection.cursor()

        def execute(self, sql: str, values: Any = ()) -> None:
            for there, here in self.WORDS.items():
                sql = sql.replace(there, here)
            self._cursor.execute(sql.replace("%s", "?"), values)

        def fetchone(self) -> dict[str, Any]:
            names = [column[0] for column in self._cursor.description]
            return dict(zip(names, self._cursor.fetchone(), strict=True))

    class Sync:
        """What PostgreSQL's store has beside what every store has."""

        MIGRATIONS = store.MIGRATIONS

        def __init__(self, of: Any) -> None:
            self._store = of

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        @contextlib.contextmanager
        def _cursor(self) -> Iterator[Rows]:
            with self._store.lock:
                yield Rows(self._store.conn)

        @classmethod
        @contextlib.contextmanager
        def from_conn_string(cls, conn_string: str, *, pipeline: bool = False, pool_config: Any = None,
                             **options: Any) -> Iterator[Sync]:
            with store.from_conn_string(_file_of(conn_string), **options) as made:
                yield cls(made)

    class Async:
        """The same store where the tests await."""

        MIGRATIONS = store.MIGRATIONS

        def __init__(self, of: Any) -> None:
            self._store = of

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        async def setup(self) -> None:
            await asyncio.to_thread(self._store.setup)

        async def sweep_ttl(self) -> int:
            return await asyncio.to_thread(self._store.sweep_ttl)

        async def start_ttl_sweeper(self) -> None:
            self._store.start_ttl_sweeper()

        async def stop_ttl_sweeper(self) -> None:
            await asyncio.to_thread(self._store.stop_ttl_sweeper)

        @contextlib.asynccontextmanager
        async def _cursor(self) -> AsyncIterator[Any]:
            rows = Rows(self._store.conn)

            class Awaited:
                async def execute(self, sql: str, values: Any = ()) -> None:
                    rows.execute(sql, values)

                async def fetchone(self) -> dict[str, Any]:
                    return rows.fetchone()

            yield Awaited()

        @classmethod
        @contextlib.asynccontextmanager
        async def from_conn_string(cls, conn_string: str, *, pipeline: bool = False, pool_config: Any = None,
                                   **options: Any) -> AsyncIterator[Async]:
            with store.from_conn_string(_file_of(conn_string), **options) as made:
                yield cls(made)

    return {"SqliteStore": store, "AsyncSqliteStore": Async, "PostgresStore": Sync, "AsyncPostgresStore": Async}


def _file_of(conn_string: str) -> str:
    """A database of PostgreSQL is a file."""
    if not conn_string.startswith("postgres:"):
        return conn_string
    return os.path.join(tempfile.gettempdir(), conn_string.split("/")[-1].split("?")[0])


class Administrator:
    """A connection on which the tests make databases: a file is made when it is opened."""

    @classmethod
    def connect(cls, *_: Any, **__: Any) -> Administrator:
        return cls()

    def __enter__(self) -> Administrator:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def execute(self, sql: str) -> None:
        pass


class AwaitedAdministrator:
    def __class_getitem__(cls, _: Any) -> type:
        return cls

    @classmethod
    async def connect(cls, *_: Any, **__: Any) -> AwaitedAdministrator:
        return cls()

    async def __aenter__(self) -> AwaitedAdministrator:
        return self

    async def __aexit__(self, *_: Any) -> None:
        pass

    async def execute(self, sql: str) -> None:
        pass


def awaited_saver(saver: Any) -> Any:
    class Async:
        @staticmethod
        @contextlib.asynccontextmanager
        async def from_conn_string(conn_string: str) -> AsyncIterator[Any]:
            with saver.from_conn_string(conn_string) as made:
                yield made

    return Async


def replace_stores(store: Any, saver: Any) -> None:
    import langgraph.checkpoint.sqlite
    import langgraph.checkpoint.sqlite.aio
    import langgraph.store.sqlite
    import langgraph.store.sqlite.aio
    for name, made in stand_ins(store).items():
        for module in (langgraph.store.sqlite, langgraph.store.sqlite.aio):
            if hasattr(module, name):
                setattr(module, name, made)

    langgraph.checkpoint.sqlite.SqliteSaver = saver
    langgraph.checkpoint.sqlite.aio.AsyncSqliteSaver = awaited_saver(saver)

    def module(name: str, **names: Any) -> None:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__.update(names)

    made = stand_ins(store)
    module("psycopg", Connection=Administrator, AsyncConnection=AwaitedAdministrator)
    module("psycopg.errors", UndefinedTable=LookupError)
    module("psycopg.rows", DictRow=dict, dict_row=None)
    module("langgraph.store.postgres", PostgresStore=made["PostgresStore"],
           AsyncPostgresStore=made["AsyncPostgresStore"])
    module("langgraph.store.postgres.base", _escape_like_literal=None, _namespace_match_pattern=None)
    module("langgraph.checkpoint.postgres", _ainternal=None)


class LeaveOut:
    """pytest: skips what LEFT_OUT names."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for name, why in LEFT_OUT.items():
                if re.fullmatch(name + r"(\[.*)?", item.name):
                    item.add_marker(pytest.mark.skip(reason=why))

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "flaky(retries): may be tried again")


def run(archive: pathlib.Path, more: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # the tests leave their stores there
        root = pathlib.Path(folder)
        with tarfile.open(archive) as opened:
            for member in opened.getmembers():
                parts = pathlib.PurePath(member.name).parts
                if member.isfile() and len(parts) == 3 and parts[1] == "tests":
                    (root / "tests").mkdir(exist_ok=True)
                    (root / "tests" / parts[2]).write_bytes(opened.extractfile(member).read())
        os.chdir(root)
        sys.path.insert(0, str(root))
        tests = [f"tests/{name}" for name in TESTS if (root / "tests" / name).exists()]
        return int(pytest.main([*tests, "-c", os.devnull, "--rootdir", str(root), "-o", "asyncio_mode=auto", "-q", "-rs",
                                "-p", "no:cacheprovider", *more], plugins=[LeaveOut()]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", type=pathlib.Path, nargs="+")
    parser.add_argument("--build", type=pathlib.Path, default="build", help="with python/fovea")
    arguments = sys.argv[1:]
    own = arguments[:arguments.index("--")] if "--" in arguments else arguments
    options = parser.parse_args(own)
    sys.path.insert(0, str(options.build.resolve() / "python"))
    from fovea.agents.langgraph import FoveaSaver, FoveaStore

    replace_stores(FoveaStore, FoveaSaver)
    failed = False
    for archive in [path.resolve() for path in options.archives]:
        print(archive.name, flush=True)
        child = os.fork()  # both have a package called tests
        if child == 0:
            os._exit(run(archive, arguments[len(own) + 1:]))
        failed |= os.waitpid(child, 0)[1] != 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
