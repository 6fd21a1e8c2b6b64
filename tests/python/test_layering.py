"""What may know what. Every header stands in one include path, so only these tests keep rooms apart.

A room is a folder, named as its headers are included: "memory" is memory/, "model/reading" is src/model/reading/.
"""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# The standard library's headers have neither a slash nor an extension.
STANDARD = re.compile(r"^[a-z_0-9]+$")

# Of fovea/ these do work, and belong to the rooms that do it; the other headers are data that all may include.
CODEC, RENDERER, DOCUMENTS, OCR, CHECKPOINT, COUNTER, HISTORY, BENCH, MEMORY = WORKING_HEADERS = [
    f"fovea/{name}.h" for name in ("codec", "renderer", "document_renderer", "ocr", "checkpoint", "token_counter",
                                   "history", "bench", "memory")]
EVERYTHING = ["everything"]

# Each room with what it may include beside itself; a room knows only rooms that stand above it.
MAY_INCLUDE = {
    "core": [],
    "renderer": ["core", RENDERER, DOCUMENTS],
    "picture": ["core", "renderer"],
    "plot": ["renderer"],
    "ocr": [OCR],

    "model/kernels": [],
    "model/operators": ["model/kernels"],
    "model/checkpoint": ["core", "model/kernels", "model/operators", CHECKPOINT],
    "model/tokenizer": ["core", "model/checkpoint", COUNTER],
    "model": ["core", "model/kernels", "model/operators", "model/checkpoint", "model/tokenizer", CODEC],
    "model/reading": ["core", "model/operators", "model/checkpoint", "model/tokenizer", "model", CODEC],
    "model/ocr": ["model/checkpoint", "model/tokenizer", "model", OCR],
    "model/codec": ["model/kernels", "model/operators", "model/checkpoint", "model/tokenizer", "model",
                    "model/reading", "model/ocr", CODEC, OCR, CHECKPOINT],
    "model/measure": ["core", "model/checkpoint", "model", CODEC, BENCH],
    "model/golden": ["picture", "model/operators", "model/checkpoint", "model", "model/ocr"],
    "parts": ["plot", CODEC, RENDERER, DOCUMENTS, OCR, CHECKPOINT, BENCH],

    "memory": ["core"],
    "memory/measure": ["memory", BENCH],
    "measure": ["core", CODEC, DOCUMENTS],
    "history": ["core", HISTORY],
    "recovery": ["core", CODEC],
    "context": ["core", "measure"],
    "facade": ["core", "memory", "measure", "recovery", "context", CODEC, DOCUMENTS, MEMORY],

    "memctl": WORKING_HEADERS,
    "memctl/measurement": ["plot", "memctl", *WORKING_HEADERS],
    "memctl/experiment": ["plot", "memctl", "memctl/measurement", *WORKING_HEADERS],
    "memctl/lifetime": ["plot", "memctl", "memctl/measurement", *WORKING_HEADERS],
    "memctl/report": ["memctl", *WORKING_HEADERS],
    "bindings/core": WORKING_HEADERS,
    "examples": WORKING_HEADERS,
    "bench": EVERYTHING,
    "tests": EVERYTHING,
}

MODEL = {room for room in MAY_INCLUDE if room.startswith("model")}
# A library stays in few rooms. Tests may use any.
LIBRARY_ROOMS = {
    r"(torch|ATen|c10)/": MODEL - {"model/kernels", "model/tokenizer"} | {"bench"},
    r"hwy/": {"model/kernels"},
    r"dnnl": {"model/operators", "bench"},
    r"(sqlite3|libpq)": {"memory"},
    r"faiss/": {"memory", "bench"},
    r"(cairo|pango|hb\b)": {"renderer", "picture", "plot"},
    r"(poppler|webp/|libexif)": {"picture"},
    r"curl/": {"facade"},
    r"httplib": {"memctl/report"},
    r"CLI/": {"memctl", "bench"},
    r"nanobind/": {"bindings/core"},
}

# Folders that the roots of the project's own includes are: "memory/store.h", "model/encoder.h", "fovea/page.h".
ROOTS = ["", "src/", "include/"]
MADE_BY_CMAKE = {"fuzz_targets.inc"}


