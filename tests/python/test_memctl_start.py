"""What memctl loads: a verb that only reads the store starts without the model and without pictures."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from memctl_program import BUILD, MEMCTL, MODEL, pytestmark  # noqa: F401

PARTS = ["model", "pictures"]
# What must not be loaded along with the store. (libtorch may bring some of the latter with it.)
HEAVY = {"libtorch_cpu", "libpoppler", "libcairo", "libpango-1.0", "libwebp", "libjpeg", "libexif"}


def loaded(memctl, *arguments) -> set[str]:
    """The libraries by name."""
    memctl(*arguments, env={"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(memctl.folder / "loader")})
    said = "".join(path.read_text(errors="replace") for path in memctl.folder.glob("loader.*"))
    names = set(re.findall(r"calling init: \S*/([^/\s]+?)\.so", said))
    assert "libsqlite3" in names, said[-2000:]
    return names


@pytest.mark.parametrize("arguments", [
    ["--help"], ["ocr", "--help"], ["--version"], ["completion", "bash"], ["man"], ["stats"], ["search", "keeper"],
    ["recall", "1"], ["list"], ["pages"], ["scopes"], ["policy"], ["pin", "1"], ["unpin", "1"],
    ["backup", "copy.db"], ["export", "copy.fvx"], ["new-key", "-o", "key"], ["erase", "1", "--dry-run"]],
    ids=" ".join)
def test_verbs_that_read_the_store_load_no_part(copied, arguments):
    names = loaded(copied, *arguments)
    assert {name for name in names if name.startswith("libfovea_")} | names & HEAVY == set()


@pytest.mark.parametrize("arguments, parts", [
    (["model", "check", str(MODEL)], {"model"}),
    (["show", "1", "-o", "page.png"], {"pictures"}),
    (["recall", "1", "--source", "tokens"], {"model"}),
    (["verify"], {"model", "pictures"}),
    (["age", "--to", "tiny"], {"model", "pictures"}),
    (["compact", "harbour.txt", "--finish"], {"model", "pictures"}),
    (["doctor"], {"model", "pictures"})],
    ids=["model check", "show", "recall from tokens", "verify", "age", "compact", "doctor"])
def test_other_verbs_load_what_they_need(copied, arguments, parts):
    names = loaded(copied, *arguments)
    assert {part for part in PARTS if f"libfovea_{part}" in names} == parts


@pytest.mark.parametrize("part, arguments", [("model", ["recall", "1", "--source", "tokens"]),
                                             ("pictures", ["show", "1", "-o", "page.png"])])
def test_a_missing_part_is_an_error_that_names_its_file(copied, tmp_path, monkeypatch, part, arguments):
    bare = tmp_path / "bin" / "memctl"
    bare.parent.mkdir()
    shutil.copy(MEMCTL, bare)
    monkeypatch.setattr("memctl_program.MEMCTL", bare)
    message = copied("--json", *arguments, code=1).error["message"]
    assert f"libfovea_{part}.so is needed" in message and str(bare.parent) in message
    copied("stats")


def test_a_file_that_is_no_part_is_an_error_that_names_it(copied, tmp_path, monkeypatch):
    program = tmp_path / "bin" / "memctl"
    program.parent.mkdir()
    shutil.copy(MEMCTL, program)
    (program.parent / "libfovea_model.so").write_text("nothing to load")
    monkeypatch.setattr("memctl_program.MEMCTL", program)
    message = copied("--json", "recall", "1", "--source", "tokens", code=1).error["message"]
    assert f"{program.parent}/libfovea_model.so cannot be loaded" in message


def test_a_part_of_another_version_is_an_error_that_names_it(copied, tmp_path, monkeypatch):
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("needs a C compiler")
    program = tmp_path / "bin" / "memctl"
    program.parent.mkdir()
    shutil.copy(MEMCTL, program)
    subprocess.run([compiler, "-shared", "-x", "c", "-", "-o", program.parent / "libfovea_model.so"], check=True,
                   input=f'struct {{ const char* interface; }} fovea_model = {{"{"0" * 64}"}};', text=True)
    monkeypatch.setattr("memctl_program.MEMCTL", program)
    message = copied("--json", "recall", "1", "--source", "tokens", code=1).error["message"]
    assert message == (f"{program.parent}/libfovea_model.so is of another version of Fovea; "
                       "install all of Fovea again")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_gives_one_symbol(part):
    tool = shutil.which("nm")
    if not tool:
        pytest.skip("needs nm")
    said = subprocess.run([tool, "-D", "--defined-only", BUILD / f"libfovea_{part}.so"], text=True,
                          capture_output=True, check=True).stdout
    assert f" fovea_{part}\n" in said
    assert [line for line in said.splitlines() if "5fovea5Codec" in line or "5fovea8Renderer" in line] == []
