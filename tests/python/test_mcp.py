"""fovea-mcp with the SDK's own client, over stdio and streamable HTTP, and the hook beside it."""

from __future__ import annotations

import asyncio
import base64
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
        assert set(tools) == {"remember", "recall", "search", "context", "forget", "erase", "stats"}
        assert all(tool.description for tool in tools.values())
        assert {name for name, tool in tools.items() if tool.annotations.read_only_hint} == \
            {"recall", "search", "context", "stats"}
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
        made = await client.call_tool("context", {"budget": 2000, "target": "fovea", "query": "00010"})
        assert {part.type for part in made.content} == {"image", "text"}
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
        assert (await client.call_tool("erase", {"pages": [1]})).structured_content == {"pages": [1], "bytes_gone": True}
        for tool, arguments, message in [("recall", {"page": 1}, "no page 1"), ("recall", {}, "either a page or a query"),
                                         ("search", {"query": " "}, "query is empty"),
                                         ("search", {"query": "x", "where": ["mood = good"]}, "mood"),
                                         ("forget", {"level": "blurred"}, "blurred"),
                                         ("context", {"target": "nobody"}, "nobody")]:
            failed = await client.call_tool(tool, arguments)
            assert failed.is_error and message in failed.content[0].text

    with_client(stdio(store), work)


def test_it_speaks_streamable_http(store):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, *SERVER, "--store", str(store), "--http", f"127.0.0.1:{port}"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for(port, server)
        with_client(f"http://127.0.0.1:{port}/mcp", check_search)
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


def hook(store: pathlib.Path, event: dict | str) -> subprocess.CompletedProcess:
    given = event if isinstance(event, str) else json.dumps(event)
    return subprocess.run([sys.executable, "-m", "fovea.claude_code_hook", "--store", str(store)], input=given,
                          text=True, capture_output=True, timeout=120)


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


@pytest.mark.parametrize("event, message", [
    ("not json", "Expecting value"),
    ({"hook_event_name": "PreCompact"}, "no transcript_path"),
    ({"hook_event_name": "PreCompact", "transcript_path": "/nowhere.jsonl"}, "/nowhere.jsonl"),
])
def test_a_broken_event_does_not_block_the_session(tmp_path, event, message):
    done = hook(tmp_path / "memory.db", event)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
