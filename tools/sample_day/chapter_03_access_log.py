"""Where the time goes: an access log, awk, and a client that retries too fast."""

MAKE_LOG = '''
"""Writes a made-up access log of the HTTP face: one morning, one client that retries too fast."""

import datetime
import random

rng = random.Random(4711)
start = datetime.datetime(2025, 5, 13, 5, 0)
clients = ["10.20.0.%d" % n for n in (11, 12, 17, 23, 42, 77)]
agents = {"10.20.0.77": "harbour-display/0.9", "10.20.0.42": "curl/7.88.1"}
t = start
for n in range(9000):
    t += datetime.timedelta(seconds=rng.expovariate(1.2))
    client = rng.choice(clients[:5])
    path = rng.choices(["/v1/stations", "/v1/highest?station=ALB1&since=0", "/v1/highest?station=STM3&since=0",
                        "/v1/export?station=ALB1&days=31", "/healthz"], [20, 30, 25, 4, 21])[0]
    storm = 1800 < (t - start).total_seconds() < 2700
    if storm and rng.random() < 0.55:
        client, path = "10.20.0.77", "/v1/export?station=STM3&days=31"
    millis = {"/v1/s": 2.0, "/v1/h": 9.0, "/v1/e": 240.0, "/heal": 0.4}[path[:5]] * rng.lognormvariate(0, 0.45)
    if storm:
        millis *= 3.5 if path.startswith("/v1") else 1.0
    status = 200
    if path.startswith("/v1/e") and millis > 1000:
        status, millis = 504, 1000.0 + rng.random()
    size = 0 if status != 200 else {"/v1/s": 214, "/v1/h": 396, "/v1/e": 131872, "/heal": 3}[path[:5]]
    print(f'{client} - - [{t:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} {size} '
          f'"-" "{agents.get(client, "tidewatch-web/2.1")}" {millis:.1f}')
'''


