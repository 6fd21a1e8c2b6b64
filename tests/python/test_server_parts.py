"""Parts of fovea-server by themselves: keys of requests, memories that are open, who may look where, files on their way."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time

import pytest

from server_app import ANN, QUICK, settings_of

import fovea  # noqa: E402
from fovea.server import idempotency  # noqa: E402
from fovea.server.access import refuse_unknown  # noqa: E402
from fovea.server.grants import Caller, Grant, current  # noqa: E402
from fovea.server.idempotency import KEPT_SECONDS, Requests, digest_of, key_of  # noqa: E402
from fovea.server.memories import Memories, ScopedMemory  # noqa: E402
from fovea.server.problems import Problem, problem_of  # noqa: E402
from fovea.server.scopes import parts_of, whole  # noqa: E402
from fovea.server.tokens import TokenFile  # noqa: E402
from fovea.server.transfers import Transfers  # noqa: E402
from starlette.datastructures import QueryParams  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")


# Keys of requests


@pytest.fixture
def requests(tmp_path):
    made = Requests(tmp_path / "requests")
    yield made
    made.close()


def status_of(call, *arguments) -> int:
    with pytest.raises(Problem) as refused:
        call(*arguments)
    return refused.value.status_code


def test_a_key_goes_from_begun_to_answered_or_free(requests):
    assert requests.begin("ann", "k", b"one") is None
    assert status_of(requests.begin, "ann", "k", b"one") == 409  # under way, whatever it asks
    assert status_of(requests.begin, "ann", "k", b"two") == 409
    requests.forget("ann", "k")  # it failed
    assert requests.begin("ann", "k", b"two") is None
    requests.finish("ann", "k", b"answer")
    assert requests.begin("ann", "k", b"two") == b"answer" and status_of(requests.begin, "ann", "k", b"one") == 422


def test_a_key_is_its_owners_alone(requests):
    for owner in ("ann", "bob", ""):
        assert requests.begin(owner, "k", b"one") is None
        requests.finish(owner, "k", owner.encode() + b"'s")
    assert requests.begin("bob", "k", b"one") == b"bob's" and requests.begin("", "k", b"one") == b"'s"
    requests.forget("bob", "k")
    assert requests.begin("ann", "k", b"one") == b"ann's" and requests.begin("bob", "k", b"other") is None


def test_a_request_of_a_killed_server_may_be_made_again_and_only_as_it_was(tmp_path):
    before = Requests(tmp_path / "requests")
    before.begin("ann", "k", b"one")
    before.close()
    after = Requests(tmp_path / "requests")
    assert status_of(after.begin, "ann", "k", b"two") == 422 and after.begin("ann", "k", b"one") is None
    after.finish("ann", "k", b"answer")
    after.close()


def test_a_key_is_free_after_a_day(requests, monkeypatch):
    now = time.time()
    monkeypatch.setattr(idempotency.time, "time", lambda: now)
    requests.begin("ann", "k", b"one")
    requests.finish("ann", "k", b"answer")
    now += KEPT_SECONDS - 1
    assert requests.begin("ann", "k", b"one") == b"answer"
    now += 2
    assert requests.begin("ann", "k", b"two") is None


def test_of_many_at_once_one_is_let_through(requests):
    let, kept = [], threading.Barrier(8)

    def ask():
        kept.wait()
        try:
            let.append(requests.begin("ann", "k", b"one"))
        except Problem as problem:
            let.append(problem.status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, let)) == ["409"] * 7 + ["None"]


@pytest.mark.parametrize(("header", "key"), [
    (None, None), ("a", "a"), (" a-1 ", "a-1"), ('"quoted"', "quoted"), ("x" * 255, "x" * 255)])
def test_a_key_is_what_stands_between_quotes_and_blanks(header, key):
    assert key_of(header) == key


@pytest.mark.parametrize("header", ["", " ", '""', "x" * 256, "é", "a\tb", "a\x7fb", "\udcff"])
def test_what_is_no_key_is_refused(header):
    assert status_of(key_of, header) == 422


def test_no_two_requests_have_one_digest():
    parts = [(b"POST", b"/v1/age", b"", b"{}"), (b"POST", b"/v1/age", b"{}", b""), (b"POST/", b"v1/age", b"", b"{}"),
             (b"POST", b"/v1/age", b"", b"{}", b""), (b"POST", b"/v1/age", b"scope=a", b"{}"), ()]
    digests = {digest_of(secret, *some) for secret in ("ann", "bob", "\udcff", "") for some in parts}
    assert len(digests) == 4 * len(parts) and {len(digest) for digest in digests} == {32}


# Memories that are open


class Pool(Memories):
    """Counts what is open, of real memories."""

    def __init__(self, folder, most: int) -> None:
        super().__init__(str(folder / "memory.db"), None, QUICK, most)
        self.made: list[str] = []

    def _open(self, scope: str) -> ScopedMemory:
        self.made.append(scope)
        return super()._open(scope)


def in_loop(work):
    asyncio.run(asyncio.wait_for(work, 240))


def test_the_scope_that_was_not_used_for_longest_makes_room(tmp_path):
    async def work() -> None:
        pool = Pool(tmp_path, most=2)
        for scope in ("a", "b", "a", "c", "a", "b"):
            async with pool.use(scope) as opened:
                await opened.reader()
            assert len(pool) <= 3  # one may be closing
        assert pool.made == ["a", "b", "c", "b"]
        await pool.close()

    in_loop(work())


def test_a_scope_waits_while_all_that_may_be_open_are_in_use(tmp_path):
    async def work() -> None:
        pool, came = Pool(tmp_path, most=1), asyncio.Event()

        async def late() -> None:
            async with pool.use("b") as opened:
                await opened.reader()
                came.set()

        async with pool.use("a") as first, pool.use("a") as second:
            assert first is second and await first.reader() is await second.reader() is not await first.writer()
            waiting = asyncio.create_task(late())
            await asyncio.sleep(0.1)
            assert not came.is_set()
        await waiting
        assert pool.made == ["a", "a", "b"]
        await pool.close()

    in_loop(work())


def test_who_gives_up_waiting_holds_no_room(tmp_path):
    async def work() -> None:
        pool = Pool(tmp_path, most=1)

        async def late(scope: str) -> None:
            async with pool.use(scope) as opened:
                await opened.reader()

        async with pool.use("a"):
            tasks = [asyncio.create_task(late(scope)) for scope in ("b", "c")]
            await asyncio.sleep(0.05)
            tasks[0].cancel()
            await asyncio.sleep(0.05)
        await tasks[1]
        assert tasks[0].cancelled() and pool.made == ["c"]
        await pool.close()

    in_loop(work())


def test_whatever_comes_at_once_everybody_is_served_and_nothing_stays_open(tmp_path):
    async def work() -> None:
        pool, rng, most = Pool(tmp_path, most=3), random.Random(1), []

        async def visit(number: int) -> None:
            async with pool.use(f"user{rng.randrange(6)}") as opened:
                memory = await (opened.writer() if number % 2 else opened.reader())
                most.append(len(pool._opened))
                await memory.stats()

        tasks = [asyncio.create_task(visit(number)) for number in range(40)]
        for task in rng.sample(tasks, 6):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() or task.exception() is None for task in tasks) and max(most) <= 3
        await pool.close()
        assert len(pool) == 0

    in_loop(work())


# Who may look where


def caller_of(scope: str, *granted: str) -> Caller:
    return Caller(Grant("t", frozenset(["read"]), tuple(map(parts_of, granted))), scope)


@pytest.mark.parametrize(("granted", "asked", "scope"), [
    (["ann"], None, "ann/default/default"), (["ann/coder", "bob"], None, "ann/coder/default"), (["ann"], "ann/x", "ann/x/default"),
    (["ann/coder"], "ann/coder/s/r", "ann/coder/s/r"), (["ann"], "anna", None), (["ann/coder"], "ann", None),
    (["ann%2Fx"], "ann/x", None), (["ann"], "ann%2Fx", None), (["ann/default"], "ann", "ann/default/default"),
    ([], "ann", None), ([], None, None), (["ann/coder/s/r"], "ann/coder/s", None)])
def test_a_request_is_for_a_scope_that_begins_as_granted(granted, asked, scope):
    grant = Grant("t", frozenset(), tuple(map(parts_of, granted)))
    if scope is None:
        assert status_of(grant.scope_of, asked) == 403
    else:
        assert grant.scope_of(asked) == scope


@pytest.mark.parametrize("name", ["", "/", "a//b", "a/b/c/d/e", "a\n", "a\x00", "\udcff", "\ufffd", "x" * 201, "a/"])
def test_what_names_no_scope_is_refused(name):
    with pytest.raises(fovea.InvalidArgument, match="scope: expected"):
        parts_of(name)
    assert whole(parts_of("x" * 200)) == ("x" * 200, "default", "default", "default")


def test_no_condition_shows_what_the_caller_may_not_see(tmp_path):
    """What the library takes for a condition on a scope, the guard takes for one too, however it is written."""
    path = str(tmp_path / "memory.db")
    for scope in ("ann/coder/s1", "ann/coder/s2", "ann/private", "bob/coder/s1"):
        with fovea.Memory(path, scope=scope, **QUICK) as memory:
            memory.add(f"{ANN} in {scope}", "user")
    rng, refused, taken = random.Random(5), 0, 0
    fields = ["agent", "session", "run", "user", "role", "AGENT", "Session", "agent session", "time"]
    operators = ["=", "!=", "~", "<", ">=", " in ", " not in ", "not in ", "==", " = "]
    values = ["x", "user", "private", "*", "a,b", "s1", "'x'", "session = x", "0"]
    odd = ["", " ", "\t", "\n", "\0", "\u00a0", "(", "not ", '"', "\udcff", "\u200b"]
    with fovea.Memory(path, scope="ann/coder/s1", **QUICK) as memory:
        for granted, mine in (("ann/coder/s1", {"ann/coder/s1"}), ("ann/coder", {"ann/coder/s1", "ann/coder/s2"})):
            caller = caller_of("ann/coder/s1", granted)
            for _ in range(1500):
                text = rng.choice(odd) + rng.choice(fields) + rng.choice(odd) + rng.choice(operators) + rng.choice(odd) + \
                    rng.choice(values) + rng.choice(odd)
                try:
                    caller.require_own([text])
                except Problem:
                    refused += 1
                    continue
                try:
                    found = memory.messages(where=[text])
                except (fovea.InvalidArgument, ValueError):
                    continue
                taken += bool(found)
                assert {str(message.scope) for message in found} <= mine, text
    assert refused > 200 and taken > 5


def test_outside_a_request_the_server_itself_asks(tmp_path):
    async def work() -> None:
        memory = ScopedMemory(str(tmp_path / "memory.db"), None, "ann", **QUICK)
        assert await memory.messages(where=["agent != x"]) == []
        token = current.set(caller_of("ann/default/default", "ann/default"))
        with pytest.raises(Problem, match="agent"):
            await memory.messages(where=["agent != x"])
        assert await memory.messages(where=["session != x"]) == []
        current.reset(token)
        await memory.close()

    in_loop(work())


@pytest.mark.parametrize(("query", "said"), [
    ("limit=1", None), ("", None), ("where=a&where=b", None), ("limt=1", "query:limt: not a parameter of this route"),
    ("limit=1&limit=2", "query:limit: given more than once"), ("scope=a&scope=b", "query:scope: given more than once"),
    ("x" * 100 + "=1", "query:" + "x" * 40 + ": not a parameter")])
def test_a_parameter_that_there_is_not_or_twice_is_told(query, said):
    known = {"limit", "scope", "where"}
    if said is None:
        refuse_unknown(QueryParams(query), known)
    else:
        with pytest.raises(Problem) as refused:
            refuse_unknown(QueryParams(query), known)
        assert refused.value.status_code == 422 and said in refused.value.detail


# Errors


@pytest.mark.parametrize(("error", "status", "code"), [
    (fovea.InvalidArgument("x"), 422, "invalid_argument"), (fovea.NotFound("x"), 404, "not_found"),
    (fovea.Corruption("x"), 500, "corruption"), (fovea.IOFailure("x"), 503, "io"), (fovea.Unsupported("x"), 501, "unsupported"),
    (MemoryError(), 503, "io"), (KeyError("x"), 500, "failure"), (Problem(409, "conflict", "x"), 409, "conflict")])
def test_an_error_has_a_status_a_code_and_no_place(error, status, code):
    problem = problem_of(error, {"/secret/memory.db": "the store"})
    assert (problem.status_code, problem.code) == (status, code) and problem.document()["code"] == code
    assert problem.document().get("retry_after") == (5 if status == 503 else None)
    hidden = problem_of(fovea.NotFound("no page 3 of /secret/memory.db \udcff"), {"/secret/memory.db": "the store"})
    assert hidden.detail == "no page 3 of the store \ufffd"


# Tokens and files


def test_a_token_that_was_never_made_is_nobodys(tmp_path):
    tokens = TokenFile(settings_of(tmp_path).state.tokens)
    made = tokens.create(["ann"], ["read"])
    public = made.split("_")[1]
    assert tokens.find(made).scopes == (("ann",),)
    for wrong in ("", "x", made[:-1], made + "x", made.upper(), f"fovea_{public}_", f"fovea_{public}", f"_{public}_x", "\udcff", "é"):
        assert tokens.find(wrong) is None, wrong
    other = tokens.create(["bob"], ["read"])
    swapped = f"fovea_{public}_{other.split('_', 2)[2]}"
    assert tokens.find(swapped) is None and tokens.find(other).scopes == (("bob",),)


@pytest.mark.parametrize(("scopes", "rights"), [
    (["ann"], []), (["ann"], ["reed"]), ([], ["read"]), (["ann//b"], ["read"]), (["ann", ""], ["read"]), ([], ["metrics", "read"])])
def test_a_token_for_nothing_is_not_made(tmp_path, scopes, rights):
    tokens = TokenFile(tmp_path / "tokens")
    with pytest.raises(fovea.InvalidArgument):
        tokens.create(scopes, rights)
    assert not tokens.exists() and tokens.kept() == []


def test_files_on_their_way_go_with_their_request_and_their_server(tmp_path):
    first = Transfers(tmp_path / "transfers")
    with first.place() as one, first.place() as two:
        one.write_bytes(b"scope")
        two.write_bytes(b"scope")
        assert one != two
        second = Transfers(tmp_path / "transfers")  # of the same store: it takes nothing of a server that runs
        assert one.exists() and len(list((tmp_path / "transfers").iterdir())) == 2
    assert not one.exists() and not two.exists()
    os.close(first._held)  # as if it had been killed
    third = Transfers(tmp_path / "transfers")
    assert not first._folder.exists() and second._folder.exists()
    second.close()
    third.close()
    assert list((tmp_path / "transfers").iterdir()) == []
