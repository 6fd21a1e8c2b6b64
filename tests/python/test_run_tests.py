"""How `make test` counts, on reports that ctest and pytest wrote, and what the fuzzers' logs say."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

import run_fuzzers  # noqa: E402
import run_tests  # noqa: E402

needs_ctest = pytest.mark.skipif(not shutil.which("ctest"), reason="without ctest")


@pytest.fixture
def ctest(tmp_path):
    """Runs entries, each a command of the shell with its properties; returns the report."""
    def run(entries: dict[str, str], properties: str = "") -> pathlib.Path:
        lines = [f'add_test({name} /bin/sh -c [==[{command}]==])' for name, command in entries.items()]
        (tmp_path / "CTestTestfile.cmake").write_text("\n".join([*lines, properties, ""]))
        report = tmp_path / "report.xml"
        subprocess.run(["ctest", "--test-dir", tmp_path, "--output-junit", report], capture_output=True)
        return report
    return run


def doctest_says(passed: int, failed: int, skipped: int) -> str:
    return (f"[doctest] test cases: {passed + failed:>6} | {passed:>6} passed | {failed:>6} failed | {skipped} skipped\n"
            f"[doctest] assertions:      9 |      9 passed |      0 failed |\n")


@needs_ctest
def test_an_entry_counts_once_and_a_doctest_program_by_its_cases(ctest):
    report = ctest({"good": "true", "bad": "false", "cases": f"echo '{doctest_says(12, 0, 3)}'",
                    "failing": f"echo '{doctest_says(4, 2, 0)}'; exit 1"})
    assert run_tests.count_ctest(report) == (1 + 12 + 4, 1 + 2, 3)


@needs_ctest
def test_a_program_that_dies_after_its_last_case_is_a_failure(ctest):
    assert run_tests.count_ctest(ctest({"cases": f"echo '{doctest_says(12, 0, 0)}'; exit 139"})) == (12, 1, 0)
    assert run_tests.count_ctest(ctest({"cases": "echo '[doctest] doctest version'; exit 139"})) == (0, 1, 0)


@needs_ctest
def test_what_asks_to_be_skipped_is_no_failure(ctest):
    """As the store's tests do where there is no PostgreSQL server."""
    report = ctest({"skipped": "exit 77", "off": "true", "good": "true"},
                   "set_tests_properties(skipped PROPERTIES SKIP_RETURN_CODE 77)\n"
                   "set_tests_properties(off PROPERTIES DISABLED ON)")
    assert run_tests.count_ctest(report) == (1, 0, 2)


@needs_ctest
def test_a_program_that_is_missing_or_takes_too_long_is_a_failure(ctest):
    report = ctest({"slow": "exec sleep 60"}, "add_test(missing /nowhere/program)\n"
                                              "set_tests_properties(slow PROPERTIES TIMEOUT 0.1)")
    assert run_tests.count_ctest(report) == (0, 2, 0)


def test_pytest_counts_failures_and_errors_and_skips(tmp_path):
    """As pytest writes it; what was expected to fail is among the skipped."""
    report = tmp_path / "report.xml"
    report.write_text('<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" '
                      'errors="1" failures="1" skipped="2" tests="8" time="0.042"></testsuite></testsuites>')
    assert run_tests.count_pytest(report) == (4, 2, 2)
    report.write_text('<testsuites><testsuite tests="3" failures="1"/><testsuite tests="2" skipped="1"/></testsuites>')
    assert run_tests.count_pytest(report) == (3, 1, 1)
    report.write_text("<testsuites/>")
    assert run_tests.count_pytest(report) == (0, 0, 0)


@pytest.fixture
def told(monkeypatch, capsys):
    """What the program prints and how it ends, where ctest and pytest end so and report so."""
    def run(codes: list[int], counts: list[tuple[int, int, int] | None]) -> tuple[str, int]:
        done = iter(zip(codes, counts))
        reported: list[tuple[int, int, int]] = []

        def call(command: list[str], **_):
            code, count = next(done)
            if count:
                path = next(part for part in command if part.endswith(".xml")).removeprefix("--junit-xml=")
                pathlib.Path(path).write_text("<testsuite/>")
                reported.append(count)
            return subprocess.CompletedProcess(command, code)
        monkeypatch.setattr(run_tests.subprocess, "run", call)
        for name in ("count_ctest", "count_pytest"):
            monkeypatch.setattr(run_tests, name, lambda report: reported.pop(0))
        monkeypatch.setattr(sys, "argv", ["run_tests"])
        code = run_tests.main()
        return capsys.readouterr().out.splitlines()[-1], code
    return run