def sources(folder: str) -> list[pathlib.Path]:
    return [path for pattern in ("*.h", "*.cpp") for path in sorted((REPOSITORY / folder).rglob(pattern))]


def includes(path: pathlib.Path) -> list[tuple[str, str]]:
    return INCLUDE.findall(path.read_text())


def own_sources() -> list[pathlib.Path]:
    """All but the public headers."""
    return [path for folder in ("src", "memory", "renderer", "bindings", "examples", "bench", "tests")
            for path in sources(folder)]


def name_of(path: pathlib.Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def room_of(name: str) -> str:
    """The room of a file, or of a header as it is included; benchmarks and tests are one room with all below it."""
    folder = pathlib.PurePosixPath(name.removeprefix("src/")).parent.as_posix()
    first = folder.split("/")[0]
    return first if first in ("bench", "tests", "examples") else folder


def broken_rule(room: str, included: str) -> str | None:
    """The rule that an include of the project's own headers breaks."""
    allowed = MAY_INCLUDE.get(room, [])
    if allowed == EVERYTHING or included in allowed:
        return None
    if included.startswith("fovea/"):
        return f"{room} may not know {included}" if included in WORKING_HEADERS else None
    if room_of(included) in [room, *allowed]:
        return None
    rooms = [name for name in allowed if not name.startswith("fovea/")]
    return f"{room} may include {', '.join(rooms) or 'no other room'}, not {room_of(included)}"


def test_every_include_keeps_the_order_of_the_rooms():
    broken = [f'{name_of(path)} includes "{included}": {rule}'
              for path in own_sources() for bracket, included in includes(path)
              if bracket == '"' and (rule := broken_rule(room_of(name_of(path)), included))]
    assert not broken, "\n".join(broken)


def test_every_source_is_in_a_room_of_the_table():
    lacking = [f"{name_of(path)}: its folder is not in the table MAY_INCLUDE, which says what a room may include"
               for path in own_sources() if room_of(name_of(path)) not in MAY_INCLUDE]
    assert not lacking, "\n".join(lacking)


def test_no_arrow_of_the_table_turns_back():
    earlier: set[str] = set(WORKING_HEADERS)
    for room, allowed in MAY_INCLUDE.items():
        if allowed != EVERYTHING:
            later = [name for name in allowed if name not in earlier]
            assert not later, f"{room} may include {', '.join(later)}, which the table does not have above it"
        earlier.add(room)


def test_a_header_is_included_by_its_one_name():
    def exists(included: str) -> bool:
        return included in MADE_BY_CMAKE or any((REPOSITORY / (root + included + made)).is_file()
                                                for root in ROOTS for made in ("", ".in"))
    broken = [f'{name_of(path)} includes "{included}": a header is named by its path below the repository, src/ '
              'or include/, as "memory/store.h", "model/encoder.h", "fovea/page.h"'
              for path in [*own_sources(), *sources("include")] for bracket, included in includes(path)
              if bracket == '"' and (included.startswith(("src/", "include/", ".")) or not exists(included))]
    assert not broken, "\n".join(broken)


def test_libraries_stay_in_their_rooms():
    broken = [f"{name_of(path)} includes <{included}>: only {', '.join(sorted(rooms))} may"
              for path in own_sources() for _, included in includes(path)
              for library, rooms in LIBRARY_ROOMS.items()
              if re.match(library, included) and room_of(name_of(path)) not in rooms | {"tests"}]
    assert not broken, "\n".join(broken)


def test_public_headers_need_the_standard_library_only():
    foreign = [(path.name, name) for path in sources("include/fovea") for bracket, name in includes(path)
               if not (name.startswith("fovea/") if bracket == '"' else STANDARD.match(name))]
    assert foreign == []


def test_public_headers_can_stand_alone():
    for path in sources("include/fovea"):
        assert path.read_text().startswith("#pragma once"), path


def test_no_file_names_a_place_of_one_machine():
    # Written in halves, so that this file does not name them itself.
    places = ["/work/" + name for name in ("main", "shared", "notes")] + ["/tmp/" + "bash_", "/root/" + "."]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.decode().split("\0")[:-1]:
        path = REPOSITORY / name
        if not path.is_file() or b"\0" in (data := path.read_bytes())[:4096]:
            continue
        for place in places:
            assert place.encode() not in data, f"{name} names {place}"
