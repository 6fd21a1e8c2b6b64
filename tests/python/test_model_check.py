"""`memctl model check` and `bench` on small checkpoints of random weights in DeepSeek-OCR's layout."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
MEMCTL = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build")) / "memctl"
MINI = REPOSITORY / "tests" / "golden" / "mini_a" / "config.json"

pytestmark = pytest.mark.skipif(not MEMCTL.exists(), reason="memctl is missing")


def memctl(*arguments, code=0):
    done = subprocess.run([MEMCTL, "--json", "model", *map(str, arguments)], capture_output=True, timeout=120)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def sharded(tmp_path):
    subprocess.run([sys.executable, REPOSITORY / "bench" / "random_checkpoint.py", tmp_path, "--config", MINI,
                    "--shards", "3"], check=True)
    return tmp_path


def test_a_sound_checkpoint_has_no_misfits_and_runs(sharded):
    found = memctl("check", sharded)
    assert found["ok"] and found["files"] == 3 and len(found["fingerprint"]) == 64
    rates = memctl("bench", sharded, "--level", "tiny", "--prompt", "20", "--tokens", "4")
    assert len(rates["ids"]) == 4


def test_every_misfit_is_named_not_only_the_first(sharded):
    first, second, _ = sorted(sharded.glob("*.safetensors"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-100])
    misfits = memctl("check", sharded, code=4)["misfits"]
    assert len(misfits) == 2 and first.name in misfits[0] and second.name in misfits[1] and "truncated" in misfits[1]


def test_shapes_of_another_config_are_named(sharded):
    config = json.loads((sharded / "config.json").read_text())
    config["language_config"]["intermediate_size"] = 128
    config["language_config"]["n_routed_experts"] = 9
    (sharded / "config.json").write_text(json.dumps(config))
    text = "\n".join(memctl("check", sharded, code=4)["misfits"])
    assert "model.layers.0.mlp.down_proj.weight" in text and "experts.8.up_proj.weight" in text


def test_several_pages_and_answers_at_once(sharded):
    arguments = ["bench", sharded, "--level", "tiny", "--prompt", "20", "--tokens", "4", "--device", "cpu"]
    alone = memctl(*arguments)
    together = memctl(*arguments, "--pages", "2", "--sequences", "3")
    assert together["sequences"] == 3 and together["pages"] == 2
    assert len(together["ids"]) == 12 and together["ids"][0] == alone["ids"][0]


def test_the_error_of_int8_weights_is_measured(sharded):
    found = memctl("error", sharded, "--tokens", "32")
    assert found["tokens"] == 32
    assert 0 < found["logits_off"] < 0.1
    assert found["same_choice"] > 0.5


@pytest.mark.parametrize(("arguments", "words"), [
    (["--weights", "int4"], "unknown weights \"int4\"; expected stored or int8"),
    (["--device", "abacus"], "unknown device \"abacus\"; expected auto, cpu, cuda or cuda:N"),
])
def test_unknown_devices_and_weights_are_named(sharded, arguments, words):
    assert words in memctl("bench", sharded, *arguments, code=2)["error"]["message"]
