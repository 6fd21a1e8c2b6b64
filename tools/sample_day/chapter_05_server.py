"""The HTTP face: an error that closes the connection, threads, and curl."""

SERVER = '''
"""A read-only HTTP face of the store: GET /v1/stations, /v1/highest?station=ALB1&since=0."""

from __future__ import annotations

import argparse
import http.server
import json
import threading
import urllib.parse

from tidewatch.store import highest, open_store


class BadRequest(Exception):
    """What the client did wrong, in a sentence."""


def number(query: dict, name: str, default: int) -> int:
    try:
        return int(query.get(name, default))
    except ValueError:
        raise BadRequest(f"{name} must be a whole number, got {query[name]!r}") from None


class Handler(http.server.BaseHTTPRequestHandler):
    path_to_store = ""
    local = threading.local()  # SQLite connections stay in the thread that opened them

    @property
    def store(self):
        if not hasattr(self.local, "store"):
            self.local.store = open_store(self.path_to_store)
        return self.local.store

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        routes = {"/v1/stations": self.stations, "/v1/highest": self.highest}
        try:
            if url.path not in routes:
                return self.answer(404, {"error": f"no such path, there are {', '.join(routes)}"})
            self.answer(200, routes[url.path](query))
        except BadRequest as error:
            self.answer(400, {"error": str(error)})

    def stations(self, query):
        rows = self.store.execute("SELECT code, name, zone FROM station ORDER BY code").fetchall()
        return [dict(zip(("code", "name", "zone"), row)) for row in rows]

    def highest(self, query):
        known = [row[0] for row in self.store.execute("SELECT code FROM station ORDER BY code")]
        if query.get("station") not in known:
            raise BadRequest(f"station must be one of {', '.join(known)}")
        count = min(number(query, "count", 5), 100)
        rows = highest(self.store, query["station"], number(query, "since", 0), count)
        return [{"time": time, "level": level} for time, level in rows]

    def answer(self, status, body):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *args):
        print(self.log_date_time_string(), self.address_string(), format % args, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    Handler.path_to_store = options.store
    http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
'''

START = """python -m tidewatch.server data/tides.db --port 8765 > /tmp/tidewatch-server.log 2>&1 & server=$!
for i in $(seq 50); do curl -s -o /dev/null http://127.0.0.1:8765/ && break; sleep 0.1; done
"""


