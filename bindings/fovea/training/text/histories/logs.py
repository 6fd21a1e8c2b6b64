"""Log files of services, in the forms of common loggers."""

from __future__ import annotations

import json
import typing

from .session import Session
from .vocabulary import MONTHS, VERBS

LEVELS = ("INFO", "INFO", "INFO", "DEBUG", "WARN", "WARNING", "ERROR")


class Line(typing.NamedTuple):
    """What all forms tell. `time` is hh:mm:ss."""

    date: str
    time: str
    month: int
    day: int
    micro: int
    level: str
    who: str
    text: str


def _python(s: Session, line: Line) -> str:
    return f"{line.date} {line.time},{line.micro // 1000:03} - {line.who}.{s.noun()} - {line.level} - {line.text}"


def _bracketed(s: Session, line: Line) -> str:
    return f"[{line.date}T{line.time}Z] {line.level:7} {line.text}"


def _syslog(s: Session, line: Line) -> str:
    host = f"{line.who}-{s.int(1, 9)}"
    return f"{MONTHS[line.month - 1]} {line.day:2} {line.time} {host} {s.noun()}[{s.int(100, 32000)}]: {line.text}"


def _key_value(s: Session, line: Line) -> str:
    source = f"{s.noun()}.go:{s.int(1, 900)}"
    return (
        f"time={line.date}T{line.time}.{line.micro // 1000:03}Z level={line.level} source={source} "
        f'msg="{line.text}" component={s.noun()}'
    )


def _access(s: Session, line: Line) -> str:
    moment = f"{line.day:02}/{MONTHS[line.month - 1]}/{line.date[:-6]}:{line.time}"
    return (
        f'{s.ip()} - - [{moment} +0000] "{s.pick(("GET", "POST", "PUT"))} /{s.noun()}/{s.hex(6)} HTTP/1.1" '
        f'{s.pick((200, 200, 204, 301, 404, 502))} {s.int(0, 90000)} "-" "curl/{s.semver()}"'
    )


def _glog(s: Session, line: Line) -> str:
    moment = f"{line.month:02}{line.day:02} {line.time}.{line.micro:06}"
    return f"{line.level[0]}{moment} {s.int(1, 9999):7} {s.noun()}.go:{s.int(1, 999)}] {line.text}"


def _json(s: Session, line: Line) -> str:
    caller = f"{line.who}/{s.file()}:{s.int(1, 900)}"
    return json.dumps({"level": line.level.lower(), "ts": round(s.clock, 3), "msg": line.text, "caller": caller})


def _plain(s: Session, line: Line) -> str:
    return f"{line.time} {line.level} {line.text}"


FORMS = (_python, _bracketed, _syslog, _key_value, _access, _glog, _json, _plain)


def _text(s: Session) -> str:
    status = (200, 201, 304, 404, 500)
    return s.pick(
        (
            f"{s.pick(VERBS)} {s.noun()} {s.number()}",
            s.words(3, 10),
            f"{s.identifier()} took {s.number()}",
            f"{s.noun()}={s.number()} {s.noun()}={s.number()} id={s.hex(8)}",
            f"GET /{s.noun()}/{s.int(1, 999)} {s.pick(status)} {s.number()}",
        )
    )


def log(s: Session) -> str:
    form, lines, who = s.pick(FORMS), [], s.noun()
    for _ in range(s.int(3, 16)):
        year, month, day, hour, minute, second, micro = s.moment()
        level, date, time = s.pick(LEVELS), f"{year}-{month:02}-{day:02}", f"{hour:02}:{minute:02}:{second:02}"
        lines.append(form(s, Line(date, time, month, day, micro, level, who, _text(s))))
    return "\n".join(lines)
