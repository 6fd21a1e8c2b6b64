"""README.md: its code is code that runs, its links lead somewhere, its length is bearable."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_cpp_block_is_the_quickstart():
    assert blocks("cpp") == [(REPOSITORY / "examples/quickstart/main.cpp").read_text()]


def test_the_cmake_block_is_the_quickstart_s():
    assert blocks("cmake") == [(REPOSITORY / "examples/quickstart/CMakeLists.txt").read_text()]


def test_the_python_block_is_a_program_that_runs(tmp_path):
    program = REPOSITORY / "examples/quickstart.py"
    assert blocks("python") == [program.read_text()]
    pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
    done = subprocess.run([sys.executable, program], cwd=tmp_path, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0 and "On day 0 the keeper" in done.stdout, done.stderr
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_the_memctl_block_is_a_script_that_the_tests_run():
    assert (REPOSITORY / "examples/memctl.sh").read_text() in blocks("sh")


def test_links_lead_to_files():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links and [link for link in links if not (REPOSITORY / link).exists()] == []


def test_it_is_under_200_lines():
    assert len(README.splitlines()) < 200
