"""The tools of fovea-mcp in this process, through the SDK's client: odd arguments, two users, several calls at once."""

from __future__ import annotations

import asyncio
import base64

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("mcp.server.mcpserver", reason="pip install mcp")

import fovea  # noqa: E402
from mcp import Client  # noqa: E402
from mcp.server.mcpserver import MCPServer  # noqa: E402
from mcp.shared.exceptions import MCPError  # noqa: E402

from fovea.mcp_server import OneToken, make_server, offer  # noqa: E402
from fovea.mcp_tools import Tools  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

QUICK = {"level": "tiny", "measured_pages": 0}
READS = {"recall", "search", "list", "pages", "context", "stats"}


class Asked:
    """Calls tools of a server and gives what they answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, **arguments):
        answer = await self.client.call_tool(tool, arguments)
        assert not answer.is_error, answer.content
        return answer.structured_content

    async def failure(self, tool: str, **arguments) -> str:
        answer = await self.client.call_tool(tool, arguments)
        assert answer.is_error, answer.content
        return answer.content[0].text


@pytest.fixture
def ask(tmp_path):
    """Runs a coroutine function with the tools of a scope's memory."""

    def ask(work, scope="default", **server):
        async def whole():
            async with fovea.AsyncMemory(tmp_path / "memory.db", scope=scope, **QUICK) as memory:
                async with Client(make_server(memory, **server)) as client:
                    return await work(Asked(client))

        return asyncio.run(asyncio.wait_for(whole(), 300))

    ask.path = tmp_path / "memory.db"
    return ask


@pytest.fixture
def filled(ask):
    with fovea.Memory(ask.path, **QUICK) as memory:
        memory.add_many([fovea.Message("user", prose(60), 1_000_000, "m1"), fovea.Message("tool", "Grüße, 名前 😅", 0, "m2")])
    return ask


def test_roles_and_scopes_that_are_no_utf8_are_shown(ask):
    """A role had only to have one byte that is not UTF-8, and no text of its scope could be read or listed."""
    odd = fovea.Scope("ann", "a\udcff/b")
    with fovea.Memory(ask.path, scope=odd, **QUICK) as memory:
        memory.add_many([fovea.Message("ro\udcffle", "The zeppelin \udcff flew.\n" + prose(57)), fovea.Message("\udcff", "It\0 landed.")])
        memory.finish()
        memory.add("The zeppelin is verbatim.", "\udcff")

    async def work(ask):
        hit, *_ = (await ask("search", query="zeppelin"))["pages"]
        assert hit["role"] == "ro\ufffdle" and "zeppelin" in hit["snippet"]
        page, = await result(ask, "recall", page=hit["page"])
        assert {part["role"] for part in page["messages"]} >= {"ro\ufffdle"} and "\ufffd flew" in page["text"]
        assert [message["role"] for message in (await ask("list"))["messages"]] == ["\ufffd", "\ufffd", "ro\ufffdle"]
        assert (await ask("search", query="nothing of it"))["note"]
        assert (await ask("forget", level="trace", dry_run=True))["lost_words"]
        assert "ann/a\\xff%2Fb" in await ask.failure("recall", page=99)

    async def result(ask, tool, **arguments):
        return (await ask(tool, **arguments))["result"]

    ask(work, scope=odd)


def test_an_empty_memory_answers_every_question(ask):
    async def work(ask):
        assert (await ask("stats"))["messages"] == 0
        assert await ask("list") == {"messages": [], "more": False} and await ask("pages") == {"pages": [], "more": False}
        assert (await ask("search", query="boat"))["pages"] == []
        assert (await ask.client.call_tool("context", {})).is_error in (True, False)
        assert (await ask("forget"))["steps"] == []
        for tool, arguments in [("recall", {"page": 1}), ("pin", {"page": 1}), ("erase", {"pages": [1]})]:
            assert "default/default/default" in await ask.failure(tool, **arguments)

    ask(work)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "Grüße, 名前 😅", "a\0b", "\x1b[31mred", "﷽" * 50, "x" * 5000],
                         ids=["empty", "blank", "lines", "scripts", "NUL", "colour", "wide", "long"])
