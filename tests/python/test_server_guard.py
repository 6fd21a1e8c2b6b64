"""What fovea-server asks of every request: a name, a token, bounds. And what it says of them in its log."""

from __future__ import annotations

import concurrent.futures
import contextlib
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time

import anyio
import pytest

from harbour import prose
from held import Held
from server_app import ANN, client_of, command_line, fill, settings_of, token_of  # noqa: F401

import fovea  # noqa: E402
from fovea.server import logs  # noqa: E402
from fovea.server.app import make_app  # noqa: E402
from fovea.server.settings import Limits  # noqa: E402
from fovea.server.tokens import TokenFile  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

LINE = {"messages": [{"role": "user", "content": "The spare key hangs behind the almanac."}]}


@pytest.fixture
def settings(tmp_path):
    return settings_of(tmp_path)


@pytest.fixture
def client(settings):
    with client_of(settings) as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/stats", "/mcp", "/openapi.json", "/metrics", "/nowhere"])
def test_only_requests_that_name_this_server_are_answered(client, path):
    for host in ("evil.example", "evil.example:8322", "127.0.0.1:1", "", "127.0.0.1.evil.example"):
        assert client.get(path, headers={"Host": host}).status_code == 421
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", ""):
        assert client.get(path, headers={"Origin": origin}).status_code == 403
    assert client.get(path, headers={"Host": "localhost:8322", "Origin": "http://localhost:8322"}).status_code not in (403, 421)


def test_probes_need_neither_name_nor_token(client, settings):
    token_of(settings, "ann")
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"Host": "10.0.0.7:8322"}).status_code == 200


def test_a_store_that_cannot_be_read_is_not_ready(tmp_path):
    settings = settings_of(tmp_path, Limits(open=1))
    with client_of(settings) as client:
        client.post("/v1/messages", json=LINE, params={"scope": "ann"})  # the store's own memory is closed
        for part in ("", "-wal", "-shm"):
            os.rename(settings.store + part, settings.store + ".away" + part)
        (tmp_path / "memory.db").write_bytes(b"not a store, but long enough to be read as one" * 100)
        said = client.get("/readyz")
        assert said.status_code in (422, 500, 503) and settings.store not in said.text
        assert client.get("/healthz").status_code == 200


def test_a_revoked_token_is_refused_by_the_next_request(client, settings):
    header, tokens = token_of(settings, "ann"), TokenFile(settings.state.tokens)
    assert client.get("/v1/stats", headers=header).status_code == 200
    tokens.revoke(tokens.kept()[0].id)
    said = client.get("/v1/stats", headers=header)
    assert said.status_code == 401 and said.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/v1/stats").status_code == 401  # nor is none enough, with none left
    settings.state.tokens.unlink()
    assert client.get("/v1/stats").status_code == 401


def test_tokens_are_kept_as_hashes_in_a_private_file(settings):
    tokens = TokenFile(settings.state.tokens)
    made = [tokens.create([f"ann/{place}"], ["read"], "a note") for place in range(3)]
    text = settings.state.tokens.read_text()
    assert not any(token.rsplit("_", 1)[1] in text for token in made) and len(set(made)) == 3
    assert settings.state.tokens.stat().st_mode & 0o777 == 0o600
    assert [tokens.find(token).scopes for token in made] == [(("ann", str(place)),) for place in range(3)]
    for wrong in ("", "fovea", "fovea__", made[0] + "x", made[0][:-1], made[0][:15] + made[1][15:], "\udcff", "é" * 50):
        assert tokens.find(wrong) is None
    settings.state.tokens.chmod(0o644)
    with pytest.raises(fovea.InvalidArgument, match="chmod 600"):
        tokens.find(made[0])


def test_tokens_that_are_made_at_once_are_all_kept(settings):
    tokens = TokenFile(settings.state.tokens)
    threads = [threading.Thread(target=tokens.create, args=([f"u{place}"], ["read"])) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.scopes[0] for one in tokens.kept()} == {f"u{place}" for place in range(20)}


