"""Data as text: tables, configurations, queries, requests, markup, lists of ids."""

from __future__ import annotations

import base64

from .json_text import objects
from .logs import log
from .session import Session
from .vocabulary import DAYS, HOSTS, MONTHS, NAMES

STATUSES = ("200 OK", "201 Created", "404 Not Found", "429 Too Many Requests", "500 Internal Server Error")
CONTENT_TYPES = ("application/json", "text/html; charset=utf-8", "text/event-stream")
CSV_CELLS = (
    Session.number,
    Session.number,
    lambda s: f"{s.rng.gauss(0, 10):.4f}",
    lambda s: str(s.int(1, 9999)),
    Session.noun,
    lambda s: s.iso()[:10],
    lambda s: s.hex(8),
    lambda s: s.pick(NAMES).capitalize(),
    lambda s: '"' + s.words(2, 5) + '"',
)
IDS = (
    Session.uuid,
    lambda s: s.hex(s.pick((7, 8, 12, 32, 40, 64))),
    Session.ip,
    Session.url,
    Session.path,
    Session.semver,
    lambda s: f"{s.pick(NAMES)}.{s.pick(NAMES)}@{s.pick(HOSTS)}",
    lambda s: "sha256:" + s.hex(64),
    lambda s: s.id("toolu_01"),
    lambda s: "sk-" + s.base62(32),
    Session.number,
    Session.iso,
    lambda s: base64.b64encode(s.rng.randbytes(s.int(6, 60))).decode(),
    Session.identifier,
)


def csv(s: Session) -> str:
    separator, columns = s.pick((",", ",", "\t", ";")), s.int(3, 9)
    cells = [s.pick(CSV_CELLS) for _ in range(columns)]
    lines = [separator.join(s.name() for _ in range(columns))]
    lines += [separator.join([cell(s) for cell in cells]) for _ in range(s.int(4, 20))]
    return "\n".join(lines)


def floats(s: Session) -> str:
    columns, digits, width = s.int(3, 9), s.int(2, 6), s.int(9, 13)
    form = s.pick(("%*.*f", "%*.*f", "%*.*e", "%-*.*f"))
    names = ["epoch", *(s.noun() for _ in range(columns))]
    lines = ["".join(f"{name[: width - 1]:>{width}}" for name in names)]
    for row in range(s.int(4, 16)):
        values = [form % (width, digits, s.rng.gauss(0, 20)) for _ in range(columns)]
        lines.append(f"{row:{width}}" + "".join(values))
    return "\n".join(lines)


def _yaml_value(s: Session) -> str:
    return s.pick(
        (
            s.number(),
            f'"{s.words(1, 5)}"',
            "true",
            "false",
            s.url(),
            s.path(),
            f"{s.noun()}/{s.noun()}:{s.semver()}",
            f"\n    - {s.name()}\n    - {s.name()}",
            "null",
            "${{ secrets.%s_TOKEN }}" % s.noun().upper(),
        )
    )


def yaml(s: Session) -> str:
    lines = []
    for _ in range(s.int(2, 6)):
        lines.append(f"{s.noun()}:")
        lines += [f"  {s.name()}: {_yaml_value(s)}" for _ in range(s.int(1, 5))]
    return "\n".join(lines)


def _toml_value(s: Session) -> str:
    return s.pick(
        (
            f'"{s.semver()}"',
            str(s.int(0, 9999)),
            "true",
            "false",
            f'["{s.noun()}", "{s.noun()}>={s.semver()}"]',
            f'{{ version = "{s.semver()}", features = ["{s.noun()}"] }}',
            f'"{s.path()}"',
        )
    )


def toml(s: Session) -> str:
    lines = []
    for _ in range(s.int(1, 4)):
        lines.append(s.pick((f"[{s.noun()}]", f"[tool.{s.noun()}.{s.noun()}]", f"[[{s.noun()}]]")))
        lines += [f"{s.name()} = {_toml_value(s)}" for _ in range(s.int(1, 6))]
        lines.append("")
    return "\n".join(lines)


def _select(s: Session, table: str, noun: str) -> str:
    return (
        f"SELECT {noun}, COUNT(*) AS n, AVG({s.noun()}_ms)\nFROM {table} t\n"
        f"LEFT JOIN {s.noun()}s u ON u.id = t.{noun}_id\n"
        f"WHERE t.created_at >= '{s.iso()[:10]}' AND t.{s.noun()} <> {s.int(0, 99)}\n"
        f"GROUP BY {noun}\nHAVING COUNT(*) > {s.int(1, 99)}\nORDER BY n DESC\nLIMIT {s.int(1, 500)};"
    )


