"""An export that answers 304 when nothing is new."""

EXPORT = '''
"""The export: a station's readings as CSV, streamed, with an ETag."""

from __future__ import annotations

import datetime
import gzip
import sqlite3
from collections.abc import Iterator

ROWS_A_CHUNK = 2000


def etag(store: sqlite3.Connection, station: str, since: int) -> str:
    """Changes when a reading of the span is added, removed or replaced; needs no look at the levels."""
    count, last_id, last_time = store.execute(
        "SELECT count(*), coalesce(max(id), 0), coalesce(max(time), 0) FROM reading "
        "WHERE station = ? AND time >= ?", (station, since)).fetchone()
    return f'"{count:x}-{last_id:x}-{last_time:x}"'


def csv_chunks(store: sqlite3.Connection, station: str, since: int) -> Iterator[bytes]:
    cursor = store.execute("SELECT time, level, quality FROM reading WHERE station = ? AND time >= ? "
                           "ORDER BY time", (station, since))
    yield b"time,level,quality\\r\\n"
    while rows := cursor.fetchmany(ROWS_A_CHUNK):
        yield "".join(
            f"{datetime.datetime.fromtimestamp(time, datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ},"
            f"{'' if level is None else f'{level:.3f}'},{quality}\\r\\n" for time, level, quality in rows).encode()


def gzipped(chunks: Iterator[bytes]) -> bytes:
    return gzip.compress(b"".join(chunks), compresslevel=6, mtime=0)
'''