def test_any_text_is_remembered_and_read_back(ask, text):
    async def work(ask):
        made = await ask("remember", text=text, role="note")
        assert made["characters_not_on_a_page"] + 8000 * made["new_pages"] >= len(text)
        if not text:
            return
        pages = [page["page"] for page in (await ask("pages"))["pages"]] + ([0] if made["characters_not_on_a_page"] else [])
        whole = "".join([(await ask("recall", page=page))["result"][0]["text"] for page in pages])
        assert text.strip() in whole

    ask(work)


def test_parts_of_a_page_join_to_the_page(filled):
    async def work(ask):
        whole = (await ask("recall", page=1, limit=100_000))["result"][0]
        parts, begin = [], 0
        while begin < len(whole["text"]):
            part = (await ask("recall", page=1, begin=begin, limit=777))["result"][0]
            assert part["characters_left_out"] == max(0, len(whole["text"]) - begin - 777)
            assert [message["role"] for message in part["messages"]] == ["user"]
            parts.append(part["text"])
            begin += 777
        assert "".join(parts) == whole["text"] and whole["characters_left_out"] == 0
        behind = (await ask("recall", page=1, begin=10**9))["result"][0]
        assert behind["text"] == "" and behind["messages"] == [] and behind["characters_left_out"] == 0

    filled(work)


@pytest.mark.parametrize("tool, arguments, message", [
    ("recall", {"page": 1, "query": "x"}, "either a page or a query"),
    ("recall", {"query": ""}, "query is empty"),
    ("recall", {"page": -1}, "-1"),
    ("recall", {"page": 1, "limit": 0}, "limit 1 to 100,000"),
    ("recall", {"page": 1, "limit": 100_001}, "limit 1 to 100,000"),
    ("recall", {"page": 1, "source": "dreams"}, "expected tokens, archive or automatic"),
    ("recall", {"page": "one"}, "page"),
    ("search", {}, "query"),
    ("search", {"query": "x", "k": 0}, "k: expected a whole number"),
    ("search", {"query": "x", "where": ["role is user"]}, "expected FIELD OPERATOR VALUE"),
    ("search", {"query": "x", "where": ["time > tomorrow"]}, "is not a time"),
    ("list", {"limit": 501}, "expected 1 to 500"),
    ("list", {"limit": -1}, "expected 1 to 500"),
    ("pages", {"where": ["level = blurry"]}, "no level is called"),
    ("context", {"budget": 0}, "budget"),
    ("pin", {"page": 0}, "page"),
    ("pin", {"page": 99}, "no page 99"),
    ("forget", {"level": "large"}, ""),
    ("erase", {"pages": []}, ""),
    ("erase", {}, "erase"),
    ("erase", {"query": "nothing has this"}, ""),
    ("remember", {"text": "x", "role": ""}, "role: empty"),
    ("remember", {}, "text"),
], ids=lambda value: value if isinstance(value, str) else None)
def test_a_wrong_call_is_told_in_words_and_changes_nothing(filled, tool, arguments, message):
    async def work(ask):
        before = await ask("stats")
        answer = await ask.client.call_tool(tool, arguments)
        told = answer.content[0].text if answer.content else ""
        assert message in told and "Traceback" not in told and len(told) < 1000
        assert answer.is_error or not message
        after = await ask("stats")
        for figures in (before, after):
            figures.pop("file_bytes")
        assert after == before

    filled(work)


def test_a_text_that_is_too_long_is_refused_with_the_limit(ask):
    async def work(ask):
        assert "11 characters; at most 10 at once" in await ask.failure("remember", text="a" * 11)
        assert (await ask("remember", text="ä" * 10))["note"] == ""
        assert (await ask("stats"))["messages"] == 1

    ask(work, most_characters=10)


def test_the_same_source_is_kept_once_and_a_new_text_of_it_beside_it(ask):
    async def work(ask):
        for text in ("The lamp is red.", "The lamp is red.", "The lamp is green."):
            await ask("remember", text=text, source_id="lamp")
        said = [message["begins"] for message in (await ask("list"))["messages"]]
        assert said.count("The lamp is red.") == 1 and "The lamp is green." in said

    ask(work)


