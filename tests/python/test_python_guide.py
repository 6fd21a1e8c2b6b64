"""The examples of doc/python.md run as they stand, one after the other."""

from __future__ import annotations

import json
import re
import shutil
import time

import pytest

from harbour import prose
from mini_checkpoint import REPOSITORY, write_mini_checkpoint

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

BLOCKS = re.findall(r"```python\n(.*?)```", (REPOSITORY / "doc/python.md").read_text(), re.DOTALL)


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Where the files are that the guide speaks of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEW_KEY", fovea.new_key_text())
    (tmp_path / "store.key").write_text(fovea.new_key_text())
    (tmp_path / "store.key").chmod(0o600)
    (tmp_path / "DeepSeek-OCR").mkdir()
    write_mini_checkpoint(tmp_path / "DeepSeek-OCR", max_position_embeddings=330)
    shutil.copy(REPOSITORY / "tests/golden/pictures/pages.pdf", tmp_path / "scan.pdf")
    return tmp_path


def test_the_examples_run(workplace):
    with fovea.Memory("notes.db", level="tiny", measured_pages=0) as memory:
        memory.add_many([prose(60)])
        names = {"fovea": fovea, "memory": memory, "time": time}
        for block in BLOCKS:
            exec(block, names)
    assert len(BLOCKS) == 7
    assert {"agent.db", "ann.fovea", "boxes.png"} <= {path.name for path in workplace.iterdir()}
    assert json.loads((workplace / "events.jsonl").read_text())["event"] == "search"