def test_one_line_counts_both(told):
    assert told([0, 0], [(100, 0, 3), (50, 0, 1)]) == ("150 passed, 0 failed, 4 skipped", 0)
    assert told([8, 0], [(99, 1, 3), (50, 0, 1)]) == ("149 passed, 1 failed, 4 skipped", 1)


def test_a_runner_that_gives_up_is_a_failure_whatever_it_counted(told):
    assert told([1, 0], [(100, 0, 0), (50, 0, 0)]) == ("150 passed, 1 failed, 0 skipped", 1)
    assert told([0, 4], [(100, 0, 0), None]) == ("100 passed, 1 failed, 0 skipped", 1)
    assert told([5, 4], [None, None]) == ("0 passed, 2 failed, 0 skipped", 1)


# Fuzzers


def program_saying(folder: pathlib.Path, target: str, text: str, code: int) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / f"fuzz_{target}"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {code}\n")
    program.chmod(0o755)


SOUND = ("#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb\n"
         "#1048576\tDONE   cov: 1234 ft: 4321 corp: 56/7890b lim: 4096 exec/s: 9 rss: 40Mb\n"
         "stat::number_of_executed_units: 1048576")


def test_a_fuzzer_that_finds_nothing_is_a_line(tmp_path, capsys):
    program_saying(tmp_path / "b", "png", SOUND, 0)
    assert run_fuzzers.run(tmp_path / "b", "png", 1)
    words = capsys.readouterr().out.split()
    assert words == ["png", "1,048,576", "executions", "1,234", "edges", "56", "inputs", "(7890b)", "none"]
    assert (tmp_path / "b/corpus/png").is_dir() and (tmp_path / "b/findings/png.log").read_text().startswith("#2")


def test_a_finding_is_shown_with_its_input_and_how_to_see_it_again(tmp_path, capsys):
    program_saying(tmp_path / "b", "png", "#7\tNEW    cov: 3 ft: 3 corp: 1/1b\nSUMMARY: AddressSanitizer: heap-overflow x.cpp:7\n"
                   "artifact_prefix='f/'; Test unit written to f/crash-0123", 77)
    assert not run_fuzzers.run(tmp_path / "b", "png", 1)
    said = capsys.readouterr().out
    assert "7 executions" in said and "CRASH" in said and "SUMMARY: AddressSanitizer: heap-overflow x.cpp:7" in said
    assert "input: f/crash-0123" in said and f"again: {tmp_path / 'b/fuzz_png'} f/crash-0123" in said


def test_a_fuzzer_that_dies_without_a_word_is_a_finding(tmp_path, capsys):
    program_saying(tmp_path / "b", "png", "", 1)
    assert not run_fuzzers.run(tmp_path / "b", "png", 1)
    said = capsys.readouterr().out
    assert "0 executions" in said and "see the log" in said and "input:" not in said


def test_fuzzers_are_named_or_all_and_an_unknown_one_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run_fuzzers, "KEPT", tmp_path / "kept")
    for name in ("png", "jpeg"):
        (tmp_path / "kept" / name).mkdir(parents=True)
        program_saying(tmp_path / "b", name, SOUND, 1 if name == "jpeg" else 0)
    monkeypatch.setattr(sys, "argv", ["run_fuzzers", "--build", str(tmp_path / "b")])
    assert run_fuzzers.main() == 1
    assert "2 targets, 1 with a finding" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["run_fuzzers", "--build", str(tmp_path / "b"), "png"])
    assert run_fuzzers.main() == 0
    monkeypatch.setattr(sys, "argv", ["run_fuzzers", "gif"])
    with pytest.raises(SystemExit):
        run_fuzzers.main()
    assert "no such target: gif; there are jpeg, png" in capsys.readouterr().err


def test_every_target_has_limits_and_kept_inputs():
    command = run_fuzzers.command_of(pathlib.Path("b"), "png", 60)
    assert command[0] == "b/fuzz_png" and "-max_total_time=60" in command and "-timeout=10" in command
    for folder in run_fuzzers.KEPT.iterdir():
        assert any(folder.iterdir()), folder
