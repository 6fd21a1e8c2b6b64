"""The shells' completions and the manual page, which memctl makes of its own command line."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from memctl_program import MEMCTL, pytestmark  # noqa: F401
from test_memctl import VERBS


@pytest.fixture
def complete(memctl, tmp_path):
    """What bash offers for a command line, whose last word is being typed."""
    script = tmp_path / "memctl.bash"
    script.write_bytes(memctl("completion", "bash").out)

    def complete(line: str) -> list[str]:
        words = line.split(" ")
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        done = subprocess.run(["bash", "--norc", "-c", f". {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
                               "_memctl; printf '%s\\n' \"${COMPREPLY[@]}\""], text=True, capture_output=True, timeout=60)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return done.stdout.split()

    return complete


def test_bash_completes_verbs(complete):
    assert complete("memctl comp") == ["compact", "completion"]
    assert set(complete("memctl ")) == set(VERBS)
    assert complete("memctl --json --store a.db sea") == ["search"]
    assert complete("memctl model be") == ["bench"]


def test_bash_completes_options_of_the_verb_and_of_all_verbs(complete):
    assert complete("memctl search --exp") == ["--explain"]
    assert complete("memctl search --sto") == ["--store"]
    assert complete("memctl --jso") == ["--json"]
    assert "--dry-run" in complete("memctl age --") and "--dry-run" not in complete("memctl search --")
    assert complete("memctl model check --ten") == ["--tensors"]


def test_bash_completes_values_where_there_are_only_some(complete):
    assert complete("memctl recall 3 --source ") == ["tokens", "auto", "archive"]
    assert complete("memctl recall --source = arch") == ["archive"]  # as bash parts --source=arch
    assert complete("memctl compact x.jsonl --archive dr") == ["drop"]
    assert complete("memctl completion z") == ["zsh"]
    assert complete("memctl --scope ") == [] and complete("memctl compact notes") == []  # files, by bash itself


def test_bash_is_told_of_the_completion(memctl):
    script = memctl("completion", "bash").out.decode()
    assert script.endswith("complete -o default -F _memctl memctl\n")
    assert subprocess.run(["bash", "-n"], input=script.encode(), timeout=60).returncode == 0


@pytest.mark.parametrize("shell, beginning", [("zsh", "#compdef memctl\n"), ("fish", "# Completes")])
def test_other_shells_have_scripts_with_every_verb(memctl, shell, beginning):
    script = memctl("completion", shell).out.decode()
    assert script.startswith(beginning)
    for verb in VERBS:
        assert f"'{verb}:" in script or f" -fa {verb} " in script
    assert "tensors" in script and "keep drop" in script
    if program := shutil.which(shell):
        assert subprocess.run([program, "-n"], input=script.encode(), timeout=60).returncode == 0


def test_a_shell_that_there_is_not_is_a_usage_error(memctl):
    assert memctl("--json", "completion", "tcsh", code=2).error["code"] == "invalid_argument"


def test_the_manual_renders_without_warnings_and_has_every_verb(memctl):
    page = memctl("man").out
    assert page.startswith(b'.\\" Made by')
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, capture_output=True, timeout=60)
        assert done.returncode == 0 and not done.stderr, done.stderr.decode()
        text = subprocess.run(["groff", "-man", "-Tascii", "-P-c", "-P-b", "-P-u", "-P-o"], input=page,
                              capture_output=True, timeout=60).stdout.decode()
        for verb in VERBS:
            assert f"\n   {verb}\n" in text, verb
        assert "model check" in text and "--dry-run" in text and "EXIT STATUS" in text and "FOVEA_STORE" in text
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stdout.decode()


def test_what_make_install_puts_into_place_is_what_memctl_prints(memctl):
    made = MEMCTL.parent / "command_line"
    if not (made / "memctl.fish").exists():
        pytest.skip("built without the whole of the build folder")
    assert (made / "memctl.1").read_bytes() == memctl("man").out
    assert (made / "memctl").read_bytes() == memctl("completion", "bash").out
