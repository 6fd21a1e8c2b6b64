"""fovea-server over a store on a PostgreSQL server: where it keeps the rest, and a database that goes away."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import httpx
import pytest

from server_app import ANN, Served, client_of, command_line, stored_in, token_of  # noqa: F401

import fovea  # noqa: E402
from fovea.server.state import state_of  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

NOTE = {"messages": [{"role": "note", "content": "The spare key hangs behind the almanac."}]}
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "fovea"


def test_a_store_on_a_server_has_a_private_folder_of_its_own_by_default(home):
    state = state_of("postgresql://ann:secret@db.example:5433/memory", None, None)
    folder = state.tokens.parent
    assert folder.parent == home and folder.name.startswith("ann_db.example_5433_memory-")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (state.tokens.name, state.requests.name, state.transfers.name) == ("tokens", "requests", "transfers")
    assert state_of("postgresql://ann:other@db.example:5433/memory", None, None) == state
    for other in ("postgresql://ann@db.example:5433/memory_", "postgresql://ann@db.example:5434/memory"):
        assert state_of(other, None, None).tokens.parent != folder


def test_a_folder_that_others_can_look_into_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(fovea.InvalidArgument, match="chmod 700"):
        state_of("memory.db", str(tmp_path), None)
    with pytest.raises(fovea.IOFailure, match="give another one with --state"):
        state_of("memory.db", "/proc/nowhere", None)
    beside = state_of(str(tmp_path / "memory.db"), None, None)
    assert beside.tokens == tmp_path / "memory.db.tokens" and beside.transfers == tmp_path / "memory.db.transfers"


def test_tokens_keys_and_transfers_are_in_the_folder(server, tmp_path):
    url, state = server.make("folder"), tmp_path / "state"
    made = subprocess.run([sys.executable, "-m", "fovea.server", "token", "create", "--store", url, "--state", state,
                           "--scope", "ann"], text=True, capture_output=True, check=True)
    with Served(tmp_path, "--state", str(state), store=url) as served:
        assert served.get("/v1/stats").status_code == 401
        ann = {"Authorization": f"Bearer {made.stdout.strip()}"}
        body = {"headers": {**ann, "Idempotency-Key": "k"}, "json": NOTE, "timeout": 60}
        answers = [httpx.post(served.url + "/v1/messages", **body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200] and answers[1].headers["Idempotent-Replayed"]
        exported = httpx.post(served.url + "/v1/export", json={}, headers=ann, timeout=120)
        assert exported.content.startswith(b"SQLite format 3")
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "key"}}}
        told = httpx.post(served.url + "/mcp", json=asked, timeout=120, headers={
            **ann, "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"})
        assert "behind the almanac" in told.text
    assert sorted(path.name for path in state.iterdir()) == ["requests", "tokens", "transfers"]
    assert [path for path in state.iterdir() if path.stat().st_mode & 0o077] == []


def answers_in_time(call, seconds=120):
    """Asks until the answer is one of success."""
    until = time.monotonic() + seconds
    while (answer := call()).status_code != 200 and time.monotonic() < until:
        time.sleep(0.2)
    return answer


def test_a_database_that_goes_away_is_a_503_and_heals_without_a_restart(server, tmp_path):
    url = server.make("lost")
    with Served(tmp_path, "--state", str(tmp_path / "state"), store=url) as served:
        def post(path, body, **headers):
            return httpx.post(served.url + path, json=body, headers=headers, timeout=120)

        assert post("/v1/messages", NOTE).status_code == 200
        server.stop_at_once()
        try:
            asked = [served.get("/readyz"), post("/v1/search", {"query": "key"}),
                     post("/v1/messages", NOTE, **{"Idempotency-Key": "k"}), served.get("/v1/stats?scope=bob")]
            for answer in asked:
                assert answer.status_code == 503, answer.text
                assert answer.headers["content-type"] == "application/problem+json"
                problem = answer.json()
                assert problem["code"] == "io" and problem["retry_after"] == int(answer.headers["Retry-After"])
                assert "/tmp/" not in answer.text and "FATAL" not in answer.text and "fovea@" not in answer.text
            line = json.loads(post("/v1/messages", NOTE, **LINES).text.splitlines()[-1])
            assert line["error"]["status"] == 503 and line["error"]["retry_after"] == 5
            assert served.get("/healthz").status_code == 200
        finally:
            server.start()
        assert answers_in_time(lambda: served.get("/readyz")).status_code == 200
        # What was lost while it was idle is no error: a session is begun anew.
        assert post("/v1/search", {"query": "almanac"}).json()["verbatim_snippet"]
        assert post("/v1/messages", NOTE, **{"Idempotency-Key": "k"}).status_code == 200
        assert served.get("/v1/stats").json()["messages"] == 2
        server.stop_at_once()
        server.start()
        answers_in_time(lambda: served.get("/readyz"))
        assert post("/v1/search", {"query": "almanac"}).status_code == 200
    log = [json.loads(line) for line in served.log.read_text().splitlines()]
    assert any("does not answer" in line.get("error", "") for line in log)  # who runs it is told why
    with fovea.Memory(url) as memory:
        assert memory.verify() == []


def test_a_url_that_cannot_be_used_ends_the_server_without_its_password(program, home):
    for odd in ("postgresql://ann:sec/ret@host/db", "postgresql://ann:secret@/tmp/nowhere/db",
                "postgresql://ann:secret@%2Ftmp%2Fnowhere/db", "mysql://ann:secret@host/db"):
        done = program("serve", "--store", odd)
        assert done.returncode in (1, 2) and "fovea-server: " in done.stderr
        assert "sec" not in done.stderr + done.stdout


def test_the_stack_of_a_library_stays_in_the_log(server, tmp_path, monkeypatch, caplog):
    settings = stored_in(server.make("stack"), tmp_path / "state")
    stack = f"mat1 and mat2 {ANN}\nException raised from addmm at ../aten/Linear.cpp:42 (most recent call first):\nframe #0"

    async def fail(self, call):
        raise fovea.Error(stack)

    with client_of(settings) as client:
        header = token_of(settings, "ann")
        monkeypatch.setattr(fovea.AsyncMemory, "_run", fail)
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "stats", "arguments": {}}}
        said = [client.get("/v1/stats", headers=header), client.post("/v1/finish", headers=header),
                client.post("/v1/finish", headers={**header, **LINES}),
                client.post("/mcp", json=asked, headers={**header, "Accept": "application/json, text/event-stream"})]
    for answer in said:
        assert "Linear.cpp" not in answer.text and "mat1" not in answer.text and "the memory failed" in answer.text
    from fovea.server.logs import Lines

    log = [Lines().format(record) for record in caplog.records]
    assert any("addmm at ../aten/Linear.cpp:42" in line for line in log) and not any(ANN in line for line in log)
