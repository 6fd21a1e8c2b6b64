"""A log that does not parse: bytes, encodings, line ends."""

MAKE_BAD = r'''
lines = [f"2025-05-13T{h:02}:{m:02}:00Z KRH2 {1.9 + 0.01 * ((h * 6 + m // 10) % 40):.3f} ok" for h in range(4) for m in range(0, 60, 10)]
lines[4] = lines[4].replace(" ok", " suspect  # W\xe4rter: Sensor vereist")
lines[9] = lines[9].replace("T01", " 01")
lines[13] = lines[13].replace("2.030", "2,030")
lines[17] = ""
lines[20] = lines[20][:21]
data = "\r\n".join(lines).encode("latin-1") + b"\r\n"
data = b"\xef\xbb\xbf" + data[:600] + b"\x00\x00\x00\x00" + data[600:]
open("data/krh2-box.log", "wb").write(data)
'''


def play(day) -> None:
    day.at(14, 47)
    day.put("data/make_bad.py", MAKE_BAD)
    day.run("python data/make_bad.py && rm data/make_bad.py")
    day.user("""
Krähenhafen sent me the log that their box writes by itself (data/krh2-box.log). Our parser refuses it. Can you see what is in there
and how much of it we can use? I don't want a parser that swallows everything, but I'd like to know line by line what is wrong.""")
    day.bash("""python - <<'EOF' 2>&1 | tail -3
from tidewatch.reading import parse
print(len(parse(open("data/krh2-box.log"))))
EOF
file data/krh2-box.log; wc data/krh2-box.log; head -c 160 data/krh2-box.log | xxd""")
    day.bash("""LC_ALL=C grep -nabo -P '[\\x00-\\x08\\x0e-\\x1f\\x80-\\xff]' data/krh2-box.log | head -20 | cat -v; echo; sed -n '9,12p' data/krh2-box.log | xxd | head -24""",
             "The first bytes are a byte order mark, and the lines end in CR LF. What else is not plain ASCII?")
    day.bash("tr -d '\\000\\r' < data/krh2-box.log | cat -v | cat -n")
    day.say("""
Here is what the file holds, from the outside in:

| where | what | usable? |
|-------|------|---------|
| byte 0 | `EF BB BF`, a byte order mark of UTF-8 (although the file is *not* UTF-8, see below) | yes, skip it |
| every line | ends in CR LF | yes |
| line 16, byte 603 ff. | four NUL bytes: typical for a box that lost power while it wrote | yes, drop them and mark the reading as suspect |
| line 5 | a remark behind `#` with `0xE4` in it: `ä` in Latin-1 ("Wärter: Sensor vereist") | the reading yes, the remark for people |
| line 10 | a space where the `T` of the time should be, so there are five fields | yes, it is unambiguous |
| line 14 | a decimal comma, `2,030` instead of `2.030` | better not guess: a comma may also separate fields |
| line 18 | empty | skip |
| line 21 | cut off in the middle, no level | no |

I propose two steps. `parse()` stays as strict as it is: it is used on our own files, and there an odd line *is* an error. In addition a reader for boxes that yields, per line, either a reading or a refusal with its reason, and which repairs only what has one possible meaning (mark, line end, NUL, remark, space for `T`). The decimal comma is refused, with a message that says so.""")
    day.write_file("tidewatch/box_log.py", '''
"""Logs as the boxes write them: repaired where there is one possible meaning, refused otherwise."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from tidewatch.reading import BadLine, Reading, parse_line

SPACE_FOR_T = re.compile(r"^(\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\dZ)")
DECIMAL_COMMA = re.compile(r"\\b\\d+,\\d+\\b")


@dataclasses.dataclass(frozen=True)
class Line:
    number: int
    reading: Reading | None = None
    remark: str = ""             # what stood behind '#'
    repairs: tuple[str, ...] = ()
    refusal: str = ""            # why there is no reading


def read_box_log(data: bytes) -> Iterator[Line]:
    """One item a line that is not empty. Bytes that are not UTF-8 are taken as Latin-1."""
    for number, raw in enumerate(data.removeprefix(b"\\xef\\xbb\\xbf").split(b"\\n"), 1):
        repairs = []
        if b"\\0" in raw:
            raw = raw.replace(b"\\0", b"")
            repairs.append("NUL bytes dropped")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
            repairs.append("read as Latin-1")
        text, _, remark = text.rstrip("\\r").partition("#")
        if not text.strip():
            continue
        fixed = SPACE_FOR_T.sub(r"\\1T\\2", text.strip())
        if fixed != text.strip():
            repairs.append("space for T in the time")
        try:
            if DECIMAL_COMMA.search(fixed):
                raise BadLine(f"line {number}: decimal comma in {fixed!r}; a level has a point")
            reading = parse_line(fixed, number)
        except (BadLine, ValueError) as error:
            yield Line(number, remark=remark.strip(), repairs=tuple(repairs), refusal=str(error))
            continue
        if "NUL bytes dropped" in repairs and reading.quality == "ok":
            reading = dataclasses.replace(reading, quality="suspect")
        yield Line(number, reading, remark.strip(), tuple(repairs))
''')
    day.python("""
from tidewatch.box_log import read_box_log
lines = list(read_box_log(open("data/krh2-box.log", "rb").read()))
for line in lines:
    if line.refusal or line.repairs or line.remark:
        r = line.reading
        shown = f"{r.time:%H:%M} {r.level} {r.quality}" if r else "REFUSED  " + line.refusal
        print(f"{line.number:3d}  {shown:<22} {', '.join(line.repairs)}{'  # ' + line.remark if line.remark else ''}")
print(sum(l.reading is not None for l in lines), "of", len(lines), "lines give a reading")
""")
    day.write_file("tests/test_box_log.py", '''
import pytest

from tidewatch.box_log import read_box_log

GOOD = b"2025-05-13T00:10:00Z KRH2 1.910 ok"


def only(data):
    (line,) = read_box_log(data)
    return line


def test_a_byte_order_mark_and_carriage_returns_do_no_harm():
    assert only(b"\\xef\\xbb\\xbf" + GOOD + b"\\r\\n").reading.level == 1.91


def test_a_remark_may_be_latin_1():
    line = only(GOOD + b"  # W\\xe4rter")
    assert (line.remark, line.repairs) == ("W\u00e4rter", ("read as Latin-1",))


def test_a_reading_with_nul_bytes_is_suspect():
    assert only(GOOD[:12] + b"\\0\\0" + GOOD[12:]).reading.quality == "suspect"


@pytest.mark.parametrize("data, words", [
    (GOOD.replace(b"1.910", b"1,910"), "decimal comma"),
    (GOOD[:20], "expected 4 fields, got 1"),
    (GOOD.replace(b"00:10", b"25:10"), "does not match format"),
    (GOOD.replace(b"1.910", b"high"), "could not convert"),
])
def test_what_cannot_be_known_is_refused_with_its_line(data, words):
    assert words in only(data).refusal


def test_numbers_count_empty_lines():
    assert [line.number for line in read_box_log(GOOD + b"\\n\\n" + GOOD)] == [1, 3]
''')
    day.bash("pytest -q tests/test_box_log.py 2>&1 | tail -30; git add -A; git commit -qm 'box_log: logs as the boxes write them, line by line' && git log --oneline -1")
    day.say("""
The reader gets everything out of that file that can be known: the two refused lines are the decimal comma and the one that is cut off. For the people in Krähenhafen: the comma appears once among 23 lines, so it is not a setting of the box; perhaps somebody corrected that value by hand.""")
