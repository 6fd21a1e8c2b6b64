"""What the package's programs share: where they keep things, how they end, what they say of libraries that are missing."""

from __future__ import annotations

import argparse
import pathlib
import re
import shutil
import stat
import subprocess

import pytest

core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea import _loading, _models, _places, _web, hook  # noqa: E402


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("FOVEA_STORE", "FOVEA_SCOPE", "FOVEA_KEY", "FOVEA_EMBEDDER", "FOVEA_EMBEDDER_KEY", "FOVEA_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    _places.add_options(parser)
    _places.add_keep_secrets(parser)
    return parser.parse_args(given)


# Places


def test_without_a_word_a_store_lies_in_a_folder_of_the_users_own(tmp_path, monkeypatch):
    assert _places.store_of(options()) == str(tmp_path / "data" / "fovea" / "memory.db")
    assert stat.S_IMODE((tmp_path / "data" / "fovea").stat().st_mode) == 0o700
    assert _places.store_of(options()) == str(tmp_path / "data" / "fovea" / "memory.db")  # the folder is there already
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert _places.store_of(options()) == str(tmp_path / "home" / ".local" / "share" / "fovea" / "memory.db")


def test_an_option_goes_before_a_variable_and_a_variable_before_the_default(tmp_path, monkeypatch):
    assert options().scope == "default" and not options().keep_secrets and options("--keep-secrets").keep_secrets
    monkeypatch.setenv("FOVEA_STORE", str(tmp_path / "variable.db"))
    monkeypatch.setenv("FOVEA_SCOPE", "ann/coder")
    assert _places.store_of(options()) == str(tmp_path / "variable.db") and options().scope == "ann/coder"
    given = options("--store", "option.db", "--scope", "bob")
    assert (_places.store_of(given), given.scope) == ("option.db", "bob") and not (tmp_path / "data").exists()


def test_a_key_comes_from_its_file_or_its_variable(tmp_path, monkeypatch):
    assert _places.key_of(options()) is None
    first, second = fovea.new_key_text(), fovea.new_key_text()
    monkeypatch.setenv("FOVEA_KEY", first)
    assert _places.key_of(options()) == bytes.fromhex(first)
    (tmp_path / "key").write_text(second)
    (tmp_path / "key").chmod(0o600)
    assert _places.key_of(options("--key-file", str(tmp_path / "key"))) == bytes.fromhex(second)
    with pytest.raises(fovea.NotFound, match="nowhere"):
        _places.key_of(options("--key-file", str(tmp_path / "nowhere")))
    monkeypatch.setenv("FOVEA_KEY", "beef")
    with pytest.raises(fovea.InvalidArgument, match="FOVEA_KEY") as caught:
        _places.key_of(options())
    assert "beef" not in str(caught.value)


def test_an_embedder_is_an_address_and_a_model(monkeypatch):
    assert _places.embedder_of(options()) is None
    monkeypatch.setenv("FOVEA_EMBEDDER_KEY", "secret")
    made = _places.embedder_of(options("--embedder", "http://localhost:11434/v1#all-minilm"))
    assert made.name == "all-minilm" and repr(made) == "OpenAIEmbedder('http://localhost:11434/v1', 'all-minilm')"
    assert _places.embedder_of(options("--embedder", "http://localhost/a#b#model")).name == "model"
    for wrong in ("all-minilm", "#all-minilm", "ftp://localhost#model", "http://localhost#"):
        with pytest.raises(fovea.InvalidArgument):
            _places.embedder_of(options("--embedder", wrong))


def test_files_are_private_from_now_on_whatever_was_set(tmp_path):
    import os

    before = os.umask(0o022)
    try:
        _places.keep_files_private()
        (tmp_path / "made").touch()
        assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600
        os.umask(0o277)
        _places.keep_files_private()
        assert os.umask(0) == 0o277  # stricter ones stay
    finally:
        os.umask(before)


@pytest.mark.parametrize("error, code", [(fovea.InvalidArgument("x"), 2), (fovea.NotFound("x"), 3), (fovea.Corruption("x"), 4),
                                         (fovea.IOFailure("x"), 1), (fovea.Unsupported("x"), 1), (fovea.Error("x"), 1)])
def test_programs_end_with_memctls_codes_and_one_line(capsys, error, code):
    assert _places.ended("fovea-mcp", error) == code
    assert capsys.readouterr().err == "fovea-mcp: x\n"


def test_what_was_kept_out_is_told_by_its_kind():
    assert _places.secrets_told({}) == "" and _places.secrets_told({"GitHub token": 2, "private": 1}) == "2 GitHub token, 1 private"


# Errors


def test_errors_are_the_built_in_ones_as_well_and_say_their_message_alone():
    bases = {fovea.InvalidArgument: ValueError, fovea.NotFound: KeyError, fovea.IOFailure: OSError}
    codes = {"invalid_argument", "not_found", "corruption", "io", "unsupported", "incomplete"}
    kinds = (fovea.InvalidArgument, fovea.NotFound, fovea.Corruption, fovea.IOFailure, fovea.Unsupported, fovea.Incomplete)
    assert {kind.code for kind in kinds} == codes and fovea.Error.code == "failure"
    for kind in kinds:
        assert issubclass(kind, fovea.Error) and issubclass(kind, bases.get(kind, fovea.Error))
        assert str(kind("no page 7")) == "no page 7" and str(kind()) == ""
    assert not issubclass(fovea.Corruption, ValueError) and not issubclass(fovea.Unsupported, OSError)


# Checkpoints


def test_a_checkpoint_is_the_one_named_then_the_variables_then_the_shipped_one(monkeypatch):
    shipped = _models.checkpoint(None)
    assert pathlib.Path(shipped).name == "fovea-nano" and (pathlib.Path(shipped) / "config.json").exists()
    monkeypatch.setenv("FOVEA_MODEL", "/other")
    assert _models.checkpoint(None) == "/other" and _models.checkpoint("mine") == "mine"
    monkeypatch.setenv("FOVEA_MODEL", "")
    assert _models.checkpoint(None) == shipped


# Libraries


def test_every_library_that_the_module_needs_has_its_debian_package_named():
    if not shutil.which("readelf"):
        pytest.skip("readelf is missing")
    said = subprocess.run(["readelf", "-d", core.__file__], text=True, capture_output=True, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(lib[^\]]+)\]", said)
    of_every_system = ("libc.", "libm.", "libstdc++.", "libgcc_s.", "libdl.", "libpthread.", "libfovea")
    unknown = [name for name in needed if not name.startswith((*of_every_system, *_loading.DEBIAN_PACKAGES))]
    assert needed and unknown == []


