"""Meaning: a function as embedder, an endpoint, a local model; the same over memctl and fovea-mcp."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

from embedding_server import endpoint, vector
from memctl_program import pytestmark  # noqa: F401

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

TALK = ["The bus is late again.", "Our puppy chewed the slippers.", "The engine coughs in the morning."]
PUPPY = TALK[1]


def toy(texts: list[str]) -> np.ndarray:
    return np.array([vector(text) for text in texts])


def opened(folder, **options) -> fovea.Memory:
    return fovea.Memory(folder / "memory.db", level="tiny", measured_pages=0, **options)


def test_a_function_finds_by_meaning_what_shares_no_word(tmp_path):
    with opened(tmp_path, embedder=toy) as memory:
        memory.add_many(TALK)
        memory.finish()
        hit = memory.search("hound", k=1)[0]
        assert hit.snippet == PUPPY and hit.cosine > 0.9
        assert memory.recall_pieces("hound", k=1)[0].text.strip() == PUPPY
        assert "puppy" in memory.context(60, query="hound", target="text").parts[0].text
        stats = memory.stats()
        assert (stats.pieces, stats.embedded_pieces, stats.embedder) == (3, 3, "test_embedders.toy")
        assert memory.verify() == []
    with opened(tmp_path) as memory:  # without it, by words alone
        found = memory.search("hound")
        assert not found and "the pieces have vectors from embedder test_embedders.toy" in found.note


@pytest.mark.parametrize("kind", ["embed", "generator", "named"])
def test_an_object_is_an_embedder_too(tmp_path, kind):
    class WithMethod:
        model_name = "a-model"

        def embed(self, texts):
            return toy(texts).astype(np.float64)

    class Yielding:
        name = "a-model"

        def __call__(self, texts):
            return (row for row in toy(texts))

    embedder = {"embed": WithMethod(), "generator": Yielding(),
                "named": fovea.embedders.Embedder("a-model", lambda texts: toy(texts).tolist())}[kind]
    with opened(tmp_path, embedder=embedder) as memory:
        memory.add_many(TALK)
        assert memory.recall_pieces("hound", k=1)[0].text.strip() == PUPPY and memory.stats().embedder == "a-model"


def test_what_was_stored_without_one_is_embedded_when_that_is_asked_for(tmp_path):
    with opened(tmp_path) as memory:
        memory.add_many(TALK)
        memory.finish()
    asked: list[str] = []

    def counting(texts):
        asked.extend(texts)
        return toy(texts)

    with opened(tmp_path, embedder=counting) as memory:
        assert memory.recall_pieces("hound") == [] and asked == []
        assert "no piece has a vector" in memory.search("engine").note
        seen = []
        result = memory.embed_pieces(progress=lambda done, total: seen.append((done, total)))
        assert (result.pieces, result.known, result.stopped, seen) == (3, 0, False, [(3, 3)])
        assert [text.strip() for text in asked] == TALK and memory.embed_pieces().pieces == 0
        assert memory.recall_pieces("hound", k=1)[0].text.strip() == PUPPY
    with opened(tmp_path, embedder=toy) as memory:  # a function of another name
        with pytest.raises(ValueError, match="have vectors from embedder .*counting.*--replace"):
            memory.search("hound")
        assert memory.embed_pieces(replace=True).removed == 3
        assert memory.search("hound", k=1)[0].snippet == PUPPY


def test_another_user_is_neither_shown_to_an_embedder_nor_found(tmp_path):
    asked: list[str] = []

    def watching(texts):
        asked.extend(texts)
        return toy(texts)

    with opened(tmp_path, scope="bob", embedder=toy) as memory:
        memory.add("My dog is called Argos.")
    with opened(tmp_path, scope="ann", embedder=watching) as memory:
        memory.add_many(TALK)
        memory.finish()
        found = memory.search("dog", where=["agent ~ *"])
        assert found and not any("Argos" in hit.snippet for hit in found)
        assert not any("Argos" in text for text in asked)
        assert "Argos" not in memory.context(500, query="dog", target="text").parts[0].text


class Broken(Exception):
    pass


def test_what_an_embedder_raises_is_raised_and_the_messages_are_stored(tmp_path):
    def broken(texts):
        raise Broken("no power")

    with opened(tmp_path, embedder=broken) as memory:
        with pytest.raises(Broken, match="no power"):
            memory.add_many(TALK)
        assert memory.stats().messages == 3 and memory.stats().embedded_pieces == 0
        with pytest.raises(Broken):
            memory.embed_pieces()
    for wrong, error in [(lambda texts: np.zeros((1, 3)), "expected an array .*got one of shape"),
                         (lambda texts: np.zeros((len(texts), 3)), "a vector of zeros"),
                         (lambda texts: np.full((len(texts), 3), np.nan), "not finite")]:
        with opened(tmp_path, embedder=fovea.embedders.Embedder("wrong", wrong)) as memory:
            with pytest.raises(ValueError, match=error):
                memory.embed_pieces()
    with pytest.raises(TypeError, match="embedder: expected a function of list"):
        opened(tmp_path, embedder=7)


def test_an_embedder_may_not_use_its_memory(tmp_path):
    with opened(tmp_path, embedder=lambda texts: memory.stats()) as memory:
        with pytest.raises(fovea.InvalidArgument, match="already in a call on this thread"):
            memory.add("The bus is late again.")


def test_an_embedder_that_waits_for_another_thread_does_not_hold_it_up(tmp_path):
    """Neither the GIL nor the memory's turn is kept from it."""
    waiting, go_on = threading.Event(), threading.Event()

    def slow(texts):
        waiting.set()
        assert go_on.wait(60)
        return toy(texts)

    with opened(tmp_path, embedder=slow) as memory:
        adding = threading.Thread(target=memory.add_many, args=(TALK,))
        adding.start()
        assert waiting.wait(60)
        asking = threading.Thread(target=memory.stats)  # waits for its turn without the GIL
        asking.start()
        with opened(tmp_path, scope="somebody else", embedder=toy) as other:
            other.add("A hound barks.")
            assert other.recall_pieces("dog", k=1)[0].text.strip() == "A hound barks."
        go_on.set()
        adding.join(60)
        asking.join(60)
        assert not adding.is_alive() and not asking.is_alive() and memory.stats().embedded_pieces == 3


