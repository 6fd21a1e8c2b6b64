"""One command trains, goes on after a stop, evaluates and exports: on a toy codec."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fovea.training.__main__ import COMMANDS, main  # noqa: E402
from fovea.training.network import checkpoint  # noqa: E402
from fovea.training.run import state  # noqa: E402
from fovea.training.run.optim import Optimiser  # noqa: E402
from fovea.training.run.run_state import RunState  # noqa: E402
from fovea.training.run.trainer import Trainer  # noqa: E402

BINDINGS = pathlib.Path(__file__).resolve().parents[2] / "bindings"
TOY = {
    "model": dict(
        sam_width=32, sam_layers=3, sam_heads=2, sam_global=[2], neck=16, downsample=[24, 32], clip_layers=1,
        clip_heads=2, width=32, layers=2, heads=2, dense_ffn=64, experts=4, expert_ffn=16, slots=8, vocab=900,
    ),
    "tokenizer": {"characters": {"prose": 20000, "code": 20000}},
    "levels": {"tiny": 1.0, "trace": 1.0},
    "densities": {"32": 1, "64": 1},
    "hardest": 200,
    "mix": {"prose": 1, "agent": 1},
    "patches": 512,
    "tokens": 500,
    "reader_cells": 500,
    "adamw_lr": 1e-3,
    "muon_lr": 2e-3,
    "warmup": 2,
    "constant": 0.3,
    "floor": 0.01,
    "unlock": 0.0,
    "weights": {"glyph_reader": 1.0, "patch_reader": 0.3, "balance": 0.01},
    "seed": 1,
}


@pytest.fixture(scope="module")
def common(tmp_path_factory, corpus_folder, atlas_folder):
    file = tmp_path_factory.mktemp("config") / "toy.json"
    file.write_text(json.dumps(TOY))
    return ["train", "--config", str(file), "--corpus", str(corpus_folder), "--atlas", str(atlas_folder),
            "--workers", "1", "--cpu", "--evaluate", "", "--steps", "23"]


def record(patch) -> list:
    """(seed, level, columns, loss) of every step from now on."""
    steps, forward = [], Trainer.forward

    def recorded(self, batch):
        loss, figures = forward(self, batch)
        steps.append((batch.job.seed, batch.job.level, batch.job.columns, float(loss.detach())))
        return loss, figures

    patch.setattr(Trainer, "forward", recorded)
    return steps


def signal_at(monkeypatch, step, number):
    """Sends this process a signal while that step is under way."""
    real, calls = Optimiser.step, [0]

    def counted(self, factor, **code):
        calls[0] += 1
        if calls[0] == step:
            signal.raise_signal(number)
        return real(self, factor, **code)

    monkeypatch.setattr(Optimiser, "step", counted)


@pytest.fixture(scope="module")
def whole(common, tmp_path_factory):
    """A run that nothing interrupts."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        steps = record(patch)
        main([*common, "--out", str(out)])
    return out, steps


def metrics(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_a_resumed_run_equals_one_that_never_stopped(common, whole, monkeypatch, tmp_path, capsys):
    out, steps = whole
    again, seen = tmp_path / "run", record(monkeypatch)
    signal_at(monkeypatch, 13, signal.SIGINT)
    with pytest.raises(SystemExit) as ended:
        main([*common, "--out", str(again)])
    assert ended.value.code == 130
    assert len(seen) == 13
    assert "--resume" in capsys.readouterr().out.splitlines()[-1]
    # The run's folder has the configuration, the atlas and the tokenizer.
    main(["train", "--corpus", common[4], "--workers", "1", "--cpu", "--evaluate", "", "--out", str(again), "--resume"])

    assert [s[:3] for s in seen] == [s[:3] for s in steps]
    assert len({s[1:3] for s in steps}) > 1  # the curriculum had a choice
    np.testing.assert_allclose([s[3] for s in seen], [s[3] for s in steps], rtol=1e-4)
    for a, b in zip(metrics(out), metrics(again)):
        assert a["step"] == b["step"] and a["pairs"].keys() == b["pairs"].keys()
        assert a["loss"] == pytest.approx(b["loss"], rel=1e-4) and a["rate"] == pytest.approx(b["rate"])
    first, second = (state.tensors_of(f, state.facts_of(f)) for f in (out, again))
    assert first.keys() == second.keys() and any(name.startswith("weights.patch_reader.") for name in first)
    for name, t in first.items():
        assert torch.allclose(t, second[name], rtol=1e-3, atol=1e-5), name


def test_where_a_run_stands_comes_back_from_json():
    stands = RunState(step=30, bad=1, done=0.25, stage=1, stage_step=20)
    stands.add(("tiny", 64), torch.tensor([0.5, 1.0]))
    facts = json.loads(json.dumps(stands.facts()))
    assert facts["measured"] == [["tiny", 64, 0.5, 1.0]]
    assert RunState.of(facts) == RunState(step=30, bad=1, done=0.25, stage=1, stage_step=20)
    assert RunState.of({}) == RunState()


def test_sigterm_saves_and_ends_with_143(common, monkeypatch, tmp_path):
    signal_at(monkeypatch, 2, signal.SIGTERM)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        main([*common, "--out", str(tmp_path / "run")])
    assert ended.value.code == 143
    assert state.facts_of(tmp_path / "run")["step"] == 2
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_folder_that_holds_a_run_is_not_overwritten(common, whole, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*common, "--out", str(whole[0])])
    assert ended.value.code == 2
    assert "already holds a run; --resume goes on with it" in capsys.readouterr().err


