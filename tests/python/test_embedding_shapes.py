"""What embedders may be and give: any shape that is none is refused in words, and nothing of it is stored."""

from __future__ import annotations

import functools
import http.server
import json
import socket
import threading
import time

import numpy as np
import pytest

from embedding_server import vector

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea import _embedding  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

TALK = ["The bus is late again.", "Our puppy chewed the slippers.", "The engine coughs in the morning."]


def toy(texts):
    return np.array([vector(text) for text in texts])


def named(name: str, call) -> fovea.embedders.Embedder:
    return fovea.embedders.Embedder(name, call)


@pytest.fixture
def opened(tmp_path):
    return functools.partial(fovea.Memory, tmp_path / "memory.db", level="tiny", measured_pages=0)


@pytest.mark.parametrize("wrong, message", [
    (lambda texts: None, r"embedder wrong: expected an array \[3, dimensions\] of numbers, got NoneType"),
    (lambda texts: 5, "embedder wrong: .*, got int"),
    (lambda texts: [], r"expected an array \[3, dimensions\] of numbers, got one of shape \[0\]"),
    (lambda texts: [1.0, 2.0, 3.0], r"got one of shape \[3\]"),
    (lambda texts: toy(texts)[:2], r"got one of shape \[2, "),
    (lambda texts: toy(texts)[None], r"got one of shape \[1, 3, "),
    (lambda texts: [[1.0, 2.0], [1.0], [3.0, 4.0]], "embedder wrong: .*, got list: .*inhomogeneous"),
    (lambda texts: [["a", "b"]] * 3, "embedder wrong: .*could not convert"),
    (lambda texts: np.zeros((3, 0)), "."),
    (lambda texts: np.full((3, 4), np.inf), "not finite"),
    (lambda texts: np.array([[1, 0], [np.nan, 1], [0, 1]]), "not finite"),
    (lambda texts: np.array([[1, 0], [0, 0], [0, 1]]), "a vector of zeros"),
    (lambda texts: toy(texts) + 1j, r"embedder wrong: .*\[3, dimensions\] of numbers, got ndarray: complex numbers"),
    (lambda texts: list(toy(texts) + 1j), "embedder wrong: .*, got list: complex numbers"),
    (lambda texts: [[1 + 2j, 3]] * 3, "embedder wrong: .*, got list: complex numbers"),
    (lambda texts: {text: vector(text) for text in texts}, "embedder wrong: .*, got dict"),
], ids=["None", "number", "none", "flat", "too few", "too deep", "uneven", "words", "no dimension", "infinite", "NaN", "zeros",
        "complex", "complex rows", "complex list", "dict"])
def test_what_is_no_vector_a_text_is_refused_and_the_messages_stay(opened, wrong, message):
    with opened(embedder=named("wrong", wrong)) as memory:
        with pytest.raises(fovea.InvalidArgument, match=message):
            memory.add_many(TALK)
        stats = memory.stats()
        assert (stats.messages, stats.embedded_pieces) == (3, 0)
    with opened(embedder=named("right", toy)) as memory:  # its vectors are the first
        assert memory.embed_pieces().pieces == 3 and memory.stats().embedder == "right" and memory.verify() == []


def test_vectors_of_another_length_are_refused_by_both_lengths(opened):
    with opened(embedder=named("model", lambda texts: toy(texts)[:, :3])) as memory:
        memory.add_many(TALK)
    with opened(embedder=named("model", lambda texts: np.ones((len(texts), 6)))) as memory:
        with pytest.raises(ValueError) as error:
            memory.search("engine")
        assert "gave a vector of 6 numbers for the question, and the pieces have 3" in str(error.value)
        with pytest.raises(ValueError):
            memory.add("One more line.")
        assert memory.stats().embedded_pieces == 3 and memory.verify() == []


def test_lengths_that_differ_between_calls_are_refused_too(opened):
    lengths = iter([4, 5, 6, 7])
    with opened(embedder=named("model", lambda texts: np.ones((len(texts), next(lengths))))) as memory:
        memory.add(TALK[0])
        with pytest.raises(ValueError):
            memory.add(TALK[1])
        assert memory.stats().embedded_pieces == 1


def test_numbers_of_any_kind_are_vectors(opened):
    for kind in (np.float16, np.float64, np.int8, np.uint8, bool, list, tuple):
        def give(texts, kind=kind):
            rows = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0]])[:len(texts)]
            return kind(map(kind, rows)) if kind in (list, tuple) else np.asfortranarray(rows.astype(kind))

        assert _embedding.rows_of(named("x", give), TALK).tolist() == [[1, 0, 1], [0, 1, 1], [1, 1, 0]]


