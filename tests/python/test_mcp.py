"""fovea-mcp with the SDK's own client, over stdio and streamable HTTP, and the hook beside it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("mcp.server.mcpserver", reason="pip install mcp")

import fovea  # noqa: E402
from mcp import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters  # noqa: E402
from mcp.shared.exceptions import MCPError  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

SESSION = pathlib.Path(__file__).resolve().parents[1] / "history/fixtures/claude_code_session.jsonl"
SERVER = ["-m", "fovea.mcp_server"]


@pytest.fixture
def store(tmp_path):
    """One page, and a line that fills none."""
    with fovea.Memory(tmp_path / "memory.db", level="tiny", measured_pages=0) as memory:
        memory.add_many([prose(53), "The spare key hangs behind the almanac."])
        assert memory.finish().pages + memory.stats().pages >= 1
        memory.add("The new lamp came on Friday.", "note")
    return tmp_path / "memory.db"


def stdio(store: pathlib.Path) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=[*SERVER, "--store", str(store)], env=dict(os.environ))


def with_client(server, work):
    async def run():
        async with Client(server) as client:
            return await work(client)

    return asyncio.run(asyncio.wait_for(run(), 120))


def test_what_is_remembered_is_found_and_read_back(store):
    async def work(client):
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"remember", "recall", "search", "list", "pages", "context", "pin", "forget",
                              "erase", "stats"}
        assert all(tool.description for tool in tools.values())
        assert {name for name, tool in tools.items() if tool.annotations.read_only_hint} == \
            {"recall", "search", "list", "pages", "context", "stats"}
        assert {name for name, tool in tools.items() if tool.annotations.destructive_hint} == {"forget", "erase"}
        kept = await client.call_tool("remember", {"text": "The cellar floods in March.", "source_id": "n1"})
        assert kept.structured_content["characters_not_on_a_page"] > 0
        newest = (await client.call_tool("search", {"query": "cellar"})).structured_content
        assert "The cellar floods in March." in newest["newest"]
        whole = (await client.call_tool("recall", {"page": 0})).structured_content["result"][0]
        assert whole["level"] == "verbatim" and "The cellar floods in March." in whole["text"]
        found = (await client.call_tool("search", {"query": "00010 ships"})).structured_content["pages"]
        assert found[0]["page"] == 1 and found[0]["picture"] == "fovea://page/1"
        none = (await client.call_tool("search", {"query": "ships", "where": ["level = trace"]})).structured_content
        assert none["pages"] == [] and "the conditions leave none" in none["note"]
        read = (await client.call_tool("recall", {"page": 1, "source": "tokens"})).structured_content["result"][0]
        assert fovea.accuracy(prose(50), read["text"][6:6 + len(prose(50))]) > 0.95
        stats = (await client.call_tool("stats", {})).structured_content
        assert stats["pages_by_level"]["tiny"] >= 1

    with_client(stdio(store), work)


def test_pages_are_image_resources_and_come_into_contexts(store):
    async def work(client):
        content = (await client.read_resource("fovea://page/1")).contents[0]
        assert content.mime_type == "image/png" and base64.b64decode(content.blob).startswith(b"\x89PNG")
        made = await client.call_tool("context", {"budget": 2000, "target": "fovea"})
        assert {part.type for part in made.content} == {"image", "text"}
        asked = await client.call_tool("context", {"budget": 500, "query": "00010"})
        assert "00010 The" in asked.content[0].text
        with pytest.raises(MCPError, match="no page 99"):
            await client.read_resource("fovea://page/99")

    with_client(stdio(store), work)


def test_forgetting_erasing_and_errors_are_told_in_words(store):
    async def work(client):
        plan = await client.call_tool("forget", {"level": "trace", "dry_run": True})
        assert "page 1: tiny -> trace" in plan.structured_content["steps"]
        assert len(plan.structured_content["lost_words"]["1"]) > 5
        done = await client.call_tool("forget", {"level": "faint"})
        assert done.structured_content["tokens_saved"] >= 28
        gone = (await client.call_tool("erase", {"pages": [1]})).structured_content
        assert gone["pages"] == [1] and gone["bytes_gone"] and gone["rewritten"] == []
        for tool, arguments, message in [("recall", {"page": 1}, "no page 1"), ("recall", {}, "either a page or a query"),
                                         ("search", {"query": " "}, "query is empty"),
                                         ("search", {"query": "x", "where": ["mood = good"]}, "mood"),
                                         ("forget", {"level": "blurred"}, "blurred"),
                                         ("recall", {"page": 10**30}, "no page 1000000"),
                                         ("erase", {"pages": [10**30]}, "no page 1000000"),
                                         ("search", {"query": "x", "k": -1}, "k: expected a whole number"),
                                         ("context", {"budget": 10**30}, "budget: expected a whole number")]:
            failed = await client.call_tool(tool, arguments)
            assert failed.is_error and message in failed.content[0].text

    with_client(stdio(store), work)


def test_results_are_bounded_and_dated(store):
    with fovea.Memory(store, level="tiny", measured_pages=0) as memory:
        assert memory.finish().pages == 1

    async def work(client):
        read = (await client.call_tool("recall", {"page": 1, "begin": 100, "limit": 50})).structured_content["result"][0]
        with fovea.Memory(store) as memory:
            text = memory.recall(1).text
        assert read["text"] == text[100:150] and read["characters_left_out"] == len(text) - 150
        assert [part["role"] for part in read["messages"]] == ["user"]
        listed = (await client.call_tool("pages", {"limit": 1})).structured_content
        assert [page["page"] for page in listed["pages"]] == [2] and listed["more"] and not listed["pages"][0]["pinned"]
        assert (await client.call_tool("pin", {"page": 1})).structured_content == {"page": 1, "pinned": True}
        both = (await client.call_tool("pages", {})).structured_content
        assert [page["pinned"] for page in both["pages"]] == [False, True] and not both["more"]
        found = (await client.call_tool("search", {"query": "ships", "k": 10_000})).structured_content["pages"]
        assert found[0]["time"] == both["pages"][1]["time"] and found[0]["time"].endswith("+00:00")
        assert found[0]["role"] == "user"
        said = (await client.call_tool("list", {"limit": 2})).structured_content
        assert [message["role"] for message in said["messages"]] == ["note", "user"] and said["more"]
        assert "lamp" in said["messages"][0]["begins"] and said["messages"][0]["tokens"] > 3
        users = (await client.call_tool("list", {"where": ["role = user"]})).structured_content["messages"]
        assert [message["page"] for message in users][-1] == 1 and {message["role"] for message in users} == {"user"}
        assert (await client.call_tool("list", {"limit": 0})).is_error
        for arguments in ({"page": 1, "limit": 10**9}, {"page": 1, "begin": -1}):
            assert "characters" in (await client.call_tool("recall", arguments)).content[0].text

    with_client(stdio(store), work)


def test_messages_are_erased_by_what_they_say_and_stay_away(store):
    async def work(client):
        note = {"text": "The zebra's PIN is 4711.", "source_id": "n7"}
        await client.call_tool("remember", note)
        planned = (await client.call_tool("erase", {"query": "zebra pin", "dry_run": True})).structured_content
        assert planned["messages"] == 1 and "zebra" in (await client.call_tool("recall", {"page": 0})).content[0].text
        await client.call_tool("erase", {"query": "zebra pin"})
        assert "erased before" in (await client.call_tool("remember", note)).structured_content["note"]
        assert "zebra" not in (await client.call_tool("recall", {"page": 0})).content[0].text
        kept = await client.call_tool("remember", {"text": "It is ghp_" + "a1B2" * 9})
        assert kept.structured_content["note"] == "not kept: 1 GitHub token"

    with_client(stdio(store), work)


def test_a_search_is_answered_while_a_text_is_encoded_and_the_host_hears_of_progress(store):
    async def work(client):
        heard = []

        async def hear(done, total, message):
            heard.append((done, total))

        # Several batches of pages; and again, where all of them are encoded before a question is asked.
        for attempt in range(5):
            heard.clear()
            text = prose(1_000, start=1_000 * attempt)
            long = asyncio.create_task(client.call_tool("remember", {"text": text}, progress_callback=hear))
            while not heard and not long.done():
                await asyncio.sleep(0.01)
            found = (await client.call_tool("search", {"query": "lamp"})).structured_content
            answered_meanwhile = not long.done()
            assert (await long).structured_content["new_pages"] >= 12
            assert heard == sorted(heard) and all(done <= total for done, total in heard)
            if answered_meanwhile:
                break
        assert answered_meanwhile
        assert "lamp" in found["newest"] + str(found["pages"])  # the line may be on a page by now
        refused = await client.call_tool("remember", {"text": "a" * 1_000_001})
        assert refused.is_error and "at most 1,000,000" in refused.content[0].text

    with_client(stdio(store), work)


def test_it_speaks_streamable_http(store):
    with serving(store) as port:
        with_client(f"http://127.0.0.1:{port}/mcp", check_search)


def status_of(port: int, **headers: str) -> int:
    """What the server answers to the first request of a session."""
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("POST", "/mcp", skip_host=True)
    body = json.dumps(hello).encode()
    for name, value in {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", "Content-Length": str(len(body)),
                        "Accept": "application/json, text/event-stream", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    status = connection.getresponse().status
    connection.close()
    return status


def test_only_requests_that_name_this_server_are_answered(store):
    with serving(store, "--allow-host", "memory.example") as port:
        assert status_of(port) == 200 and status_of(port, Host=f"localhost:{port}") == 200
        assert status_of(port, Host="memory.example") == 200 == status_of(port, Origin=f"http://127.0.0.1:{port}")
        assert status_of(port, Host="evil.example") == 421 == status_of(port, Host=f"evil.example:{port}")
        assert status_of(port, Origin="http://evil.example") == 403 == status_of(port, Origin="null")


def test_an_address_that_others_reach_needs_a_token(store, tmp_path):
    refused = subprocess.run([sys.executable, *SERVER, "--store", str(store), "--http", "0.0.0.0:0"], text=True,
                             capture_output=True, timeout=120)
    assert refused.returncode == 2 and "--token-file" in refused.stderr and "Traceback" not in refused.stderr
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n")
    token.chmod(0o600)
    with serving(store, "--token-file", str(token), host="0.0.0.0") as port:
        assert status_of(port) == 401 == status_of(port, Authorization="Bearer wrong")
        assert status_of(port, Authorization="Bearer 0123456789abcdef0123456789abcdef") == 200
        assert status_of(port, Authorization="Bearer 0123456789abcdef0123456789abcdef", Host="evil.example") == 421


@pytest.mark.parametrize("content, mode, message", [
    ("0123456789abcdef", 0o644, "can be read by other users"), ("short", 0o600, "shorter than 16")])
def test_a_bad_token_is_refused(store, tmp_path, content, mode, message):
    (tmp_path / "token").write_text(content)
    (tmp_path / "token").chmod(mode)
    done = subprocess.run([sys.executable, *SERVER, "--store", str(store), "--token-file", str(tmp_path / "token")],
                          text=True, capture_output=True, timeout=120, input="")
    assert done.returncode == 2 and message in done.stderr


@pytest.fixture
def sealed(tmp_path):
    """An encrypted store and the file of its key."""
    key = tmp_path / "key"
    key.write_text(fovea.new_key_text())
    key.chmod(0o600)
    with fovea.Memory(tmp_path / "sealed.db", key=fovea.key_from_file(key)) as memory:
        memory.add("The new lamp came on Friday.", "note")
    return tmp_path / "sealed.db", key


def test_server_and_hook_open_an_encrypted_store(sealed):
    store, key = sealed
    with_client(StdioServerParameters(command=sys.executable, env=dict(os.environ),
                                      args=[*SERVER, "--store", str(store), "--key-file", str(key)]), check_search)
    with_client(StdioServerParameters(command=sys.executable, env={**os.environ, "FOVEA_KEY": key.read_text()},
                                      args=[*SERVER, "--store", str(store)]), check_search)
    compacted = {"hook_event_name": "SessionStart", "source": "compact"}
    assert "1 messages" in hook(store, compacted, "--key-file", str(key)).stdout
    refused = hook(store, compacted)
    assert refused.returncode == 1 and "give its key" in refused.stderr
    key.chmod(0o644)
    refused = hook(store, compacted, "--key-file", str(key))
    assert refused.returncode == 1 and "can be read by other users" in refused.stderr


@contextlib.contextmanager
def serving(store: pathlib.Path, *options: str, host: str = "127.0.0.1"):
    """Gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, *SERVER, "--store", str(store), "--http", f"{host}:{port}", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.communicate(timeout=30)


