"""What may know what: every header stands in one include path, so only this test keeps stages apart."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
TORCH = re.compile(r"^(torch|ATen|c10)/")
STAGES = ("renderer/", "src/model/", "memory/")
# The standard library's headers have neither a slash nor an extension.
STANDARD = re.compile(r"^[a-z_0-9]+$")


def sources(folder: str) -> list[pathlib.Path]:
    return [path for pattern in ("*.h", "*.cpp") for path in sorted((REPOSITORY / folder).rglob(pattern))]


def includes(path: pathlib.Path) -> list[tuple[str, str]]:
    return INCLUDE.findall(path.read_text())


def test_public_headers_need_the_standard_library_only():
    foreign = [(path.name, name) for path in sources("include/fovea") for bracket, name in includes(path)
               if not (name.startswith("fovea/") if bracket == '"' else STANDARD.match(name))]
    assert foreign == []


@pytest.mark.parametrize("folder", ["include", "src/core", "src/history", "renderer", "memory"])
def test_only_the_codec_knows_torch(folder):
    assert [(path.name, name) for path in sources(folder) for _, name in includes(path) if TORCH.match(name)] == []


@pytest.mark.parametrize("stage", STAGES)
def test_stages_never_include_each_other(stage):
    others = [other for other in STAGES if other != stage] + ["src/memory", "src/memctl"]
    made = {path.stem for path in (REPOSITORY / stage).glob("*.h.in")}  # by CMake
    inside = {path.name for path in sources(stage)} | made
    for path in sources(stage):
        for bracket, name in includes(path):
            assert not name.startswith(tuple(others)), f"{path} includes {name}"
            if bracket == '"' and "/" not in name:
                assert name in inside, f"{path} includes {name}, which is not a header of {stage}"


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