def play(day) -> None:
    day.at(15, 38)
    day.user("""
The makers of the display answered already: they can send `If-None-Match` if we give them an ETag, and they can take gzip. So let's do the export
endpoint properly, /v1/export?station=STM3&days=31, as CSV. What would you take as the ETag? Hashing 130 kB on each request to find out
that nothing changed seems silly.""")
    day.say("""
Agreed, a hash of the content would do nearly all of the work that a 304 is meant to save. The tag only has to *change whenever the answer changes*. Readings are only added (or, with a correction, removed and added), so three numbers are enough: how many rows the span has, the largest `id`, and the latest `time`. SQLite counts 4,464 rows in well under a millisecond.

One trap: with `days=31` the span starts at "now minus 31 days", so it moves with every second, and rows drop out at its far end every ten minutes. Then the tag would change although nothing new came in. I would round the start down to the full day (UTC); the client gets up to a day more than it asked for, and says so in the header `X-Since`.

About gzip: CSV of levels shrinks to about a sixth. Compressing costs a few milliseconds for 130 kB, less than sending the rest over the harbour's line. I'd only do it when the client says `Accept-Encoding: gzip`.""")
    day.write_file("tidewatch/export.py", EXPORT)
    day.edit_file("tidewatch/server.py", """from tidewatch.store import highest, open_store
""", """from tidewatch import export
from tidewatch.store import highest, open_store
""")
    day.edit_file("tidewatch/server.py", """import threading
import urllib.parse
""", """import threading
import time
import urllib.parse
""")
    day.edit_file("tidewatch/server.py", """            if url.path not in routes:
""", """            if url.path == "/v1/export":
                return self.export(query)
            if url.path not in routes:
""")
    day.edit_file("tidewatch/server.py", """    def answer(self, status, body):
""", """    def export(self, query):
        station = self.known_station(query)
        days = number(query, "days", 31)
        if not 1 <= days <= 3660:
            raise BadRequest(f"days must be from 1 to 3660, got {days}")
        since = (int(self.clock()) // 86400 - days) * 86400  # the start of a day, so that the tag stays put
        tag = export.etag(self.store, station, since)
        if tag in self.headers.get("If-None-Match", ""):
            self.send_response(304)
            self.send_header("ETag", tag)
            return self.end_headers()
        chunks = export.csv_chunks(self.store, station, since)
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        data = export.gzipped(chunks) if packed else b"".join(chunks)
        self.send_response(200)
        for name, value in (("Content-Type", "text/csv; charset=utf-8"), ("ETag", tag), ("X-Since", since),
                            ("Vary", "Accept-Encoding"), ("Content-Length", len(data))):
            self.send_header(name, str(value))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def known_station(self, query):
        known = [row[0] for row in self.store.execute("SELECT code FROM station ORDER BY code")]
        if query.get("station") not in known:
            raise BadRequest(f"station must be one of {', '.join(known)}")
        return query["station"]

    def answer(self, status, body):
""")
    day.edit_file("tidewatch/server.py", """        known = [row[0] for row in self.store.execute("SELECT code FROM station ORDER BY code")]
        if query.get("station") not in known:
            raise BadRequest(f"station must be one of {', '.join(known)}")
        count = min(number(query, "count", 5), 100)
        rows = highest(self.store, query["station"], number(query, "since", 0), count)
""", """        station = self.known_station(query)
        count = min(number(query, "count", 5), 100)
        rows = highest(self.store, station, number(query, "since", 0), count)
""")
    day.edit_file("tidewatch/server.py", """    path_to_store = ""
""", """    path_to_store = ""
    clock = staticmethod(time.time)
""", "The clock becomes replaceable, so that a test (and my try below with data of March) can set it.")
    day.write_file("tests/test_export.py", '''
import gzip
import http.client
import http.server
import threading

import pytest

from tidewatch.server import Handler
from tidewatch.store import open_store

DAY = 86400
NOW = 100 * DAY + 3600


@pytest.fixture
def server(tmp_path, monkeypatch):
    path = str(tmp_path / "tides.db")
    store = open_store(path)
    store.execute("INSERT INTO station VALUES ('STM3', 'Saint-Malo', 'Europe/Paris', 0)")
    for time, level in ((99 * DAY, 5.1), (99 * DAY + 600, None), (20 * DAY, 4.0)):
        store.execute("INSERT INTO reading (station, time, level, quality) VALUES ('STM3', ?, ?, ?)",
                      (time, level, "ok" if level else "missing"))
    store.commit()
    monkeypatch.setattr(Handler, "path_to_store", path)
    monkeypatch.setattr(Handler, "clock", staticmethod(lambda: NOW))
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()

    def get(path, **headers):
        connection = http.client.HTTPConnection(*running.server_address)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()

    yield get, store
    running.shutdown()


def test_the_export_is_csv_in_order_of_time(server):
    get, _ = server
    status, headers, body = get("/v1/export?station=STM3&days=31")
    assert status == 200
    assert body == b"time,level,quality\\r\\n1970-04-10T00:00:00Z,5.100,ok\\r\\n1970-04-10T00:10:00Z,,missing\\r\\n"


def test_an_unchanged_export_is_not_sent_twice(server):
    get, store = server
    tag = get("/v1/export?station=STM3&days=31")[1]["ETag"]
    assert get("/v1/export?station=STM3&days=31", If_None_Match=tag)[0] == 304
    store.execute("INSERT INTO reading (station, time, level, quality) VALUES ('STM3', ?, 5.2, 'ok')", (99 * DAY + 1200,))
    store.commit()
    assert get("/v1/export?station=STM3&days=31", If_None_Match=tag)[0] == 200


def test_gzip_holds_the_same(server):
    get, _ = server
    plain = get("/v1/export?station=STM3&days=31")[2]
    status, headers, body = get("/v1/export?station=STM3&days=31", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain


@pytest.mark.parametrize("query", ["days=0", "days=4000", "days=many"])
def test_days_have_limits(server, query):
    get, _ = server
    assert get("/v1/export?station=STM3&" + query)[0] == 400
''')
    day.bash("pytest -q 2>&1 | tail -40")
    day.bash("""cat > /tmp/tidewatch-march.py <<'EOF'
import http.server
from tidewatch.server import Handler
Handler.path_to_store, Handler.clock = "data/tides.db", staticmethod(lambda: 1744675200)   # 15 April 2025
http.server.ThreadingHTTPServer(("127.0.0.1", 8765), Handler).serve_forever()
EOF
PYTHONPATH=. python /tmp/tidewatch-march.py > /dev/null 2>&1 & server=$!
for i in $(seq 50); do curl -s -o /dev/null http://127.0.0.1:8765/ && break; sleep 0.1; done
url='http://127.0.0.1:8765/v1/export?station=STM3&days=31'
curl -s -D - -o /tmp/tidewatch-a.csv "$url" | tr -d '\\r' | grep -v '^Date\\|^Server'; wc -lc < /tmp/tidewatch-a.csv; head -3 /tmp/tidewatch-a.csv
tag=$(curl -s -D - -o /dev/null "$url" | tr -d '\\r' | sed -n 's/^ETag: //p'); echo; echo "tag: $tag"
curl -s -o /dev/null -w 'plain: %{http_code}  %{size_download} bytes\\n' "$url"
curl -s -o /tmp/tidewatch-b.csv -H 'Accept-Encoding: gzip' -w 'gzip:  %{http_code}  %{size_download} bytes\\n' "$url"
curl -s -o /dev/null -H "If-None-Match: $tag" -w 'same:  %{http_code}  %{size_download} bytes\\n' "$url"
kill $server; wait $server 2> /dev/null; gunzip -c < /tmp/tidewatch-b.csv | cmp - /tmp/tidewatch-a.csv && echo 'gunzipped: same bytes'; rm -f /tmp/tidewatch-a.csv /tmp/tidewatch-b.csv /tmp/tidewatch-march.py""")
    day.bash("git add -A && git commit -qm 'export: CSV with an ETag from three numbers, 304 when nothing is new, gzip on request' && git diff --stat HEAD~1 HEAD && git show HEAD -- tidewatch/server.py | head -90")
    day.say("""
It works as intended: the same question asked again costs no body at all, and with gzip the first answer is about a fifth of the plain one. On that Tuesday morning the display would have received one export and then 304s, instead of asking for 130 kB six hundred times.

Two honest limits: a reading whose *level is updated in place* would not change the tag. Nothing in our code does that, but a person with `sqlite3` could. And a list of several tags in `If-None-Match` is matched by a plain `in`, which is good enough for tags of this form (hexadecimal numbers in quotes), not for any tag.""")