async def check_search(client):
    assert "lamp" in (await client.call_tool("search", {"query": "lamp"})).structured_content["newest"]


def wait_for(port: int, server: subprocess.Popen) -> None:
    for _ in range(600):
        assert server.poll() is None, server.stderr.read()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def hook(store: pathlib.Path, event: dict | str, *options: str) -> subprocess.CompletedProcess:
    given = event if isinstance(event, str) else json.dumps(event)
    return subprocess.run([sys.executable, "-m", "fovea.hook", "--store", str(store), *options],
                          input=given, text=True, capture_output=True, timeout=120)


def test_the_hook_keeps_a_session_before_it_is_compacted_and_says_so_after(tmp_path):
    store = tmp_path / "memory.db"
    event = {"session_id": "s", "transcript_path": str(SESSION), "hook_event_name": "PreCompact", "trigger": "auto"}
    assert hook(store, event).returncode == 0
    with fovea.Memory(store) as memory:
        messages = memory.stats().messages
        assert messages > 0 and "tool call" in memory.verbatim()
    assert hook(store, event).returncode == 0  # the same again adds nothing
    told = hook(store, {"hook_event_name": "SessionStart", "source": "compact"})
    answer = json.loads(told.stdout)["hookSpecificOutput"]
    assert f"{messages} messages" in answer["additionalContext"] and answer["hookEventName"] == "SessionStart"
    assert hook(store, {"hook_event_name": "SessionStart", "source": "startup"}).stdout == ""


def test_the_hook_lets_memory_age_at_the_end_of_a_session_and_keeps_away_what_was_erased(tmp_path):
    store = tmp_path / "memory.db"
    event = {"session_id": "s", "transcript_path": str(SESSION), "hook_event_name": "SessionEnd"}
    with fovea.Memory(store, measured_pages=0) as memory:
        memory.add("A zebra was here.", expires=1_000_000)
    done = hook(store, event)
    assert done.returncode == 0 and "erased, as their time was over" in done.stderr
    with fovea.Memory(store) as memory:
        assert "zebra" not in memory.verbatim()
        memory.erase_scope()
    again = hook(store, event)
    assert "messages kept out, as they were erased" in again.stderr
    with fovea.Memory(store) as memory:
        assert memory.stats().messages == 0


@pytest.mark.parametrize("event, message", [
    ("not json", "Expecting value"),
    ({"hook_event_name": "PreCompact"}, "no transcript_path"),
    ({"hook_event_name": "PreCompact", "transcript_path": "/nowhere.jsonl"}, "/nowhere.jsonl"),
])
def test_a_broken_event_does_not_block_the_session(tmp_path, event, message):
    done = hook(tmp_path / "memory.db", event)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