def test_an_endpoint_gets_texts_and_its_key_and_is_asked_again_when_it_is_busy(tmp_path):
    with endpoint() as server:
        embedder = fovea.embedders.OpenAIEmbedder(server.url, "toy", "secret-key")
        server.failures = [429, 500]
        assert embedder(["a dog", "a car"]) == pytest.approx(toy(["a dog", "a car"])) and embedder.name == "toy"
        assert server.requests[-1] == ("/v1/embeddings", "Bearer secret-key",
                                       {"model": "toy", "input": ["a dog", "a car"]})
        assert len(server.requests) == 3 and "secret-key" not in repr(embedder)
        with opened(tmp_path, embedder=embedder) as memory:
            memory.add_many(TALK)
            assert memory.recall_pieces("hound", k=1)[0].text.strip() == PUPPY and memory.stats().embedder == "toy"
        server.failures = [401]
        with pytest.raises(OSError, match="answered 401: come back later"):
            embedder(["text"])
        server.answer = {"object": "list"}
        with pytest.raises(ValueError, match="expected .*embedding.*got"):
            embedder(["text"])
    with pytest.raises(OSError, match="embedder toy at http://127.0.0.1"):
        fovea.OpenAIEmbedder(server.url, "toy", retries=0)(["text"])
    with pytest.raises(ValueError, match="expected an endpoint such as"):
        fovea.OpenAIEmbedder("localhost", "toy")


def test_memctl_asks_an_endpoint(memctl):
    with endpoint() as server:
        option = ("--embedder", f"{server.url}#toy")
        key = {"FOVEA_EMBEDDER_KEY": "secret-key"}
        memctl.file("talk.json", json.dumps({"messages": [{"role": "user", "content": text} for text in TALK]}))
        memctl("compact", "talk.json", "--finish", "--level", "tiny", "--measure", "0")
        assert "no text here shares a word" in memctl("search", "hound", code=1).err
        assert "no piece has a vector from embedder toy" in memctl(*option, "search", "engine").err
        done = memctl("--json", *option, "embed", env=key).json
        assert done == {"pieces": 3, "known": 0, "removed": 0, "stopped": False}
        assert server.requests[-1][1] == "Bearer secret-key"
        found = memctl("--json", "search", "hound", "--explain", env={"FOVEA_EMBEDDER": option[1]}).json["hits"]
        assert found[0]["snippet"] == PUPPY and found[0]["explain"]["cosine"] > 0.9
        assert PUPPY in memctl(*option, "recall", "--query", "hound", "--piece", "-k", "1").out.decode()
        context = memctl(*option, "context", "--query", "hound", "--budget", "60", "--target", "text")
        assert "puppy" in context.out.decode()
        stats = memctl("--json", "stats").json
        assert (stats["embedder"], stats["embedded_pieces"]) == ("toy", 3)
        assert "3 of 3 pieces have a vector from toy" in memctl("stats").out.decode()
        other = memctl("--json", "--embedder", f"{server.url}#other", "search", "hound", code=2).error
        assert "have vectors from embedder toy" in other["message"]
        assert memctl("--json", "--embedder", f"{server.url}#other", "embed", "--replace").json["removed"] == 3
        assert memctl("verify").code == 0
    assert "expected URL#MODEL" in memctl("--embedder", "http://localhost", "search", "x", code=2).err
    assert "give one (memctl --embedder URL#MODEL)" in memctl("embed", code=2).err


def test_the_mcp_server_says_why_nothing_is_found_and_takes_an_endpoint(tmp_path):
    pytest.importorskip("mcp.server.mcpserver", reason="pip install mcp")
    from test_mcp import stdio, with_client

    with opened(tmp_path, embedder=fovea.embedders.Embedder("toy", toy)) as memory:
        memory.add_many(TALK)
        memory.finish()

    async def ask(client):
        return (await client.call_tool("search", {"query": "hound"})).structured_content

    server = stdio(tmp_path / "memory.db")
    nothing = with_client(server, ask)
    assert nothing["pages"] == [] and "no text here shares a word with the query" in nothing["note"]
    with endpoint() as embeddings:
        server.env["FOVEA_EMBEDDER"] = f"{embeddings.url}#toy"
        assert with_client(server, ask)["pages"][0]["snippet"] == PUPPY


def test_a_local_model_embeds(tmp_path):
    """Where fastembed and a folder with a model are: FOVEA_TEST_MINILM=FOLDER."""
    import os

    pytest.importorskip("fastembed", reason="pip install fastembed")
    if not (folder := os.environ.get("FOVEA_TEST_MINILM")):
        pytest.skip("FOVEA_TEST_MINILM names no folder")
    embedder = fovea.embedders.LocalEmbedder(folder=folder)
    assert embedder.name == fovea.embedders.MINILM and embedder(["one", "two"]).shape == (2, 384)
    with opened(tmp_path, embedder=embedder) as memory:
        memory.add_many(TALK)
        assert memory.recall_pieces("a young hound ruined my shoes", k=1)[0].text.strip() == PUPPY


def test_a_local_model_without_its_package_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'fovea\[embed\]'"):
        fovea.embedders.LocalEmbedder()
