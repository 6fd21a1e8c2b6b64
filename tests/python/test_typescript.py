"""The TypeScript client: its types are those of this server, its own tests pass, and its package can be used."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from mini_checkpoint import REPOSITORY
from server_app import client_of, settings_of

CLIENT = REPOSITORY / "bindings/typescript"
MODULES = CLIENT / "node_modules"

has_node = pytest.mark.skipif(
    not shutil.which("npm") or not (MODULES / "typescript").exists(),
    reason="needs Node.js 18 or later, npm, and `npm ci` in bindings/typescript")


def run(*command: str | pathlib.Path, folder: pathlib.Path = CLIENT) -> str:
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=1800,
                          env={**os.environ, "FOVEA_SERVER": f"{sys.executable} -m fovea.server"})
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return done.stdout


def test_the_committed_types_are_of_the_document_that_the_server_answers(tmp_path):
    with client_of(settings_of(tmp_path)) as client:
        document = client.get("/openapi.json").content
    assert run(sys.executable, "-m", "fovea.server", "openapi").strip().encode() == document
    schema = (CLIENT / "src/schema.ts").read_text()
    assert hashlib.sha256(document).hexdigest() in schema, "routes have changed: `npm run generate` in bindings/typescript"


def test_the_version_is_foveas():
    version = (REPOSITORY / "VERSION").read_text().strip()
    assert json.loads((CLIENT / "package.json").read_text())["version"] == version
    assert json.loads((CLIENT / "package-lock.json").read_text())["version"] == version


@has_node
def test_its_own_tests_pass():
    run("npm", "test")


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The package as `npm pack` makes it, in a project of its own, with what it depends on."""
    project = tmp_path_factory.mktemp("project")
    made, = json.loads(run("npm", "pack", "--json", "--silent", "--pack-destination", str(project)))
    shutil.unpack_archive(project / made["filename"], project)
    (project / "node_modules").mkdir()
    (project / "package").rename(project / "node_modules/fovea-client")
    for name in ("openapi-fetch", "openapi-typescript-helpers", "@types/node", "undici-types"):
        (project / "node_modules" / name).parent.mkdir(exist_ok=True)
        (project / "node_modules" / name).symlink_to(MODULES / name)
    return project, {file["path"] for file in made["files"]}


@has_node
def test_the_package_holds_code_types_readme_and_licence(packed):
    _, files = packed
    parts = {f"dist/{name}{ending}" for name in ("client", "errors", "index", "retry", "schema", "updates")
             for ending in (".js", ".d.ts")}
    assert files == parts | {"package.json", "README.md", "LICENSE"}


@has_node
def test_a_project_outside_compiles_and_runs_with_it(packed):
    project, _ = packed
    (project / "package.json").write_text('{"type": "module"}')
    for example in (CLIENT / "examples").glob("*.ts"):
        shutil.copy(example, project)
    # Without the DOM's types, and with those of the packages checked too.
    run(MODULES / ".bin/tsc", "--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--lib", "es2022",
        "--types", "node", *[path.name for path in project.glob("*.ts")], folder=project)
    said = run("node", "--input-type=module", "--eval",
               "import * as client from 'fovea-client'; console.log(Object.keys(client).sort().join())", folder=project)
    assert said == "ConnectionLost,FoveaError,createClient,newKey,retry\n"


def test_the_guides_commands_are_scripts_of_the_package():
    scripts = json.loads((CLIENT / "package.json").read_text())["scripts"]
    named = set(re.findall(r"npm (?:run )?(generate|test|build)\b", (CLIENT / "README.md").read_text()))
    assert named and named <= set(scripts)
