"""The files in deploy/ start what they say: their commands are fovea-server's, their packages the library's."""

from __future__ import annotations

import configparser
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from mini_checkpoint import REPOSITORY

core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
command = pytest.importorskip("fovea.server.command", reason="pip install 'fovea[server]'")

DEPLOY = REPOSITORY / "deploy"
GUIDE = (REPOSITORY / "doc/fleet.md").read_text()
UNIT = (DEPLOY / "fovea-server.service").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE_POSTGRES = ["--file", DEPLOY / "compose.yaml", "--file", DEPLOY / "compose.postgresql.yaml"]


def parse(words: list[str]) -> object:
    return command._parser().parse_args(words)


class Several(dict):
    """A key of a unit may stand there more than once."""

    def __setitem__(self, key, value):
        super().__setitem__(key, [*self[key], *value] if isinstance(value, list) and key in self else value)


def test_the_unit_starts_the_server_and_gives_it_time_to_end():
    unit = configparser.RawConfigParser(dict_type=Several, strict=False)
    unit.optionxform = str
    unit.read_string(UNIT)
    program, *words = unit["Service"]["ExecStart"].split()
    assert program == "/opt/fovea/bin/fovea-server" and words.pop() == "$FOVEA_OPTIONS"
    assert parse(words).stop_seconds < int(unit["Service"]["TimeoutStopSec"])
    assert unit["Service"]["StateDirectory"] == "fovea" and "/var/lib/fovea/memory.db" in unit["Service"]["Environment"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="apt-get install systemd")
def test_systemd_takes_the_unit_and_finds_little_exposed(tmp_path):
    unit = tmp_path / "fovea-server.service"
    unit.write_text(UNIT.replace("/opt/fovea/bin/fovea-server", "/bin/true"))
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], text=True, capture_output=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], text=True,
                          capture_output=True).stdout
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told)[1]) < 2, told


