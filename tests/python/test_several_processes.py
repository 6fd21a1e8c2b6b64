"""One store, many processes, some of them killed; bench/ has the long runs."""

from __future__ import annotations

import os
import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
WORKER = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build"), "fovea_store_worker")
sys.path.insert(0, str(REPOSITORY / "bench"))

import kill  # noqa: E402
import several_processes  # noqa: E402

pytestmark = pytest.mark.skipif(not WORKER.exists(), reason="fovea_store_worker is not built")


def test_eight_writers_and_eight_readers_lose_nothing_and_see_no_error(tmp_path):
    result = several_processes.run_all(WORKER, tmp_path / "store.db", 8, 8, 4)
    assert result["errors"] == []
    assert result["messages_written"] == result["messages_found"] > 0
    assert (result["doubled"], result["findings"]) == (0, 0)


def test_a_store_survives_the_killing_of_its_writers():
    assert kill.kill_often(WORKER, 8, seed=3)["lost"] == 0