def _create(s: Session, table: str, noun: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {table} (\n  id INTEGER PRIMARY KEY,\n"
        f"  {noun}_id BIGINT NOT NULL REFERENCES {s.noun()}s(id) ON DELETE CASCADE,\n"
        f"  {s.noun()} VARCHAR({s.int(8, 512)}) DEFAULT '{noun}',\n"
        f"  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n);\n"
        f"CREATE INDEX idx_{table}_{noun} ON {table}({noun}_id);"
    )


def _insert(s: Session, table: str, noun: str) -> str:
    columns, number = f"id, {noun}, {s.noun()}", s.int(1, 9999)
    quoted = s.words(1, 4).replace("'", "''")
    return f"INSERT INTO {table} ({columns}) VALUES ({number}, '{quoted}', {s.number()});"


def _update(s: Session, table: str, noun: str) -> str:
    change = f"{noun} = {noun} + {s.int(1, 9)}"
    return f"UPDATE {table} SET {change} WHERE id IN ({s.int(1, 99)}, {s.int(100, 999)}) RETURNING *;"


def sql(s: Session) -> str:
    table, noun = f"{s.noun()}s", s.noun()
    return s.pick([make(s, table, noun) for make in (_select, _create, _insert, _update)])


def http(s: Session) -> str:
    head = s.pick(
        (
            f"HTTP/1.1 {s.pick(STATUSES)}",
            f"{s.pick(('GET', 'POST', 'DELETE'))} /v{s.int(1, 3)}/{s.noun()}/{s.hex(8)} HTTP/1.1\n"
            f"Host: {s.pick(HOSTS)}",
            "< HTTP/2 200",
        )
    )
    day = f"{s.pick(DAYS)}, {s.int(1, 28)} {s.pick(MONTHS)} 20{s.int(10, 29)}"
    rows = [
        f"date: {day} {s.int(0, 23):02}:{s.int(0, 59):02}:{s.int(0, 59):02} GMT",
        f"content-type: {s.pick(CONTENT_TYPES)}",
        f"content-length: {s.int(0, 99999)}",
        f'etag: W/"{s.hex(16)}"',
        f"x-request-id: {s.uuid()}",
        f"authorization: Bearer {s.base62(s.int(20, 60))}",
        f"user-agent: {s.noun()}/{s.semver()}",
        f"cache-control: max-age={s.int(0, 9999)}",
        f"set-cookie: {s.noun()}={s.base62(24)}; Path=/; HttpOnly",
    ]
    return "\n".join([head, *s.rng.sample(rows, s.int(3, 8))])


def _query(s: Session) -> str:
    call = s.pick(("sum", "avg", "max", "topk(5, sum")) + s.pick(("", f" by ({s.noun()})"))
    series = f"{s.noun()}_{s.noun()}_total"
    labels = f'job="{s.noun()}",{s.noun()}=~"{s.noun()}.*",instance!="{s.ip()}:{s.int(1000, 9999)}"'
    return f"{call} (rate({series}{{{labels}}}[{s.int(1, 30)}m])) {s.pick('><')} {s.number()}"


def _bucket(s: Session) -> str:
    series = f"{s.noun()}_{s.noun()}_seconds_bucket"
    return f'{series}{{le="{s.random():.3g}",{s.noun()}="{s.noun()}"}} {s.int(0, 99999)}'


def promql(s: Session) -> str:
    return "\n".join(_query(s) if s.chance(0.5) else _bucket(s) for _ in range(s.int(2, 8)))


def _element(s: Session, tag: str) -> str:
    names = f'id="{s.identifier()}" class="{s.noun()} {s.noun()}-{s.int(1, 12)}"'
    return f'  <{tag} {names} {s.noun()}="{s.number()}">{s.words(1, 9)}</{tag}>'


def xml(s: Session) -> str:
    tag = s.pick(("div", "li", "item", "section", "entry", s.noun()))
    rows = [_element(s, tag) for _ in range(s.int(1, 7))]
    opening = f"<{s.noun()}>"
    link, note = f'  <a href="{s.url()}">{s.words(1, 4)}</a>', "  <!-- " + s.words(2, 6) + " -->"
    return "\n".join([opening, *rows, s.pick((link, f"  <{tag} />", note))])


def identifiers(s: Session) -> str:
    label = s.chance(0.5)
    return "\n".join((f"{s.noun()}: " if label else "") + s.pick(IDS)(s) for _ in range(s.int(2, 9)))


def base64_block(s: Session) -> str:
    text = base64.b64encode(s.rng.randbytes(s.int(60, 600))).decode()
    width = s.pick((64, 76, 10_000))
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


KINDS = (
    (3, log), (2, csv), (2, floats), (2, yaml), (1, toml), (2, sql), (1, http), (1, promql), (2, xml), (3, objects),
    (3, identifiers), (1, base64_block),
)  # fmt: skip