def test_the_length_of_a_vector_does_not_count(opened):
    with opened(embedder=named("model", toy)) as memory:
        memory.add_many(TALK)
        first = [hit.text for hit in memory.recall_pieces("hound", k=3)]
    with opened(embedder=named("model", lambda texts: 1000 * toy(texts))) as memory:
        assert [hit.text for hit in memory.recall_pieces("hound", k=3)] == first


def test_an_embedder_is_known_by_its_name_or_by_what_it_is():
    class Plain:
        def __call__(self, texts):
            return toy(texts)

    class Empty(Plain):
        name = ""
        model_name = None

    class Both(Plain):
        name, model_name = "own", "other"

    assert _embedding.name_of(toy) == f"{__name__}.toy"
    assert _embedding.name_of(Both()) == "own"
    assert _embedding.name_of(Plain()).endswith(".Plain") and _embedding.name_of(Empty()).endswith(".Empty")
    assert _embedding.name_of(functools.partial(toy)) == "functools.partial"
    for none in (5, "toy", None, [toy], object()):
        with pytest.raises(TypeError, match="expected a function of list.str., or an object with a method embed"):
            _embedding.name_of(none)
    with pytest.raises(ValueError, match="its name is empty"):
        named("", toy)


def test_an_interrupt_in_an_embedder_is_an_interrupt(opened):
    def stop(texts):
        raise KeyboardInterrupt

    with opened(embedder=named("model", stop)) as memory:
        with pytest.raises(KeyboardInterrupt):
            memory.add_many(TALK)
        assert memory.stats().messages == 3


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers with what the server was told to."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status, body = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def answering():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield server
    server.shutdown()
    server.server_close()


def body(*vectors, **more) -> bytes:
    return json.dumps({"data": [{"index": at, "embedding": given} for at, given in enumerate(vectors)], **more}).encode()


@pytest.mark.parametrize("status, answer, error, message", [
    (200, b"", ValueError, "expected"),
    (200, b"not JSON", ValueError, "expected"),
    (200, b"[]", ValueError, "expected"),
    (200, b'{"data": []}', ValueError, "expected"),
    (200, body([1.0, 0.0]), ValueError, "expected"),
    (200, body([1.0], [1.0], [1.0]), ValueError, "expected"),
    (200, body([1.0, 0.0], ["a", "b"]), ValueError, "expected"),
    (200, body([1.0, 0.0], [1.0]), ValueError, "."),
    (200, b'{"data": [{"embedding": [1]}, {"index": 7, "embedding": [1]}]}', ValueError, "expected"),
    (200, b"[" * 100_000, ValueError, "."),
    (404, b'{"error": {"message": "no model toy"}}', OSError, "answered 404: no model toy"),
    (400, b"<html>bad \x1b[31mrequest</html>\n\nmore", OSError, "answered 400"),
], ids=["nothing", "no JSON", "a list", "no vector", "one vector", "three vectors", "words", "uneven", "index", "deep", "404",
        "400"])
def test_an_endpoint_that_answers_otherwise_is_named_with_what_came(answering, status, answer, error, message):
    answering.answers = [(status, answer)]
    with pytest.raises(error, match=message) as raised:
        fovea.OpenAIEmbedder(answering.url, "toy", "secret-key", retries=0)(["a", "b"])
    told = str(raised.value)
    assert "toy" in told and "secret-key" not in told and len(told) < 1000 and "\x1b" not in told and "\n" not in told


def test_vectors_of_an_endpoint_stand_by_their_index(answering):
    swapped = json.loads(body([1.0, 0.0], [0.0, 1.0]))
    swapped["data"].reverse()
    answering.answers = [(200, json.dumps(swapped).encode())]
    assert np.asarray(fovea.OpenAIEmbedder(answering.url, "toy")(["a", "b"])).tolist() == [[1, 0], [0, 1]]


def test_an_endpoint_that_never_answers_is_given_up():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        embedder = fovea.OpenAIEmbedder(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "toy", timeout=1, retries=0)
        begun = time.monotonic()
        with pytest.raises(OSError, match="embedder toy at http://127.0.0.1"):
            embedder(["a"])
        assert time.monotonic() - begun < 50  # the default is a minute
