"""What programs of the package share: where they keep what is remembered, keys, addresses, tokens."""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea import _places, _web  # noqa: E402


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    _places.add_options(parser)
    return parser.parse_args(arguments)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("FOVEA_") and name != "FOVEA_BUILD_DIR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_the_default_store_is_in_a_folder_of_its_owner_alone(tmp_path):
    assert _places.store_of(options()) == str(tmp_path / "data" / "fovea" / "memory.db")
    assert (tmp_path / "data" / "fovea").stat().st_mode & 0o777 == 0o700
    assert _places.store_of(options()) == str(tmp_path / "data" / "fovea" / "memory.db")


def test_a_named_store_makes_no_folder(tmp_path, monkeypatch):
    assert _places.store_of(options("--store", "here.db")) == "here.db"
    monkeypatch.setenv("FOVEA_STORE", "there.db")
    assert _places.store_of(options()) == "there.db" and not (tmp_path / "data").exists()


def test_without_a_folder_for_data_it_is_in_the_home(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert _places.store_of(options()) == str(tmp_path / "home/.local/share/fovea/memory.db")


def test_a_folder_that_cannot_be_made_is_an_error_of_the_package(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "data"))
    with pytest.raises(fovea.IOFailure, match="name a store with --store or FOVEA_STORE"):
        _places.store_of(options())

    def homeless(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(pathlib.Path, "home", homeless)
    with pytest.raises(fovea.IOFailure, match="Could not determine home directory"):
        _places.store_of(options())


@pytest.mark.parametrize("program", ["fovea.hook", "fovea.mcp_server"])
def test_a_default_folder_that_cannot_be_made_is_said_in_one_line(tmp_path, program):
    """It was a traceback."""
    (tmp_path / "file").write_text("")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "file" / "data")}
    environment.pop("FOVEA_STORE", None)
    done = subprocess.run([sys.executable, "-m", program], input="{}", text=True, capture_output=True, timeout=120,
                          env=environment)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert "Not a directory" in done.stderr and "name a store with --store" in done.stderr


def test_a_key_comes_from_a_file_or_from_the_environment_and_from_nowhere_else(tmp_path, monkeypatch):
    text, other = fovea.new_key_text(), fovea.new_key_text()
    assert _places.key_of(options()) is None
    monkeypatch.setenv("FOVEA_KEY", text)
    assert _places.key_of(options()) == bytes.fromhex(text)
    path = tmp_path / "key"
    path.write_text(other)
    path.chmod(0o600)
    assert _places.key_of(options("--key-file", str(path))) == bytes.fromhex(other)
    path.chmod(0o644)
    with pytest.raises(ValueError, match="can be read by other users"):
        _places.key_of(options("--key-file", str(path)))
    monkeypatch.setenv("FOVEA_KEY", "secret-but-no-key")
    with pytest.raises(ValueError, match="FOVEA_KEY: expected a key") as error:
        _places.key_of(options())
    assert "secret-but" not in str(error.value)


def test_an_embedder_is_an_endpoint_and_a_model(monkeypatch):
    assert _places.embedder_of(options()) is None
    monkeypatch.setenv("FOVEA_EMBEDDER_KEY", "secret-key")
    made = _places.embedder_of(options("--embedder", "http://localhost:1/v1#a-model"))
    assert made.name == "a-model" and "secret-key" not in repr(made)
    assert _places.embedder_of(options("--embedder", "http://localhost:1/v1#odd#model")).name == "model"
    for wrong in ("a-model", "#a-model", "http://localhost:1/v1#", "localhost#a-model", "ftp://x#a-model"):
        with pytest.raises(fovea.Error):
            _places.embedder_of(options("--embedder", wrong))


def test_exit_codes_tell_errors_apart(capsys):
    for kind, code in [(fovea.InvalidArgument, 2), (fovea.NotFound, 3), (fovea.Corruption, 4), (fovea.IOFailure, 1),
                       (fovea.Unsupported, 1), (fovea.Incomplete, 1), (fovea.Error, 1)]:
        assert _places.ended("a-program", kind("it's so")) == code
        assert capsys.readouterr().err == "a-program: it's so\n"


def test_what_a_process_makes_is_its_owners_alone_and_stricter_masks_stay(tmp_path):
    before = os.umask(0o022)
    try:
        for mask, mode in [(0o022, 0o600), (0o000, 0o600), (0o277, 0o400)]:
            os.umask(mask)
            _places.keep_files_private()
            (tmp_path / f"file{mask}").touch()
            assert (tmp_path / f"file{mask}").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


def test_secrets_are_told_by_kind():
    assert _places.secrets_told({}) == "" and _places.secrets_told({"key": 2, "token": 1}) == "2 key, 1 token"


@pytest.mark.parametrize("text, meant", [
    ("127.0.0.1:8321", ("127.0.0.1", 8321)), ("localhost:0", ("localhost", 0)), ("[::1]:65535", ("::1", 65535)),
    (":::80", ("::", 80)), ("memory.example.org:443", ("memory.example.org", 443))])
def test_an_address_is_a_host_and_a_port(text, meant):
    assert _web.address(text) == meant


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", ":80", "localhost:65536", "localhost:-1", "localhost:http",
                                  "localhost:٣", "localhost: 80", "localhost:1e3"])
def test_what_is_no_address_is_refused_with_one(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected HOST:PORT, such as 127.0.0.1:8321"):
        _web.address(text)


def test_a_server_is_known_by_its_own_names_alone():
    local = _web.Names.of("127.0.0.1", 80, [])
    assert {"localhost:80", "127.0.0.1:80", "[::1]:80", "localhost"} <= local.hosts
    assert {"http://localhost:80", "https://[::1]:80"} <= local.origins
    named = _web.Names.of("memory.example.org", 443, ["fovea.example.org"])
    assert named.hosts == {"memory.example.org", "memory.example.org:443", "fovea.example.org", "fovea.example.org:443"}
    assert "localhost:443" not in named.hosts
    assert "localhost:80" in _web.Names.of("0.0.0.0", 80, []).hosts
    assert _web.is_loopback("127.9.9.9") and _web.is_loopback("::1") and _web.is_loopback("localhost")
    assert not _web.is_loopback("0.0.0.0") and not _web.is_loopback("localhost.example.org")


def test_a_file_with_tokens_is_read_only_where_none_but_its_owner_can(tmp_path):
    path = tmp_path / "tokens"
    path.write_text("Ein Schlüssel\n", "utf-8")
    path.chmod(0o600)
    assert _web.read_private(path) == "Ein Schlüssel\n"
    for mode in (0o640, 0o604, 0o660, 0o601):
        path.chmod(mode)
        with pytest.raises(ValueError, match=f"chmod 600 {path}"):
            _web.read_private(path)
    path.chmod(0o600)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(KeyError, match="it is not UTF-8 text"):
        _web.read_private(path)
    for missing, reason in [(tmp_path / "none", "No such file"), (tmp_path, "Is a directory")]:
        with pytest.raises(KeyError, match=f"cannot be read: {reason}"):
            _web.read_private(missing)


def test_json_is_given_text_that_it_can_have():
    assert _web.shown("é\udcff\udc80x") == "é\ufffd\ufffdx" and _web.shown("plain") == "plain"