def test_a_damaged_token_file_lets_nobody_in(client, settings):
    header = token_of(settings, "ann")
    for content in ("", "{}", '{"tokens": [{"id": "x"}]}', '{"tokens": 3}', "\udcff"):
        settings.state.tokens.write_bytes(content.encode("utf-8", "surrogateescape"))
        said = client.get("/v1/stats", headers=header)
        assert said.status_code in (404, 500) and "pages" not in said.text and "Traceback" not in said.text


def test_the_command_makes_lists_and_revokes_tokens(program, tmp_path):
    store = ("--store", str(tmp_path / "memory.db"))
    token = program("token", "create", "--scope", "ann/coder", "--rights", "read", "--note", "laptop", *store).stdout.strip()
    assert token.startswith("fovea_") and len(token) > 50
    listed = program("token", "list", *store).stdout
    public = token.split("_")[1]
    assert public in listed and "ann/coder" in listed and "laptop" in listed and token not in listed
    assert program("token", "revoke", public, *store).returncode == 0
    assert program("token", "list", *store).stdout == ""
    for arguments, message in [(["token", "revoke", public], "no token"), (["token", "create"], "--scope ann/coder"),
                               (["token", "create", "--scope", "a//b"], "expected user/agent"),
                               (["token", "create", "--scope", "a", "--rights", "fly"], "fly: expected some of read"),
                               (["serve", "--http", "0.0.0.0:1", "--tokens", str(tmp_path / "none")], "token create"),
                               (["serve", "--http", "127.0.0.1:0", "--rate", "often"], "--rate often"),
                               (["serve", "--http", "127.0.0.1:0", "--policy", "wild"], "wild")]:
        failed = program(*arguments, *store)
        assert failed.returncode in (2, 3) and message in failed.stderr and "Traceback" not in failed.stderr, failed.stderr
    for verb in (["--help"], ["serve", "--help"], ["token", "--help"]):
        assert "examples:" in program(*verb).stdout


def test_large_bodies_are_refused_declared_or_not(tmp_path):
    with client_of(settings_of(tmp_path, Limits(bytes=1000, import_bytes=2000))) as client:
        fits = {"messages": [{"role": "user", "content": "x" * 900}]}
        assert client.post("/v1/messages", json=fits).status_code == 200

        def pieces():
            for _ in range(50):
                yield b"x" * 100

        for path, size in (("/v1/messages", 1001), ("/v1/histories", 1001), ("/v1/import", 2001), ("/mcp", 1001)):
            for content in (b"x" * size, pieces()):
                said = client.post(path, content=content, headers={"Content-Type": "application/json"})
                assert said.status_code == 413 and said.json()["code"] == "too_large", (path, said.text)
        assert client.get("/v1/stats").json()["messages"] == 1


def answered(settings, path: str, receive, send=None, more=()) -> list[dict]:
    """What the app sends for a POST with this body, without a server between."""
    sent: list[dict] = []

    async def keep(message):
        sent.append(message)

    async def run():
        app = make_app(settings)
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "headers": [(b"host", b"127.0.0.1:8322"), (b"content-type", b"application/json"),
                             (b"transfer-encoding", b"chunked"), *more], "client": ("1.2.3.4", 5),
                 "http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}}
        async with app._app.router.lifespan_context(app._app):
            await app(scope, receive, send or keep)

    anyio.run(run)
    return sent


def test_a_body_that_comes_too_slowly_is_given_up(tmp_path):
    for path in ("/v1/search", "/v1/histories", "/v1/import", "/mcp"):
        asked = []

        async def trickle(asked=asked):
            asked.append(1)
            await anyio.sleep(.2)
            return {"type": "http.request", "body": b" ", "more_body": True}

        sent = answered(settings_of(tmp_path, Limits(body_seconds=.5)), path, trickle)
        assert sent[0]["status"] == 408 and json.loads(sent[1]["body"])["code"] == "timeout"
        assert (b"connection", b"close") in [(name.lower(), value) for name, value in sent[0]["headers"]]
        assert 1 <= len(asked) <= 4