def play(day) -> None:
    day.at(12, 54)
    day.user("""
Back from lunch. Now the server: threads as you proposed. And while you are at it, somebody told me that it "just hangs up"
when you ask for the highest waters without giving a date. Can you reproduce that first?""")
    day.bash(START + """curl -si http://127.0.0.1:8765/v1/stations | grep -v ^Date; echo; echo
curl -s 'http://127.0.0.1:8765/v1/highest?station=ALB1&since=0' | jq -c '.[]'; echo
curl -sS 'http://127.0.0.1:8765/v1/highest?station=ALB1'; echo "curl exit code: $?"; echo
curl -sS 'http://127.0.0.1:8765/v1/highest?station=ALB1&since=yesterday'; echo "curl exit code: $?"
kill $server; wait $server 2> /dev/null; echo; echo '--- server.log'; sed 's/[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/12:58:31/; s/[0-9]*\\/[A-Z][a-z][a-z]\\/20[0-9][0-9]/14\\/May\\/2025/; s/, [0-9]*)$/, 51234)/' /tmp/tidewatch-server.log""")
    day.say("""
Reproduced. Without `since` the handler does `query["since"]`, which raises `KeyError`; with a word in place of a number, `int()` raises `ValueError`. `http.server` prints the traceback into *its* log and closes the connection without an answer, so the client sees exit code 52 of curl, "Empty reply from server". A wrong request should get a 400 with a sentence about what is wrong, and `since` ought to have a default.

There are two more things in the first answer that I'd change on the way: JSON arrives as `Kr\\u00e4henhafen`, which is valid but hard to read in a terminal, and the content type does not say its charset.

About threads: a SQLite connection must not be used from a thread other than the one that made it (Python checks that). So each thread opens its own, kept in `threading.local()`. `ThreadingHTTPServer` starts a thread per connection, hence a connection to the database is opened per HTTP connection; that takes about 0.1 ms and is all right at our rates. A pool would be the next step, if ever.""")
    day.write_file("tidewatch/server.py", SERVER)
    day.write_file("tests/test_server.py", '''
import http.client
import http.server
import json
import threading

import pytest

from tidewatch.server import Handler
from tidewatch.store import open_store


@pytest.fixture
def get(tmp_path):
    path = str(tmp_path / "tides.db")
    store = open_store(path)
    store.execute("INSERT INTO station VALUES ('KRH2', 'Kr\u00e4henhafen', 'Europe/Berlin', 0)")
    store.execute("INSERT INTO reading (station, time, level, quality) VALUES ('KRH2', 60, 2.5, 'ok')")
    store.commit()
    Handler.path_to_store = path
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def ask(path):
        connection = http.client.HTTPConnection(*server.server_address)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    yield ask
    server.shutdown()


def test_stations_are_listed(get):
    assert get("/v1/stations") == (200, [{"code": "KRH2", "name": "Kr\u00e4henhafen", "zone": "Europe/Berlin"}])


def test_since_may_be_left_out(get):
    assert get("/v1/highest?station=KRH2") == (200, [{"time": "1970-01-01 00:01:00", "level": 2.5}])


@pytest.mark.parametrize("path, status, words", [
    ("/v1/highest", 400, "station must be one of KRH2"),
    ("/v1/highest?station=XYZ9", 400, "station must be one of KRH2"),
    ("/v1/highest?station=KRH2&since=yesterday", 400, "since must be a whole number, got 'yesterday'"),
    ("/v2/", 404, "no such path"),
])
def test_a_wrong_request_is_answered_in_words(get, path, status, words):
    got, body = get(path)
    assert got == status
    assert words in body["error"]
''')
    day.bash("pytest -v 2>&1 | tail -40")
    day.bash(START + """for q in 'stations' 'highest?station=STM3&count=3' 'highest?station=ALB1&since=1743379200&count=2' 'highest' 'highest?station=ALB1&since=yesterday' 'nothing'; do
  printf '%-48s ' "/v1/$q"; curl -s -w ' [%{http_code}]\\n' "http://127.0.0.1:8765/v1/$q"; done
kill $server; wait $server 2> /dev/null; echo; echo '--- server.log'; sed 's/[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/13:04:09/; s/[0-9]*\\/[A-Z][a-z][a-z]\\/20[0-9][0-9]/14\\/May\\/2025/' /tmp/tidewatch-server.log | tail -6""")
    day.python("""
import concurrent.futures, http.client, http.server, threading, time
from tidewatch.server import Handler

Handler.path_to_store = "data/tides.db"
Handler.log_message = lambda *a: None
slow = Handler.stations
def stations(self, query):
    time.sleep(0.25)  # stands in for a large export
    return slow(self, query)
Handler.stations = stations

def ask(address, path):
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(*address)
    connection.request("GET", path)
    connection.getresponse().read()
    return time.perf_counter() - begin

for kind in (http.server.HTTPServer, http.server.ThreadingHTTPServer):
    server = kind(("127.0.0.1", 0), Handler)
    server.request_queue_size = 64
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        exports = [pool.submit(ask, server.server_address, "/v1/stations") for _ in range(4)]
        time.sleep(0.05)
        small = [pool.submit(ask, server.server_address, "/v1/highest?station=ALB1") for _ in range(8)]
        waits = sorted(f.result() for f in small)
        print(f"{kind.__name__:<20} small requests behind 4 slow ones: fastest {waits[0]*1000:6.1f} ms, slowest {waits[-1]*1000:7.1f} ms;"
              f" the slow ones {max(f.result() for f in exports)*1000:7.1f} ms")
    server.shutdown()
""", "And does it help with what we saw in the log? Four slow requests, eight small ones right behind them, with the old kind of server and the new.")
    day.say("""
That is the effect that we were after. With the single-threaded server a small request had to wait until every slow one in front of it was done (around a second); with threads it is answered in some milliseconds while the slow ones are still running.

All tests pass. I'd like to say clearly what this does *not* do: Python's global lock still lets only one thread compute at a time. The slow part here is mostly SQLite and socket writes, both of which release the lock, so threads help; for a CPU-bound export they would not.""")
    day.bash("git add -A && git commit -qm 'server: threads, and a sentence for each wrong request\n\nA request without since= ended in a traceback and a closed connection. One slow export\nno longer holds up everybody else.' && git show --stat --format='%h %s' HEAD")
    day.user("Perfect. What would the retry with back-off look like for the display? Only as a sketch that I can send to them, they use Python as well.")
    day.python('''
import random

def delays(first=1.0, ceiling=60.0, rng=random.random):
    """Seconds to wait before each retry: doubling, never over `ceiling`, and a random half of it."""
    wait = first
    while True:
        yield wait * (0.5 + 0.5 * rng())
        wait = min(wait * 2, ceiling)

random.seed(3)
for display in range(3):
    d = delays()
    print("display", display, " ".join(f"{next(d):5.1f}" for _ in range(10)))

# How many requests would one display have sent in those 15 minutes, had each been refused?
total, count = 0.0, 0
for wait in delays():
    total += wait
    if total > 900:
        break
    count += 1
print(count, "requests in 15 minutes instead of 596")
''')
    day.say("""
Here is the sketch, tried out above:

```python
def delays(first=1.0, ceiling=60.0):
    wait = first
    while True:
        yield wait * (0.5 + 0.5 * random.random())   # a random half, so that displays do not march in step
        wait = min(wait * 2, ceiling)

for delay in delays():
    try:
        return fetch_export()
    except (TimeoutError, ServerBusy) as error:
        time.sleep(getattr(error, "retry_after", None) or delay)
```

Three remarks for the mail: (1) a `Retry-After` header from the server wins over our own guess; (2) only repeat what is safe to repeat, i.e. GET; (3) after a success start again from one second. In the quarter of an hour that we looked at, the display would have sent some twenty requests in place of 596.""")
