"""The shell session of doc/server.md runs as it stands, but for the port, and its answers are what the text says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys

import pytest

import server_app  # noqa: F401
from mini_checkpoint import REPOSITORY

GUIDE = (REPOSITORY / "doc/server.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.skipif(not shutil.which("curl"), reason="apt-get install curl")
def test_the_session_runs(tmp_path):
    (tmp_path / "fovea-server").write_text(f'#!/bin/sh\nexec {sys.executable} -m fovea.server "$@"\n')
    (tmp_path / "fovea-server").chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = "set -eu\n" + "\n".join(BLOCKS).replace("8322", port)
    script = script.replace("serve --store", f"serve --http 127.0.0.1:{port} --store")
    script = script.replace("2> server.log &", "2> server.log & trap 'kill '$! EXIT")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, text=True, timeout=300,
                          capture_output=True, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stderr + (tmp_path / "server.log").read_text()
    said = done.stdout
    for expected in ("almanac", '"status":401', '"status":403', '"text_tokens"', "day 42", '"budget":2000',
                     '{"progress": {"done"', '{"result":{"steps"', '"messages":1,'):
        assert expected in said, (expected, said)
    assert said.count('"verbatim_characters":31') == 2  # the repeated request
    assert said.rstrip().endswith('{"pages":3}')
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "ann.fovea").read_bytes().startswith(b"SQLite")
    log = (tmp_path / "server.log").read_text()
    assert "almanac" not in log and "keeper" not in log


def test_the_guide_names_every_route_and_limit(tmp_path):
    from fovea.server.app import make_routes

    paths = {path.replace("{page}", "ID") for path in make_routes(server_app.settings_of(tmp_path)).openapi()["paths"]}
    assert [path for path in paths if f"{path}`" not in GUIDE] == []