def play(day) -> None:
    day.at(10, 14)
    day.user("""
Different topic. Yesterday between 05:30 and 05:45 the web display was slow, people at the harbour office
complained. I copied the access log to data/access.log. The last field is milliseconds. Can you find out
what happened? Please use plain shell tools where you can, I want to be able to repeat it.""")
    day.put("data/make_log.py", MAKE_LOG)
    day.run("python data/make_log.py > data/access.log && rm data/make_log.py")
    day.bash("wc data/access.log && head -3 data/access.log && echo ... && tail -3 data/access.log")
    day.bash(r"""awk '{ s[$9]++ } END { for (k in s) print s[k], k }' data/access.log | sort -rn; echo
awk '{ split($7, p, "?"); n[p[1]]++; t[p[1]] += $NF; b[p[1]] += $10 } END { printf "%-14s %7s %12s %10s %12s\n", "path", "calls", "total ms", "mean ms", "bytes"; for (k in n) printf "%-14s %7d %12.0f %10.1f %12d\n", k, n[k], t[k], t[k]/n[k], b[k] }' data/access.log | sort -k3,3nr""",
             "Status codes first, then calls and time by path.")
    day.bash(r"""awk '{ split($4, t, ":"); m = t[2] ":" t[3]; n[m]++; if ($9 != 200) bad[m]++; if ($7 ~ /^\/v1\/h/) { ms[m] += $NF; c[m]++ } }
END { for (m in n) printf "%s %4d calls  %3d errors  highest: %6.1f ms\n", m, n[m], bad[m], c[m] ? ms[m]/c[m] : 0 }' data/access.log | sort | sed -n '20,52p'""",
             "Now minute by minute around the time in question.")
    day.bash(r"""sed -n '/13\/May\/2025:05:3[0-9]/p; /13\/May\/2025:05:4[0-4]/p' data/access.log > /tmp/tidewatch-slow.log; wc -l < /tmp/tidewatch-slow.log
cut -d' ' -f1 /tmp/tidewatch-slow.log | sort | uniq -c | sort -rn; echo
awk '{ print $1, $7, $9 }' /tmp/tidewatch-slow.log | sort | uniq -c | sort -rn | head -12""")
    day.bash(r"""grep '^10.20.0.77' data/access.log | awk -F'[][]' '{ print $2 }' | cut -d: -f2- | cut -d' ' -f1 | awk -F: '{ s = $1*3600 + $2*60 + $3; if (NR > 1) print s - last; last = s }' | sort -n | uniq -c
echo; grep '^10.20.0.77' data/access.log | sed -n '1,14p'""", "One client stands out. How does it behave?")
    day.python(r"""
import collections, re
pattern = re.compile(r'^(\S+) .*?\[(\d+/\w+/\d+):(\d+):(\d+):(\d+) .*?"GET (\S+) .*?" (\d+) (\d+) .* ([\d.]+)$')
times = collections.defaultdict(list)
for line in open("data/access.log"):
    client, _, h, m, s, path, status, size, ms = pattern.match(line).groups()
    second = int(h) * 3600 + int(m) * 60 + int(s) - 5 * 3600
    when = "05:30-05:45" if 1800 <= second < 2700 else "otherwise"
    times[path.split("?")[0], when].append(float(ms))

def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]

print(f"{'path':<14} {'when':<12} {'n':>6} {'p50':>8} {'p90':>8} {'p95':>8} {'p99':>8} {'max':>8}")
for (path, when), values in sorted(times.items()):
    print(f"{path:<14} {when:<12} {len(values):>6}" + "".join(f" {quantile(values, q):8.1f}" for q in (.5, .9, .95, .99)) + f" {max(values):8.1f}")
print()
for (path, when), values in sorted(times.items()):
    if path == "/v1/highest":
        print(path, when)
        counts = collections.Counter(min(int(v // 5) * 5, 80) for v in values)
        for low in range(0, 85, 5):
            print(f"  {low:>3} ms {'#' * round(60 * counts[low] / len(values))} {counts[low]}")
""", "Means hide the tail, so a table of quantiles and a small histogram as well.")
    day.say("""
I think the cause is clear. In the order in which I'd tell it to the harbour office:

**What happened.** From 05:30 to 05:45 one client, `10.20.0.77` (user agent `harbour-display/0.9`), asked for the full export of Saint-Malo 596 times: about once every second and a half, often twice within the same second. An export normally takes a quarter of a second and returns 130 kB. Under that load each took 3.5 times as long; those that went past one second (232 of them) were cut off with a **504**, and the display tried again at once, without any pause. That is a retry storm: the more requests fail, the more requests there are.

**Why the others suffered.** The server handles one request at a time (`http.server.HTTPServer` is single-threaded). While an export runs, everybody waits. So `/v1/highest`, usually 9 ms in the median, went to about 30 ms, and its slowest percentile to almost 90 ms. `/healthz` looks fine because it does not touch the database, which is also why no alarm went off.

**What I'd do**, from cheap to thorough:

1. In the display: wait before each retry, 1 s → 2 s → 4 s … up to a minute, with some randomness, so that several displays do not fall into step.
2. In the server: answer 429 with `Retry-After` when a client has an export running already.
3. Use `ThreadingHTTPServer`, so that small questions overtake large ones. SQLite in WAL mode is happy with several readers, but each thread needs a connection of its own.
4. Let the export answer `304 Not Modified` when nothing is new. A month of data does not change every second.

What I cannot see in this log is *why* it began at 05:30 sharp and stopped at 05:45. A cron job on the display would be my first guess.

To repeat the main step by yourself:

```sh
sed -n '/05:3[0-9]:/p; /05:4[0-4]:/p' data/access.log | cut -d' ' -f1 | sort | uniq -c | sort -rn
```""")
    day.user("""
Very good, thank you. It IS a cron job: the display reboots at 05:30 every Tuesday for updates and its cache is
empty afterwards. I'll forward your points 1 and 4 to the people who make the display. Let's do 3 ourselves later today.""")
    day.say("""
Noted: threads for the server, later today. A reboot with an empty cache fits the picture well; it would also explain the end, when its first export got through and the cache was warm again.""")
