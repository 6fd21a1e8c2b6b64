"""A fleet that writes to a PostgreSQL server, also one that goes away in the middle."""

from __future__ import annotations

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'fovea[fleet]'")
fovea = pytest.importorskip("fovea")

from fleet_runs import PATTERN, fleet, machines, said, start, texts, wait_until, write_logs  # noqa: E402, F401

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"), pytest.mark.usefixtures("loaded", "machines")]


def scopes_of(url: str) -> list[str]:
    with fovea.Memory(url, measured_pages=0) as memory:
        return sorted(held.scope.user for held in memory.scopes(everyone=True))


def test_a_server_that_stops_in_the_middle_gets_all_and_keeps_users_apart(server, tmp_path):
    url = server.make("fleet")
    logs = write_logs(tmp_path / "logs", ["ann", "bob", "cay"], sessions=1, lines=60)
    command = ("compact", logs, "--store", url, "--level", "tiny", "--scope-pattern", PATTERN, "--journal", tmp_path / "j.db")
    with fovea.Memory(url, measured_pages=0):
        pass  # makes the tables, so that looking for scopes sees some
    process = start(*command)
    wait_until(lambda: scopes_of(url) != [], process)
    server.stop_at_once()
    server.start()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err
    assert scopes_of(url) == ["ann", "bob", "cay"]
    for user in ("ann", "bob", "cay"):
        assert texts(url, f"{user}/coder/s0") == said(user, "s0", 60)
    with fovea.Memory(url, scope="bob/coder/s0", measured_pages=0) as memory:
        assert all("ships of bob" in hit.snippet for hit in memory.search("ships").hits)
        assert [held.scope.user for held in memory.scopes()] == ["bob"]
    aged = fleet("age", "--store", url, "--scope", "ann/*", "--to", "faint")
    assert aged["scopes"] == 1 and aged["faded"] > 0
    # Whoever makes the database anew gets all again, whatever the journal says.
    url = server.make("fleet")
    assert fleet(*command)["messages"] == 180