def test_a_listener_who_is_gone_before_the_first_line_leaves_the_key_free(tmp_path):
    settings = settings_of(tmp_path)
    said = [{"type": "http.request", "body": json.dumps(LINE).encode(), "more_body": False}]

    async def then_gone():
        return said.pop() if said else {"type": "http.disconnect"}

    async def fails(message):
        raise OSError("gone")

    more = [(b"accept", b"application/x-ndjson"), (b"idempotency-key", b"k")]
    answered(settings, "/v1/messages", then_gone, fails, more)
    with client_of(settings) as client:
        again = client.post("/v1/messages", content=json.dumps(LINE).encode(),
                            headers={"Idempotency-Key": "k", "Content-Type": "application/json"})
        assert again.status_code == 200
        assert client.get("/v1/verbatim").json()["text"].count("almanac") == 1


def test_an_answer_that_nobody_takes_is_given_up(tmp_path):
    async def whole():
        return {"type": "http.request", "body": json.dumps(LINE).encode(), "more_body": False}

    async def stuck(message):
        await anyio.sleep_forever()

    answered(settings_of(tmp_path, Limits(body_seconds=1)), "/v1/messages", whole, stuck)  # returns


def test_a_token_has_so_many_requests_a_minute_and_another_has_its_own(tmp_path):
    settings = settings_of(tmp_path, Limits(rate="5/minute"))
    with client_of(settings) as client:
        ann, bob = token_of(settings, "ann"), token_of(settings, "bob")
        statuses = [client.get("/v1/stats", headers=ann).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        said = client.get("/v1/stats", headers=ann)
        assert 1 <= int(said.headers["Retry-After"]) <= 61 and said.json()["code"] == "too_many"
        assert client.get("/v1/stats", headers=bob).status_code == 200
        guesses = [client.get("/v1/stats", headers={"Authorization": f"Bearer fovea_0_{n}"}).status_code for n in range(12)]
        assert guesses == [401] * 10 + [429] * 2


def test_more_requests_at_once_than_the_server_takes_are_told_to_try_again(tmp_path):
    held = Held()
    with client_of(settings_of(tmp_path, Limits(running=2), embedder=held)) as client:
        def post():
            return client.post("/v1/messages", json=LINE).status_code

        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [pool.submit(post) for _ in range(2)]
            while client.app._running.total() < 2:
                time.sleep(.01)
            assert [post() for _ in range(4)] == [503] * 4 and client.get("/healthz").status_code == 200
            held.go_on.set()
            assert [each.result(120) for each in running] == [200, 200]
        assert post() == 200


def test_one_token_leaves_half_of_the_server_to_the_others(tmp_path):
    settings = settings_of(tmp_path, Limits(running=4))
    with client_of(settings) as client:
        ann, bob = token_of(settings, "ann"), token_of(settings, "bob")
        client.app._running.update({TokenFile(settings.state.tokens).kept()[0].id: 2})  # two of Ann's are under way
        stats = [client.get("/v1/stats", headers=who) for who in (ann, bob, bob)]
        assert [answer.status_code for answer in stats] == [503, 200, 200]
        assert stats[0].json()["code"] == "busy" and "Retry-After" in stats[0].headers


def test_an_answer_that_takes_too_long_is_given_up_and_what_is_done_is_kept(tmp_path):
    settings = settings_of(tmp_path, Limits(seconds=3))
    with client_of(settings) as client:
        client.post("/v1/messages", json=LINE)
        with contextlib.closing(sqlite3.connect(settings.store, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")  # so it waits, on any machine
            said = client.post("/v1/messages", json={"messages": [{"role": "user", "content": prose(300)}]})
            holder.execute("ROLLBACK")
        assert said.status_code == 504 and said.json()["code"] == "timeout"
    with fovea.Memory(settings.store) as memory:  # it ended with the page in hand
        assert memory.stats().messages == 2 and memory.stats().pages == 1


def test_the_log_has_figures_and_no_text(settings):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.Lines())
    logger = logging.getLogger("fovea.server")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        fill(settings.store, "ann/coder", ANN)
        with client_of(settings) as client:
            header = token_of(settings, "ann/coder")
            said = client.post("/v1/search", json={"query": f"{ANN} first"}, headers=header, params={"scope": "ann/coder"})
            client.post("/v1/search", json={"query": ANN, "where": [f"mood = {ANN}"]}, headers=header)
            client.get(f"/v1/{ANN}", headers=header)
            client.app._app.state.memories.use = None  # a mistake of the server's own
            failed = client.post("/v1/messages", json={"messages": [{"role": "user", "content": ANN}]}, headers=header)
    finally:
        logger.removeHandler(handler)
    text = written.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert ANN not in text and header["Authorization"].split("_", 2)[2] not in text
    first = next(line for line in lines if line["event"] == "request")
    assert first["route"] == "/v1/search" and first["status"] == 200 and first["bytes_out"] > 100
    assert first["token"] == TokenFile(settings.state.tokens).kept()[0].id and first["request"] == said.headers["X-Request-Id"]
    assert failed.status_code == 500 and failed.json()["code"] == "failure"
    assert any("TypeError at" in line.get("error", "") and line["request"] == failed.headers["X-Request-Id"]
               for line in lines if line["event"] == "failed")


def test_metrics_count_routes_and_name_no_scope(client, settings):
    ann, scraper = token_of(settings, "ann/coder"), token_of(settings, rights="metrics")
    client.post("/v1/messages", json={**LINE, "finish": True}, headers=ann)
    client.get("/v1/pages/77/picture", headers=ann)
    client.get("/v1/wherever", headers=ann)
    assert client.get("/metrics", headers=ann).status_code == 403
    text = client.get("/metrics", headers=scraper).text
    assert 'fovea_requests_total{method="POST",route="/v1/messages",status="200"} 1.0' in text
    assert 'route="/v1/pages/{page}/picture",status="404"' in text and "wherever" not in text
    assert "fovea_pages_written_total 1.0" in text and "ann" not in text.replace("channel", "")


def test_traces_have_routes_and_no_query(tmp_path):
    pytest.importorskip("opentelemetry.instrumentation.fastapi")
    from fastapi.testclient import TestClient
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from fovea.server import tracing
    from fovea.server.app import make_routes
    from fovea.server.guard import Guard

    settings, spans = settings_of(tmp_path), InMemorySpanExporter()
    app = make_routes(settings)
    end = tracing.install(app, "", spans)
    with TestClient(Guard(app, settings, TokenFile(settings.state.tokens), app.state.metrics),
                    base_url="http://127.0.0.1:8322") as client:
        client.get("/v1/messages", params={"where": f"source = {ANN}", "scope": "ann/secret"})
        client.get("/healthz")
    end()
    told = [(span.name, dict(span.attributes)) for span in spans.get_finished_spans()]
    assert any(name == "GET /v1/messages" for name, _ in told) and "secret" not in str(told) and ANN not in str(told)
    assert "healthz" not in str(told)


def test_files_beside_the_store_are_the_owners_alone(client, settings, tmp_path):
    client.post("/v1/messages", json=LINE, headers={**token_of(settings, "ann"), "Idempotency-Key": "k"})
    beside = [path for path in tmp_path.iterdir() if path.name.startswith("memory.db.")]
    assert {path.name.split(".")[2].split("-")[0] for path in beside} >= {"tokens", "requests", "transfers"}
    assert [path.name for path in beside if path.stat().st_mode & 0o077] == []


def test_a_damaged_file_of_keys_is_told_at_the_start(tmp_path):
    (tmp_path / "memory.db.requests").write_bytes(b"no database, whatever it is" * 100)
    failed = subprocess.run([sys.executable, "-m", "fovea.server", "serve", "--http", "127.0.0.1:0", "--store",
                             tmp_path / "memory.db"], text=True, capture_output=True, timeout=240)
    assert failed.returncode == 1 and "memory.db.requests cannot be used" in failed.stderr and "Traceback" not in failed.stderr
