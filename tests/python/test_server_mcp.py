"""The tools of fovea-mcp at /mcp of fovea-server, with the SDK's own client: the scope and the rights of each token."""

from __future__ import annotations

import asyncio

import pytest

from harbour import prose
from server_app import ANN, BOB, Served, fill, settings_of, token_of

import fovea  # noqa: E402
import httpx2  # noqa: E402
from mcp import Client  # noqa: E402
from mcp.client.streamable_http import streamable_http_client  # noqa: E402
from mcp.shared.exceptions import MCPError  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    settings = settings_of(folder)
    fill(settings.store, "ann/coder", ANN)
    fill(settings.store, "bob/coder", BOB)
    with Served(folder) as served:
        served.tokens = {"ann": token_of(settings, "ann"), "bob": token_of(settings, "bob/coder"),
                         "reader": token_of(settings, "ann/coder", rights="read")}
        yield served


def with_client(served, who: str, work, query: str = ""):
    async def run():
        async with httpx2.AsyncClient(headers=served.tokens[who], timeout=300) as http:
            async with Client(streamable_http_client(f"{served.url}/mcp{query}", http_client=http)) as client:
                return await work(client)

    return asyncio.run(asyncio.wait_for(run(), 300))


def test_each_token_has_the_memory_of_its_scope(served):
    async def search(client):
        return str((await client.call_tool("search", {"query": f"{ANN} {BOB}"})).structured_content)

    assert BOB in with_client(served, "bob", search) and ANN not in with_client(served, "bob", search)
    assert ANN in with_client(served, "reader", search)
    assert ANN in with_client(served, "ann", search, "?scope=ann/coder")
    assert ANN not in with_client(served, "ann", search)  # ann/default
    with pytest.raises(BaseException, match="403|Forbidden|forbidden|unhandled"):
        with_client(served, "bob", search, "?scope=ann/coder")


def test_tools_and_resources_work_and_the_host_hears_of_progress(served):
    async def work(client):
        heard = []

        async def hear(done, total, message):
            heard.append(done)

        kept = await client.call_tool("remember", {"text": prose(250)}, progress_callback=hear)
        assert kept.structured_content["new_pages"] >= 3 and heard == sorted(heard) and heard
        pages = (await client.call_tool("pages", {"limit": 1})).structured_content["pages"]
        read = (await client.call_tool("recall", {"page": pages[0]["page"]})).structured_content["result"][0]
        assert "ships left the harbour" in read["text"]
        picture = (await client.read_resource(f"fovea://page/{pages[0]['page']}")).contents[0]
        assert picture.mime_type == "image/png"
        gone = await client.call_tool("erase", {"pages": [pages[0]["page"]]})
        assert gone.structured_content["pages"] == [pages[0]["page"]]
        missing = await client.call_tool("recall", {"page": 10**6})
        assert missing.is_error and "no page 1000000" in missing.content[0].text and "memory.db" not in str(missing.content)

    with_client(served, "ann", work, "?scope=ann/new")


def test_pages_of_others_are_no_resources(served):
    with fovea.Memory(served.log.parent / "memory.db", scope="ann/coder") as memory:
        theirs = memory.pages()[0].id

    async def read(client):
        with pytest.raises(MCPError, match=f"no page {theirs}"):
            await client.read_resource(f"fovea://page/{theirs}")

    with_client(served, "bob", read)


@pytest.mark.parametrize("tool, more", [("search", {"query": ANN}), ("list", {}), ("pages", {}),
                                        ("erase", {"dry_run": True})])
def test_a_condition_on_scopes_of_others_is_refused_with_the_reason(served, tool, more):
    """It was told without one."""
    async def ask(client):
        said = await client.call_tool(tool, {**more, "where": ["user = ann"]})
        assert said.is_error and "where: a condition on 'user' looks into scopes that the token is not for; leave it out" in \
            said.content[0].text
        assert ANN not in str(said)

    with_client(served, "bob", ask)


def test_a_reader_is_offered_what_it_may_use(served):
    async def tools(client):
        return {tool.name for tool in (await client.list_tools()).tools}

    assert with_client(served, "reader", tools) == {"search", "recall", "list", "pages", "context", "stats"}
    assert with_client(served, "ann", tools) >= {"remember", "erase"}