def test_a_run_that_is_over_says_so(common, whole, capsys):
    before = metrics(whole[0])
    main([*common, "--out", str(whole[0]), "--resume"])
    assert "the run is over; give more --minutes or --steps" in capsys.readouterr().out
    assert metrics(whole[0]) == before


def test_a_save_that_is_cut_off_leaves_the_state_before(monkeypatch, tmp_path):
    import safetensors.torch

    state.save(tmp_path, {"w": torch.ones(3)}, {"step": 1})

    def half(tensors, file):
        pathlib.Path(file).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(safetensors.torch, "save_file", half)
        with pytest.raises(KeyboardInterrupt):
            state.save(tmp_path, {"w": torch.zeros(3)}, {"step": 2})
    facts = state.facts_of(tmp_path)
    assert facts["step"] == 1 and torch.equal(state.tensors_of(tmp_path, facts)["w"], torch.ones(3))
    state.save(tmp_path, {"w": torch.zeros(3)}, {"step": 3})
    assert sorted(f.name for f in tmp_path.iterdir()) == ["state-00000003.safetensors", "state.json"]


def test_a_damaged_state_is_a_clear_error(common, tmp_path, capsys):
    (tmp_path / "state.json").write_text('{"format": 99}')
    with pytest.raises(SystemExit):
        main([*common, "--out", str(tmp_path), "--resume"])
    assert "is not a training state of format 1" in capsys.readouterr().err


def test_export_writes_the_checkpoint_of_the_state(whole, tmp_path, capsys):
    main(["export", "--run", str(whole[0]), "--out", str(tmp_path / "codec"), "--name", "toy"])
    assert "weights of step 23" in capsys.readouterr().out
    exported, saved = checkpoint.load(tmp_path / "codec"), checkpoint.load(whole[0] / "checkpoint")
    for name, t in saved.state_dict().items():
        assert torch.equal(t, exported.state_dict()[name]), name
    described = json.loads((tmp_path / "codec" / "config.json").read_text())["fovea"]
    assert described["name"] == "toy" and described["levels"] == ["tiny", "trace"] and described["densities"] == [64]


def test_evaluate_shows_the_control_beside_every_kind(whole, corpus_folder, tmp_path, capsys):
    main(["evaluate", "--checkpoint", str(whole[0]), "--corpus", str(corpus_folder), "--levels", "trace",
          "--densities", "64", "--kinds", "prose", "--pages", "1", "--cpu", "--out", str(tmp_path / "accuracy.json")])
    assert "random (control)" in capsys.readouterr().out
    (row,) = json.loads((tmp_path / "accuracy.json").read_text())["rows"]
    assert (row["level"], row["density"], row["vision_tokens"]) == ("trace", 64, 16)
    assert set(row["kinds"]) == {"prose", "random"} and row["kinds"]["random"]["accuracy"] < 0.5


def test_evaluate_reads_text_files_and_knows_their_kinds(whole, tmp_path, capsys):
    (tmp_path / "poems.txt").write_text("a rose is a rose\n" * 300)
    common = ["evaluate", "--checkpoint", str(whole[0]), "--texts", str(tmp_path), "--cpu", "--pages", "1"]
    with pytest.raises(SystemExit):
        main([*common, "--kinds", "novels"])
    assert "no text of kind novels; there is poems" in capsys.readouterr().err
    main([*common, "--levels", "trace", "--densities", "32"])
    assert "poems" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0 and "usage:" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])
    assert f"python -m fovea.training {command} -" in capsys.readouterr().out.replace("curves run", "curves --")


RANK = """
import sys
from fovea.training.run import loop, train

real = loop.Run.train

def reported(run):
    real(run)
    print("weights", [float(p.detach().double().abs().sum()) for p in run.trainer.parameters()])

loop.Run.train = reported
train.main(sys.argv[1:])
"""


def test_two_processes_train_one_model_through_two_stages(common, tmp_path):
    """Each rank has its own pages; the averaged gradient keeps them the same, also when parts are frozen."""
    stages = [{"name": "warm-up", "share": 0.5},
              {"name": "joint", "share": 0.5, "freeze": ["first_tower", "compressor"]}]
    small = {"levels": {"trace": 1}, "densities": {"64": 1}, "mix": {"prose": 1}, "patches": 256, "tokens": 300}
    (tmp_path / "toy.json").write_text(json.dumps({**TOY, **small, "stages": stages}))
    words = ["--config", str(tmp_path / "toy.json"), *common[3:-1], "20", "--out", str(tmp_path / "run")]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", RANK, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(BINDINGS), "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1",
                 "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo", "RANK": str(rank), "WORLD_SIZE": "2"},
        )
        for rank in range(2)
    ]
    outputs = [rank.communicate(timeout=300) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], outputs[0][1] + outputs[1][1]
    first, second = (out.splitlines()[-1] for out, _ in outputs)
    assert first.startswith("weights [") and first == second
    facts = state.facts_of(tmp_path / "run")
    assert facts["step"] == 20 and facts["ranks"] == 2 and facts["stage"] == 1
    log = (tmp_path / "run" / "train.log").read_text()
    assert "2 rank(s)" in log and "stage joint:" in log and log.count("tokenizer") == 1