def test_a_missing_library_is_told_with_what_to_install():
    missing = "{}: cannot open shared object file: No such file or directory"
    assert _loading._explained(missing.format("libfaiss.so")) == "fovea needs libfaiss.so. On Debian: apt-get install libfaiss-dev"
    assert _loading._explained(missing.format("libtorch_cpu.so.1.13")).endswith("apt-get install libtorch-dev")
    assert _loading._explained(missing.format("libunheard.so.3")) == "fovea needs libunheard.so.3, which is not installed"
    assert _loading._explained("undefined symbol: x") == "undefined symbol: x"


def test_another_pytorch_than_fovea_was_built_with_is_refused(monkeypatch):
    torch = pytest.importorskip("torch")
    _loading._import_same_torch(torch.__version__.split("+")[0])
    with pytest.raises(ImportError, match=f"built against PyTorch 0.1.2, but {torch.__version__.split('+')[0]} is installed"):
        _loading._import_same_torch("0.1.2")
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(ImportError, match="built against PyTorch 0.1.2, which is not installed: `pip install torch==0.1.2`"):
        _loading._import_same_torch("0.1.2")


def test_the_package_lists_its_names_and_lacks_others():
    assert {"Memory", "AsyncMemory", "__version__", "Error"} <= set(dir(fovea)) and fovea.embedders.MINILM
    with pytest.raises(AttributeError, match="module 'fovea' has no attribute 'Memmory'"):
        fovea.Memmory  # noqa: B018
    with pytest.raises(AttributeError, match="module 'fovea.embedders' has no attribute 'Other'"):
        fovea.embedders.Other  # noqa: B018
    version = (pathlib.Path(__file__).resolve().parents[2] / "VERSION").read_text().strip()
    assert fovea.__version__ == version


