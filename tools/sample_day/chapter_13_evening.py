"""Housekeeping on the disk, checksums, and the summary of the day."""


def play(day) -> None:
    day.at(17, 22)
    day.user("""
Last things. The backup complains about the size of data/: can you see what is large, what could go, and make a manifest with checksums
of what we keep? I want to compare it with the copy on the other machine.""")
    day.bash("du -ab data | sort -rn | numfmt --field=1 --to=iec; echo; find data -type f -size +100k -printf '%s %TY-%Tm-%Td %p\\n' | sort -rn; echo; df --output=fstype . | tail -1 > /dev/null; git count-objects -vH")
    day.bash("""for tool in gzip 'xz -6' 'zstd -q -19'; do for f in data/access.log data/readings.csv; do
  if command -v ${tool%% *} > /dev/null; then printf '%-12s %-20s %8d -> %7d bytes\\n' "$tool" $f $(stat -c %s $f) $($tool -c < $f | wc -c); fi; done; done""")
    day.bash("""( cd data && find . -type f ! -name '*.db' -print0 | sort -z | xargs -0 sha256sum ) > /tmp/tidewatch-manifest.txt
git ls-files -s | awk '{ print $2, $4 }' | sed 's/^\\(.\\{16\\}\\)[0-9a-f]*/\\1/' ; echo; cat /tmp/tidewatch-manifest.txt; echo; wc -c < /tmp/tidewatch-manifest.txt; md5sum tidewatch/*.py | head -12""",
             "Checksums of the data, and git's own object names for what is in the repository.")
    day.bash("""python - <<'EOF'
import hashlib, json, pathlib
manifest = {"made": "2025-05-14T17:12:00Z", "root": "data", "files": []}
for path in sorted(pathlib.Path("data").iterdir()):
    data = path.read_bytes()
    if path.suffix != ".db":
        manifest["files"].append({"path": path.name, "bytes": len(data), "lines": data.count(b"\\n"),
                                  "sha256": hashlib.sha256(data).hexdigest(), "sha1_first_block": hashlib.sha1(data[:4096]).hexdigest()})
manifest["files"].append({"path": "tides.db", "note": "compare by content: sqlite3 tides.db .dump | sha256sum"})
pathlib.Path("data/manifest.json").write_text(json.dumps(manifest, indent=2) + "\\n")
EOF
cat data/manifest.json; sqlite3 data/tides.db .dump | sha256sum; sqlite3 data/tides.db "PRAGMA integrity_check; PRAGMA page_count; PRAGMA freelist_count;" """)
    day.say("""
What is large: the access log (1 MB) and the month of readings (0.5 MB); both compress to a fraction, see the table. `data/` is not in git, so none of it weighs on the repository itself, which is a few hundred kilobytes.

I left the database out of the checksums on purpose. Two SQLite files with the same content need not have the same bytes (free pages, order of insertion, a vacuum), so a checksum of the file would raise a false alarm. The dump is what can be compared: run the last line of the manifest on both machines.

To compare the rest on the other machine:

```sh
jq -r '.files[] | select(.sha256) | "\\(.sha256)  \\(.path)"' manifest.json | (cd data && sha256sum -c -)
```""")
    day.bash("""jq -r '.files[] | select(.sha256) | "\\(.sha256)  \\(.path)"' data/manifest.json | (cd data && sha256sum -c -); printf 'x' >> data/krh2-box.log
jq -r '.files[] | select(.sha256) | "\\(.sha256)  \\(.path)"' data/manifest.json | (cd data && sha256sum -c -); truncate -s -1 data/krh2-box.log""",
             "A check that never fails is none, so once as it is and once with a byte too much.")
    day.user("""
Good. Could you also set up the service file and the timer for the nightly import as text? I'll install it myself tomorrow. And then
please sum up the day for Pia: what changed, what she should look at, what is open.""")
    day.write_file("deploy/tidewatch.service", """
[Unit]
Description=tidewatch, read-only HTTP face of the store
After=network.target

[Service]
ExecStart=/usr/bin/python3 -m tidewatch.server /var/lib/tidewatch/tides.db --port 8765
WorkingDirectory=/opt/tidewatch
DynamicUser=yes
StateDirectory=tidewatch
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
NoNewPrivileges=yes
MemoryMax=256M
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
""")
    day.write_file("deploy/tidewatch-import.timer", """
[Unit]
Description=Import the boxes' logs every night, and not all stations in the same second

[Timer]
OnCalendar=*-*-* 02:40:00 UTC
RandomizedDelaySec=10min
Persistent=yes

[Install]
WantedBy=timers.target
""")
    day.bash("""git add -A && git commit -qm 'deploy: service and timer, not installed yet'
morning=$(git rev-list -1 --before=2025-05-14T00:00:00Z HEAD); git log --reverse --format='%h %s' $morning..HEAD && git diff --shortstat $morning HEAD; pytest -q 2>&1 | tail -2; make -C native clean check 2>&1 | tail -2; git status --short""")
    day.say("""
Dear Pia,

here is what happened in tidewatch on Wednesday, in the order in which you may want to look at it.

**Please look at these**

1. *The rolling median* looked one value too short to the right (`filters.py`). In the month that we have, one good reading at Saint-Malo was taken for a spike because of it; nothing else changed in the reports. There was a test for it that failed, so: the tests were not run before the last commit. No harm done, but a hook or CI would help all of us.
2. *native/* did not compile, and once it did, the mean of an interval was rounded to whole metres (`accumulate(…, 0)` adds up in `int`). If a box already runs that code, its means are wrong. Does one?
3. *Settings* have a new format. `scripts/migrate_config.py` moves a file and can be run twice.

**What else changed**

- Daily means follow the station's calendar through a change of clocks.
- The server uses threads and answers wrong requests in words; `since` may be left out.
- An index makes `highest` some thousand times quicker. It is a single index on purpose: with a second one on `(station, time)` SQLite takes the wrong one.
- `/v1/export` gives CSV with an ETag, so that a display need not fetch what it has.
- The report is split in two functions and gives times in the station's zone (“12:40 CEST”).
- `box_log` reads what the boxes write by themselves: byte order mark, CR LF, NUL bytes, Latin-1 remarks. It refuses decimal commas.
- A harmonic fit in C++, compared with numpy: equal in all printed digits. It keeps quiet before 14 days of data.
- docs/architecture.md, docs/proposal-history.md, CHANGELOG.md.

**Open**

- [ ] the display's retries (mail with the sketch goes out tomorrow)
- [ ] decision on `known_since` on Friday
- [ ] service and timer are written but not installed, nor tried
- [ ] Krähenhafen: who wrote a decimal comma into line 14?
- [ ] the phase check for clocks exists as a snippet only

All tests pass, Python and C++ (see above). The timings that are mentioned come from one machine and one run each; please take them as orders of magnitude.

Best regards, and thank you for the rolling median: the idea was right, it was one character short.""")
    day.user("Great day, thanks. That's all for today.")
    day.say("You're welcome. The working tree is clean and everything is committed. Have a good evening!")