def test_pages_are_pictures_by_their_number_alone(filled):
    async def work(ask):
        picture = (await ask.client.read_resource("fovea://page/1")).contents[0]
        assert base64.b64decode(picture.blob)[:4] == b"\x89PNG"
        for wrong in ("0", "-1", "99", "one", "1.5", "9" * 30, ""):
            with pytest.raises(MCPError) as error:
                await ask.client.read_resource(f"fovea://page/{wrong}")
            assert "Traceback" not in str(error.value) and len(str(error.value)) < 500

    filled(work)


def test_two_users_of_a_store_see_and_erase_their_own_alone(ask):
    async def remembers(ask):
        await ask("remember", text="Ann's cat is called Kestrel.", source_id="cat")

    async def looks(ask):
        assert (await ask("stats"))["messages"] == 0 and (await ask("list"))["messages"] == []
        for where in ([], ["agent ~ *"], ["session != x"], ["run in default"]):
            found = await ask("search", query="Kestrel", where=where)
            assert found["pages"] == [] and found["newest"] == ""
        context = await ask.client.call_tool("context", {"query": "Kestrel"})
        assert "Kestrel" not in "".join(getattr(part, "text", "") for part in context.content)
        await ask.client.call_tool("erase", {"source_ids": ["cat"]})
        await ask.client.call_tool("erase", {"query": "Kestrel"})

    async def knows(ask):
        return (await ask("search", query="Kestrel"))["newest"]

    ask(remembers, scope="ann")
    ask(looks, scope="bob")
    assert "Kestrel" in ask(knows, scope="ann")


def test_calls_at_once_are_all_answered(filled):
    async def work(ask):
        answers = await asyncio.gather(*(ask("remember", text=f"note {number}", source_id=str(number)) for number in range(12)),
                                       *(ask("search", query="ships") for _ in range(6)), ask("stats"), ask("pages"))
        assert all(found["pages"][0]["page"] == 1 for found in answers[12:18])
        assert (await ask("stats"))["messages"] == 14
        said = (await ask("list", limit=12))["messages"]
        assert {message["begins"] for message in said} == {f"note {number}" for number in range(12)}

    filled(work)


@pytest.mark.parametrize("rights, tools", [
    ((), set()), (("read",), READS), (("write",), {"remember", "pin", "forget"}), (("erase",), {"erase"}),
    (("read", "write", "erase"), READS | {"remember", "pin", "forget", "erase"})],
    ids=["none", "read", "write", "erase", "all"])
def test_a_caller_is_offered_what_its_rights_allow_and_no_more(ask, rights, tools):
    async def whole():
        async with fovea.AsyncMemory(ask.path, **QUICK) as memory:
            server = MCPServer("fovea")
            offer(server, Tools(lambda: (memory, memory), 1000), rights)
            async with Client(server) as client:
                assert {tool.name for tool in (await client.list_tools()).tools} == tools
                templates = (await client.list_resource_templates()).resource_templates
                assert bool(templates) == ("read" in rights)
                for missing in (READS | {"remember", "pin", "forget", "erase"}) - tools:
                    try:
                        assert (await client.call_tool(missing, {})).is_error
                    except MCPError as error:
                        assert missing in str(error)

    asyncio.run(asyncio.wait_for(whole(), 300))


def test_a_reader_answers_while_the_writer_is_busy(ask):
    async def whole():
        async with fovea.AsyncMemory(ask.path, **QUICK) as reader, fovea.AsyncMemory(ask.path, **QUICK) as writer:
            async with Client(make_server(reader, writer)) as client:
                tools = Asked(client)
                await tools("remember", text="The lamp is red.")
                long = asyncio.create_task(tools("remember", text=prose(180)))
                while not long.done():
                    assert "lamp" in str(await tools("search", query="lamp"))
                    await asyncio.sleep(0.01)
                assert (await long)["new_pages"] >= 2

    asyncio.run(asyncio.wait_for(whole(), 300))


@pytest.mark.parametrize("shown, let_in", [("0123456789abcdef", True), ("0123456789abcdeF", False), ("", False),
                                           ("0123456789abcdef ", False), ("0123456789abcdé", False)])
def test_one_token_lets_in_who_shows_it(shown, let_in):
    assert (asyncio.run(OneToken("0123456789abcdef").verify_token(shown)) is not None) == let_in
