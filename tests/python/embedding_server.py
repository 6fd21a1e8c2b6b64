"""An embedder that knows two kinds of meaning, and an endpoint that has it."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading

MEANINGS = (("dog", "puppy", "hound"), ("car", "automobile", "engine"))


def vector(text: str) -> list[float]:
    return [float(any(word in text for word in words)) for words in MEANINGS] + [0.3]


class Server(http.server.ThreadingHTTPServer):
    """`requests`: what was asked, (path, key, document). `failures`: statuses that come first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str | None, dict]] = []
        self.failures: list[int] = []
        self.answer: dict | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers.get("Authorization"), asked))
        items = [{"index": i, "embedding": vector(text)} for i, text in enumerate(asked["input"])]
        status, document = 200, self.server.answer or {"data": items[::-1]}  # in any order: the index counts
        if self.server.failures:
            status, document = self.server.failures.pop(0), {"error": {"message": "come back later"}}
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


@contextlib.contextmanager
def endpoint():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
