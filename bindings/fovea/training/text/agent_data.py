"""Data as text: logs, tables, configurations, queries, requests, markup, JSON."""

from __future__ import annotations

import base64
import json
import typing

from .agent_values import DAYS, HOSTS, MONTHS, NAMES, VERBS, Values


class Data(Values):
    """Makes data. Each method gives one block, without a newline at its end."""

    def log(self) -> str:
        form, lines, who = self.int(0, 7), [], self.noun()
        for _ in range(self.int(3, 16)):
            year, month, day, hour, minute, second, micro = self.moment()
            level = self.pick(("INFO", "INFO", "INFO", "DEBUG", "WARN", "WARNING", "ERROR"))
            text = self.pick(
                (
                    f"{self.pick(VERBS)} {self.noun()} {self.number()}",
                    self.words(3, 10),
                    f"{self.identifier()} took {self.number()}",
                    f"{self.noun()}={self.number()} {self.noun()}={self.number()} id={self.hex(8)}",
                    f"GET /{self.noun()}/{self.int(1, 999)} {self.pick((200, 201, 304, 404, 500))} {self.number()}",
                )
            )
            date, time = f"{year}-{month:02}-{day:02}", f"{hour:02}:{minute:02}:{second:02}"
            if form == 0:
                lines.append(f"{date} {time},{micro // 1000:03} - {who}.{self.noun()} - {level} - {text}")
            elif form == 1:
                lines.append(f"[{date}T{time}Z] {level:7} {text}")
            elif form == 2:
                lines.append(
                    f"{MONTHS[month - 1]} {day:2} {time} {who}-{self.int(1, 9)} {self.noun()}[{self.int(100, 32000)}]: {text}"
                )
            elif form == 3:
                lines.append(
                    f'time={date}T{time}.{micro // 1000:03}Z level={level} source={self.noun()}.go:{self.int(1, 900)} msg="{text}" component={self.noun()}'
                )
            elif form == 4:
                lines.append(
                    f'{self.ip()} - - [{day:02}/{MONTHS[month - 1]}/{year}:{time} +0000] "{self.pick(("GET", "POST", "PUT"))} /{self.noun()}/{self.hex(6)} HTTP/1.1" {self.pick((200, 200, 204, 301, 404, 502))} {self.int(0, 90000)} "-" "curl/{self.semver()}"'
                )
            elif form == 5:
                lines.append(
                    f"{level[0]}{month:02}{day:02} {time}.{micro:06} {self.int(1, 9999):7} {self.noun()}.go:{self.int(1, 999)}] {text}"
                )
            elif form == 6:
                lines.append(
                    json.dumps(
                        {
                            "level": level.lower(),
                            "ts": round(self.clock, 3),
                            "msg": text,
                            "caller": f"{who}/{self.file()}:{self.int(1, 900)}",
                        }
                    )
                )
            else:
                lines.append(f"{time} {level} {text}")
        return "\n".join(lines)

    def csv(self) -> str:
        separator, columns = self.pick((",", ",", "\t", ";")), self.int(3, 9)
        makers = [
            self.pick(
                (
                    self.number,
                    self.number,
                    lambda: f"{self.rng.gauss(0, 10):.4f}",
                    lambda: str(self.int(1, 9999)),
                    lambda: self.noun(),
                    lambda: self.iso()[:10],
                    lambda: self.hex(8),
                    lambda: self.pick(NAMES).capitalize(),
                    lambda: '"' + self.words(2, 5) + '"',
                )
            )
            for _ in range(columns)
        ]
        lines = [separator.join(self.name() for _ in range(columns))]
        lines += [separator.join([make() for make in makers]) for _ in range(self.int(4, 20))]
        return "\n".join(lines)

    def floats(self) -> str:
        columns, digits, width = self.int(3, 9), self.int(2, 6), self.int(9, 13)
        form = self.pick(("%*.*f", "%*.*f", "%*.*e", "%-*.*f"))
        names = ["epoch", *(self.noun() for _ in range(columns))]
        lines = ["".join(f"{name[: width - 1]:>{width}}" for name in names)]
        for row in range(self.int(4, 16)):
            lines.append(
                f"{row:{width}}" + "".join([form % (width, digits, self.rng.gauss(0, 20)) for _ in range(columns)])
            )
        return "\n".join(lines)

    def yaml(self) -> str:
        lines = []
        for _ in range(self.int(2, 6)):
            lines.append(f"{self.noun()}:")
            for _ in range(self.int(1, 5)):
                lines.append(
                    f"  {self.name()}: "
                    + self.pick(
                        (
                            self.number(),
                            f'"{self.words(1, 5)}"',
                            "true",
                            "false",
                            self.url(),
                            self.path(),
                            f"{self.noun()}/{self.noun()}:{self.semver()}",
                            f"\n    - {self.name()}\n    - {self.name()}",
                            "null",
                            "${{ secrets.%s_TOKEN }}" % self.noun().upper(),
                        )
                    )
                )
        return "\n".join(lines)

    def toml(self) -> str:
        lines = []
        for _ in range(self.int(1, 4)):
            lines.append(self.pick((f"[{self.noun()}]", f"[tool.{self.noun()}.{self.noun()}]", f"[[{self.noun()}]]")))
            lines += [
                f"{self.name()} = "
                + self.pick(
                    (
                        f'"{self.semver()}"',
                        str(self.int(0, 9999)),
                        "true",
                        "false",
                        f'["{self.noun()}", "{self.noun()}>={self.semver()}"]',
                        f'{{ version = "{self.semver()}", features = ["{self.noun()}"] }}',
                        f'"{self.path()}"',
                    )
                )
                for _ in range(self.int(1, 6))
            ]
            lines.append("")
        return "\n".join(lines)

    def sql(self) -> str:
        table, noun = f"{self.noun()}s", self.noun()
        return self.pick(
            (
                f"SELECT {noun}, COUNT(*) AS n, AVG({self.noun()}_ms)\nFROM {table} t\nLEFT JOIN {self.noun()}s u ON u.id = t.{noun}_id\nWHERE t.created_at >= '{self.iso()[:10]}' AND t.{self.noun()} <> {self.int(0, 99)}\nGROUP BY {noun}\nHAVING COUNT(*) > {self.int(1, 99)}\nORDER BY n DESC\nLIMIT {self.int(1, 500)};",
                f"CREATE TABLE IF NOT EXISTS {table} (\n  id INTEGER PRIMARY KEY,\n  {noun}_id BIGINT NOT NULL REFERENCES {self.noun()}s(id) ON DELETE CASCADE,\n  {self.noun()} VARCHAR({self.int(8, 512)}) DEFAULT '{noun}',\n  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n);\nCREATE INDEX idx_{table}_{noun} ON {table}({noun}_id);",
                f"INSERT INTO {table} (id, {noun}, {self.noun()}) VALUES ({self.int(1, 9999)}, '{self.words(1, 4).replace(chr(39), chr(39) * 2)}', {self.number()});",
                f"UPDATE {table} SET {noun} = {noun} + {self.int(1, 9)} WHERE id IN ({self.int(1, 99)}, {self.int(100, 999)}) RETURNING *;",
            )
        )

    def http(self) -> str:
        head = self.pick(
            (
                f"HTTP/1.1 {self.pick(('200 OK', '201 Created', '404 Not Found', '429 Too Many Requests', '500 Internal Server Error'))}",
                f"{self.pick(('GET', 'POST', 'DELETE'))} /v{self.int(1, 3)}/{self.noun()}/{self.hex(8)} HTTP/1.1\nHost: {self.pick(HOSTS)}",
                "< HTTP/2 200",
            )
        )
        rows = [
            f"date: {self.pick(DAYS)}, {self.int(1, 28)} {self.pick(MONTHS)} 20{self.int(10, 29)} {self.int(0, 23):02}:{self.int(0, 59):02}:{self.int(0, 59):02} GMT",
            f"content-type: {self.pick(('application/json', 'text/html; charset=utf-8', 'text/event-stream'))}",
            f"content-length: {self.int(0, 99999)}",
            f'etag: W/"{self.hex(16)}"',
            f"x-request-id: {self.uuid()}",
            f"authorization: Bearer {self.base62(self.int(20, 60))}",
            f"user-agent: {self.noun()}/{self.semver()}",
            f"cache-control: max-age={self.int(0, 9999)}",
            f"set-cookie: {self.noun()}={self.base62(24)}; Path=/; HttpOnly",
        ]
        return "\n".join([head, *self.rng.sample(rows, self.int(3, 8))])

    def promql(self) -> str:
        return "\n".join(
            f'{self.pick(("sum", "avg", "max", "topk(5, sum"))}{self.pick(("", f" by ({self.noun()})"))} (rate({self.noun()}_{self.noun()}_total{{job="{self.noun()}",{self.noun()}=~"{self.noun()}.*",instance!="{self.ip()}:{self.int(1000, 9999)}"}}[{self.int(1, 30)}m])) {self.pick("><")} {self.number()}'
            if self.chance(0.5)
            else f'{self.noun()}_{self.noun()}_seconds_bucket{{le="{self.random():.3g}",{self.noun()}="{self.noun()}"}} {self.int(0, 99999)}'
            for _ in range(self.int(2, 8))
        )

    def xml(self) -> str:
        tag = self.pick(("div", "li", "item", "section", "entry", self.noun()))
        rows = [
            f'  <{tag} id="{self.identifier()}" class="{self.noun()} {self.noun()}-{self.int(1, 12)}" {self.noun()}="{self.number()}">{self.words(1, 9)}</{tag}>'
            for _ in range(self.int(1, 7))
        ]
        return "\n".join(
            [
                f"<{self.noun()}>",
                *rows,
                self.pick(
                    (
                        f'  <a href="{self.url()}">{self.words(1, 4)}</a>',
                        f"  <{tag} />",
                        "  <!-- " + self.words(2, 6) + " -->",
                    )
                ),
            ]
        )

    def identifiers(self) -> str:
        makers = (
            self.uuid,
            lambda: self.hex(self.pick((7, 8, 12, 32, 40, 64))),
            self.ip,
            self.url,
            self.path,
            self.semver,
            lambda: f"{self.pick(NAMES)}.{self.pick(NAMES)}@{self.pick(HOSTS)}",
            lambda: "sha256:" + self.hex(64),
            lambda: self.id("toolu_01"),
            lambda: "sk-" + self.base62(32),
            self.number,
            self.iso,
            lambda: base64.b64encode(self.rng.randbytes(self.int(6, 60))).decode(),
            self.identifier,
        )
        label = self.chance(0.5)
        return "\n".join((f"{self.noun()}: " if label else "") + self.pick(makers)() for _ in range(self.int(2, 9)))

    def base64_block(self) -> str:
        text = base64.b64encode(self.rng.randbytes(self.int(60, 600))).decode()
        width = self.pick((64, 76, 10_000))
        return "\n".join(text[i : i + width] for i in range(0, len(text), width))

    def object(self, depth: int) -> typing.Any:
        """A JSON value of nested objects, as configurations and answers of services are."""
        result: dict[str, typing.Any] = {}
        for _ in range(self.int(2, 6)):
            kind = self.int(0, 9)
            key = self.name()
            if kind < 2 and depth:
                result[key] = self.object(depth - 1)
            elif kind == 2 and depth:
                result[key] = [self.object(0) for _ in range(self.int(1, 3))]
            elif kind == 3:
                result[key] = [self.noun() for _ in range(self.int(0, 5))]
            elif kind == 4:
                result[key] = self.rng.choice((True, False, None, 0, 1, -1))
            elif kind == 5:
                result[key] = round(self.random() * 10 ** self.int(0, 5), self.int(0, 6))
            elif kind == 6:
                result[key] = self.int(0, 10 ** self.int(1, 9))
            elif kind == 7:
                result[key] = self.pick(
                    (self.uuid, self.url, self.path, self.iso, self.ip, self.semver, lambda: self.hex(40))
                )()
            else:
                result[key] = self.words(1, 12)
        return result

    def objects(self) -> str:
        indent = self.pick((None, None, 2, 2, 4))
        return "\n".join(self.dump(self.object(2), indent) for _ in range(self.int(1, 4)))

    def dump(self, value: typing.Any, indent: int | None = None) -> str:
        """JSON with or without blanks after the signs, with or without escapes for what is
        not ASCII: agents write all of these."""
        separators = None if indent or self.chance(0.4) else (",", ":")
        return json.dumps(value, ensure_ascii=self.chance(0.3), indent=indent, separators=separators)