def test_the_compose_file_runs_the_servers_own_commands():
    yaml = pytest.importorskip("yaml")
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    service = composed["services"]["server"]
    options = parse(service["command"])
    assert int(service["stop_grace_period"].removesuffix("s")) > options.stop_seconds
    build = service["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    volume, place = service["volumes"][0].split(":")
    assert volume in composed["volumes"] and f"VOLUME {place}\n" in DOCKERFILE
    # The address inside, at which `Host` is checked, is the one that is open outside.
    assert service["ports"] == ["127.0.0.1:8322:8322"] and "FOVEA_HTTP=0.0.0.0:8322" in DOCKERFILE


@pytest.mark.skipif(not shutil.which("docker"), reason="no docker")
def test_docker_takes_the_compose_files():
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker has no plugin compose")
    for files in (COMPOSE_POSTGRES[:2], COMPOSE_POSTGRES):
        done = subprocess.run(["docker", "compose", *files, "config", "--quiet"], text=True, capture_output=True,
                              env={**os.environ, "POSTGRES_PASSWORD": "a", "FOVEA_DB_PASSWORD": "b"})
        assert done.returncode == 0, done.stderr


def test_the_compose_file_with_postgresql_names_the_same_database_everywhere():
    yaml = pytest.importorskip("yaml")
    composed = yaml.safe_load((DEPLOY / "compose.postgresql.yaml").read_text())
    settings, database = composed["services"]["server"]["environment"], composed["services"]["database"]
    assert settings["FOVEA_STORE"] == "postgresql://fovea@database/memory"
    assert f"VOLUME {settings['FOVEA_STATE']}\n" in DOCKERFILE
    assert {"--username=fovea", "--dbname=memory"} < set(database["healthcheck"]["test"])
    assert database["volumes"][1].startswith("./postgresql-init.sh:/docker-entrypoint-initdb.d/")
    assert database["volumes"][0].split(":")[0] in composed["volumes"]
    passwords = [settings["PGPASSWORD"], database["environment"]["FOVEA_DB_PASSWORD"]]
    assert all(password.startswith("${FOVEA_DB_PASSWORD:?") for password in passwords)


def test_the_role_that_postgresql_is_given_is_held_by_row_level_security(server, tmp_path):
    import fovea

    script = tmp_path / "init.sh"  # the test's server has a role of that name
    script.write_text((DEPLOY / "postgresql-init.sh").read_text().replace(" fovea", " keeper").replace("memory", "kept"))
    folder = re.search(r"host=([^&]+)", server.url)[1]
    subprocess.run(["sh", script], check=True, env={
        **os.environ, "PGHOST": folder, "POSTGRES_USER": "postgres", "FOVEA_DB_PASSWORD": "it's \"odd\" $x"})
    url = server.database("kept").replace("user=fovea", "user=keeper")
    with fovea.Memory(url, scope="ann") as ann, fovea.Memory(url, scope="bob") as bob:
        ann.add("The lamp is lit.", "note")
        assert bob.verbatim() == "" and ann.verify() == [] and ann.clean()
    raw = subprocess.run(["psql", "-qAt", "-c", "SELECT count(*) FROM fovea.messages", url], text=True, capture_output=True)
    assert raw.stdout == "0\n", raw.stderr


def test_the_image_has_every_library_that_the_module_needs():
    if not shutil.which("objdump") or not shutil.which("dpkg-query") or not pathlib.Path("/etc/debian_version").exists():
        pytest.skip("needs Debian and binutils")
    needed = re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", core.__file__], text=True, capture_output=True,
                                                          check=True).stdout)
    installed = set(re.search(r"--no-install-recommends \\\n(.*?) \\\n && rm", DOCKERFILE, re.DOTALL)[1].split()) - {"\\"}
    assert "libpq5" in installed  # opened when a store is on a server
    # Every Debian has these, or a package of the list brings them.
    brought = {"libc6", "libgcc-s1", "libstdc++6", "libglib2.0-0"}
    known = {line.split()[0]: line.split()[-1] for line in subprocess.run(
        ["ldconfig", "-p"], text=True, capture_output=True, env={"PATH": "/sbin:/usr/sbin"}).stdout.splitlines() if "=>" in line}
    places = {library: str(pathlib.Path(known[library]).resolve()).removeprefix("/usr") for library in needed}
    owned = subprocess.run(["dpkg-query", "-S", *(f"*{place}" for place in places.values())], text=True,
                           capture_output=True, check=True).stdout.splitlines()
    for library, place in places.items():
        owner = next(line for line in owned if line.endswith(place)).split(":")[0]
        assert owner in installed | brought, f"{library} is of {owner}, which deploy/Dockerfile does not install"


def test_the_guide_uses_options_and_files_that_exist():
    for line in re.findall(r"fovea-server (token create .*?|serve .*?)(?: #|\n(?! {4}))", GUIDE, re.DOTALL):
        parse(line.replace("\\\n", " ").split("  #")[0].split())
    parse(["serve", *re.search(r"FOVEA_OPTIONS=(--.*?)`", GUIDE)[1].split()])
    for path in re.findall(r"(?:tools|deploy|bench)/[\w.-]+", GUIDE):
        assert (REPOSITORY / path).exists(), path


def test_the_guides_backup_is_a_store(tmp_path):
    import fovea

    with fovea.Memory(tmp_path / "memory.db", scope="ann") as memory:
        memory.add("The lamp is lit.", "note")
    program = re.search(r'^python3 -c "(.*)"$', GUIDE, re.MULTILINE)[1]
    subprocess.run([sys.executable, "-c", program.replace("/var/lib/fovea/", f"{tmp_path}/")], cwd=tmp_path, check=True,
                   timeout=300)
    with fovea.Memory(tmp_path / "copy.db", scope="ann") as copy, fovea.Memory(tmp_path / "copy.db", scope="bob") as other:
        assert "lamp" in copy.verbatim() and other.verbatim() == "" and copy.verify() == []