# Addresses


@pytest.mark.parametrize("text, address", [("127.0.0.1:8321", ("127.0.0.1", 8321)), ("[::1]:80", ("::1", 80)), ("localhost:0", ("localhost", 0))])
def test_an_address_is_a_host_and_a_port(text, address):
    assert _web.address(text) == address


@pytest.mark.parametrize("text", ["8321", ":8321", "localhost", "localhost:", "localhost:65536", "localhost:-1", "localhost:８０", "localhost:0x50"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected HOST:PORT"):
        _web.address(text)


@pytest.mark.parametrize("host, loopback, everywhere", [("127.0.0.1", True, False), ("127.9.9.9", True, False), ("::1", True, False),
                                                        ("localhost", True, False), ("0.0.0.0", False, True), ("::", False, True),
                                                        ("10.0.0.1", False, False), ("localhost.evil.org", False, False)])
def test_who_can_reach_a_server_is_known_from_its_address(host, loopback, everywhere):
    assert (_web.is_loopback(host), _web.is_any(host)) == (loopback, everywhere)


def test_a_server_answers_to_its_own_names_alone():
    names = _web.Names.of("127.0.0.1", 8321, ["box"])
    assert {"localhost:8321", "127.0.0.1:8321", "[::1]:8321", "box", "box:8321"} <= names.hosts
    assert {"http://localhost:8321", "https://box"} <= names.origins
    assert not {"evil.org", "localhost:9", "box:9"} & names.hosts and "http://evil.org" not in names.origins
    outside = _web.Names.of("10.0.0.1", 80, [])
    assert outside.hosts == {"10.0.0.1", "10.0.0.1:80"}  # no page of the machine's browser means this one
    assert _web.Names.of("::1", 80, []).hosts >= {"[::1]", "[::1]:80"}


def test_a_file_of_tokens_is_its_owners_alone_and_text(tmp_path):
    path = tmp_path / "tokens"
    with pytest.raises(fovea.NotFound, match="cannot be read: No such file"):
        _web.read_private(path)
    path.write_bytes(b"abc\n")
    for mode in (0o640, 0o604):
        path.chmod(mode)
        with pytest.raises(fovea.InvalidArgument, match=f"chmod 600 {path}"):
            _web.read_private(path)
    path.chmod(0o600)
    assert _web.read_private(path) == "abc\n"
    path.write_bytes(b"\xff")
    with pytest.raises(fovea.NotFound, match="it is not UTF-8 text"):
        _web.read_private(path)
    assert _web.shown("a\udcffb") == "a\ufffdb" and _web.shown("é") == "é"


# The hook


@pytest.mark.parametrize("event, name", [({}, "claude-code"), ({"turn_id": "1"}, "codex"), ({"timestamp": "x"}, "gemini"),
                                         ({"turn_id": "1", "timestamp": "x"}, "codex"), ({"format": "opencode", "turn_id": "1"}, "opencode")])
def test_whose_transcript_it_is_shows_in_the_event(event, name):
    assert hook.format_of(event) == name


@pytest.mark.parametrize("event, lost", [({"source": "compact"}, True), ({"source": "startup"}, False), ({}, False),
                                         ({"source": "resume"}, False), ({"source": "resume", "timestamp": "x"}, True),
                                         ({"source": "clear", "timestamp": "x"}, False)])
def test_only_a_session_that_lost_words_is_told_of_them(event, lost):
    assert hook.lost_words(event) == lost
