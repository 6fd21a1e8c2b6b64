"""The code of vision tokens: what it stores, what it costs, how its step is steered."""

import copy
import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import fovea  # noqa: E402

from safetensors.torch import load_file  # noqa: E402

from fovea.training.__main__ import main  # noqa: E402
from fovea.training.network import checkpoint  # noqa: E402
from fovea.training.network.model import disturbed, quantised  # noqa: E402
from fovea.training.network.token_code import RATES, LevelCode, integer_tables  # noqa: E402
from fovea.training.run import config  # noqa: E402
from fovea.training.run.code_pages import count  # noqa: E402
from fovea.training.run.optim import Optimiser  # noqa: E402
from fovea.training.run.trainer import Trainer  # noqa: E402
from test_training_run import TOY  # noqa: E402

NANO = config.load(config.DEFAULT)
NANO_FOLDER = Path(__file__).parents[2] / "models" / "fovea-nano"
CODE = {"bits": {"tiny": 40, "trace": 40}, "weights": {"tiny": 0.05, "trace": 0.05}, "finer": {"synthetic": 0.5},
        "density": 64, "ramp": 0.5, "lr": 1e-3}


def tokens_of(n=400, width=32, seed=0):
    """Tokens of nearly one length around a mean, some directions wider than others."""
    torch.manual_seed(seed)
    t = torch.randn(n, width) * torch.linspace(2, 0.2, width)
    return 3 * t / t.pow(2).mean(1, keepdim=True).sqrt() * (1 + 0.1 * torch.randn(n, 1)) + 0.5


def code_of(tokens, step=0.3, dimensions=32, reach=7):
    code = LevelCode(tokens.shape[1], dimensions, reach)
    code.begin(tokens, step)
    count(code, tokens)
    return code


def test_frequencies_are_at_least_one_and_sum_to_two_to_the_fourteenth():
    counts = torch.tensor([[1e9, 0, 0, 0], [1, 1, 1, 0], [0.1, 5e5, 3, 2]], dtype=torch.float64)
    tables = integer_tables(counts, escape=True)
    assert tables.dtype == torch.int32 and (tables >= 1).all()
    assert tables.sum(1).tolist() == [1 << 14] * 3
    assert tables[0, 0] > 16000 and tables[2].argmax() == 1


def test_a_fine_step_gives_the_tokens_back_and_a_coarse_one_costs_less():
    tokens = tokens_of()
    fine, coarse = code_of(tokens, 0.05, reach=31), code_of(tokens, 0.5, reach=31)
    errors = [float((c(tokens)[0] - tokens).pow(2).mean().sqrt()) for c in (fine, coarse)]
    assert errors[0] < 0.1 < errors[1] < 0.6
    bits = [float(c.coded_bits(c(tokens)[1], 0).mean()) for c in (fine, coarse)]
    assert bits[1] < 100 < bits[0]


def test_each_rate_has_a_finer_step_and_counts_by_tables_of_its_own():
    tokens, code = tokens_of(), code_of(tokens_of(), 0.5, reach=31)
    errors = [float((code(tokens, rate)[0] - tokens).pow(2).mean().sqrt()) for rate in range(len(RATES))]
    bits = [float(code.coded_bits(code(tokens, rate)[1], rate).mean()) for rate in range(len(RATES))]
    for rate in range(len(RATES) - 1):
        assert errors[rate + 1] < 0.85 * errors[rate] and bits[rate] + 10 < bits[rate + 1] < bits[rate] + 20
    # A rate a page, in one batch.
    pages = tokens[:48].view(3, 16, 32)
    mixed, q = code(pages, torch.tensor([0, 2, 1]))
    for page, rate in enumerate((0, 2, 1)):
        alone, integers = code(pages[page], rate)
        assert torch.allclose(mixed[page], alone, atol=1e-4) and torch.equal(q[page], integers)


def test_bits_are_those_of_the_tables_and_raw_after_an_escape():
    code = code_of(tokens_of(), reach=3)
    q = torch.zeros(1, 33)
    plain = float(code.coded_bits(q, 0))
    assert plain == pytest.approx(float((14 - code.frequencies[0, :, 3].float().log2()).sum()), rel=1e-5)
    q[0, 5] = 90
    more = 8 + 14 - float(code.frequencies[0, 5, -1].float().log2()) - (14 - float(code.frequencies[0, 5, 3].float().log2()))
    assert float(code.coded_bits(q, 0)) == pytest.approx(plain + more, rel=1e-4)


def test_gains_bring_coarsely_rounded_tokens_nearer():
    code, fresh = code_of(tokens_of(4000), 3.0), tokens_of(1000, seed=9)
    plain = copy.deepcopy(code)
    plain.gain.fill_(1)

    def errors(code):
        return [float((code(fresh, rate)[0] - fresh).square().mean()) for rate in range(len(RATES))]

    fitted, before = errors(code), errors(plain)
    assert fitted[0] < 0.9 * before[0]
    assert all(now < 1.01 * then for now, then in zip(fitted, before))
    assert float(code.gain[0].median()) < 0.9 < float(code.gain[-1].median())


def test_gains_do_not_make_up_for_values_that_are_cut_off():
    tokens = tokens_of(2000)
    tokens[:400] = 0.5
    tokens[:400, 3] += 9.0  # one value of sqrt(32) times the root mean square
    code = code_of(tokens, 0.1)
    assert float(code(tokens[:1], 4)[1][0, :-1].abs().max()) == 127
    assert 0.95 < float(code.gain[4].min()) and float(code.gain[4].max()) <= 1


def test_a_checkpoint_says_by_itself_what_tokens_become(model, tmp_path, atlas_folder, tokenizer):
    model = copy.deepcopy(model)
    model.token_code["trace"] = code_of(tokens_of())
    model.token_code["trace"].agreement[0] = 0.9
    tokenizer.save(str(tmp_path / "given.json"))
    checkpoint.save(tmp_path / "codec", model, tmp_path / "given.json", atlas_folder, torch.zeros(model.config.vocab),
                    levels=["trace"], densities=[64])
    stored = load_file(tmp_path / "codec" / "model.safetensors")
    part = {name.removeprefix("token_code.trace."): t.float() for name, t in stored.items()
            if name.startswith("token_code.")}
    for matrix in ("analysis.weight", "synthesis.weight"):  # of 8 bits, with a scale a row
        part[matrix] = part[matrix] * part[matrix + ".scale"][:, None]
    t = tokens_of(16, seed=2) - part["mean"]
    r = (t.pow(2).mean(1, keepdim=True) + 1e-6).sqrt()
    q = torch.round(t / r @ part["analysis.weight"].T + part["analysis.bias"])
    e = torch.round(32 * torch.log2(r / part["size"]))
    back = 2 ** (e / 32) * ((q * part["gain"][0]) @ part["synthesis.weight"].T) + part["synthesis.bias"]
    assert part["frequencies"].shape == (len(RATES), 33, 16)
    assert part["gain"].shape == (len(RATES), 32)

    described = json.loads((tmp_path / "codec" / "config.json").read_text())["fovea"]["token_code"]
    rates = [{"step": step, "agreement": 0.9 if step == 1 else 0.0} for step in RATES]
    assert described == {"levels": {"trace": {"k": 32, "range": 7, "rates": rates}}}
    again = checkpoint.load(tmp_path / "codec")
    tokens, bits = again.stored(tokens_of(16, seed=2)[None])
    assert torch.allclose(tokens[0], back, atol=2e-2) and tokens.shape == (1, 16, 32)
    assert torch.equal(again.token_code["trace"](tokens_of(16, seed=2))[1], torch.cat([q, e], 1))
    assert torch.equal(again.token_code["trace"].frequencies, part["frequencies"].int())
    assert again.token_code["trace"].agreement == [0.9, *[0.0] * (len(RATES) - 1)]
    assert 0 < float(bits.mean()) < 8 * 32
    # A level without a code keeps int8 tokens.
    plain = torch.randn(1, 64, 32)
    assert torch.equal(again.stored(plain)[0], quantised(plain))
    assert again.stored(plain)[1].unique().tolist() == [8 * 32 + 32]


def test_disturbed_tokens_are_off_as_by_rounding_and_pass_gradients():
    tokens = torch.stack([tokens_of(64, seed=3)] * 3).requires_grad_()
    step = torch.tensor([0.0, 0.3, 0.6])
    noisy = disturbed(tokens, step)
    error = ((noisy - tokens).detach() / tokens.detach().pow(2).mean(-1, keepdim=True).sqrt()).flatten(1)
    assert torch.equal(noisy[0], tokens[0])
    assert error.std(1)[1:].tolist() == pytest.approx([0.3 / 12**0.5, 0.6 / 12**0.5], rel=0.05)
    assert float(error[2].abs().max()) <= 0.3 + 1e-5
    noisy.sum().backward()
    assert torch.equal(tokens.grad, torch.ones_like(tokens))


@pytest.mark.parametrize("wrong", [{"tiny": 0.5}, {"tiny": []}, {"tiny": [0.5, -1]}, {"tiny": ["0.5"]},
                                   {"base": [0], "tiny": [True]}, {"small_": [0]}])
def test_a_disturbance_that_is_no_list_of_steps_for_a_level_is_refused(wrong):
    with pytest.raises(config.ConfigError, match="disturbance"):
        config.checked({**json.loads(config.DEFAULT.read_text()), "disturbance": wrong})


def test_learning_counts_rounded_values_and_reaches_encoder_and_code():
    tokens = tokens_of().requires_grad_()
    code = code_of(tokens.detach(), 0.5)
    back, bits = code.learn(tokens)
    assert torch.allclose(back, code(tokens)[0], atol=1e-4)
    rounded = code(tokens)[1][:, :-1] * code.log_step.exp()
    assert torch.allclose(bits, code._prior_bits(rounded, code.log_step.exp()).sum(-1), rtol=1e-3)
    (back.pow(2).mean() + bits.mean()).backward()
    assert tokens.grad.abs().sum() > 0
    for name, p in code.named_parameters():
        assert p.grad is not None and p.grad.abs().sum() > 0, name


def test_the_step_is_steered_from_where_it_began_to_the_wanted_bits():
    tokens, code = tokens_of(), code_of(tokens_of(), 0.1)

    def bits():
        return float(code.learn(tokens)[1].mean())

    first, seen = bits(), []
    for n in range(80):
        code.steer(bits(), 40.0, min(1.0, n / 40))
        seen.append(bits())
    assert first > 120 and seen[-1] == pytest.approx(40, rel=0.05)
    assert 60 < seen[20] < first  # half-way on a logarithmic ramp


def test_only_the_code_of_the_level_that_was_drawn_moves(model, alphabet):
    trainer = Trainer(copy.deepcopy(model), alphabet, NANO, "cpu")
    for level in ("tiny", "trace"):
        trainer.model.token_code[level] = code_of(tokens_of())
    optimiser = Optimiser(trainer.named_parameters(), 1e-3, 1e-3)
    before = {name: p.detach().clone() for name, p in trainer.named_parameters()}
    optimiser.zero()
    sum((p**2).sum() for p in trainer.parameters()).backward()
    assert optimiser.step(1.0, level="tiny", code_lr=1e-2)
    moved = {name for name, p in trainer.named_parameters() if not torch.equal(p, before[name])}
    assert "model.token_code.tiny.analysis" in moved and "model.projector.layers.weight" in moved
    assert not any(name.startswith("model.token_code.trace") for name in moved)


@pytest.fixture(scope="module")
def coded(tmp_path_factory, corpus_folder, atlas_folder):
    """Paths: a checkpoint without codes, the same with untrained ones, configurations without and with `token_code`."""
    folder = tmp_path_factory.mktemp("coded")
    (folder / "plain.json").write_text(json.dumps(TOY))
    (folder / "coded.json").write_text(json.dumps({**TOY, "token_code": CODE}))
    corpus = ["--corpus", str(corpus_folder), "--cpu"]
    main(["train", "--config", str(folder / "plain.json"), *corpus, "--atlas", str(atlas_folder), "--workers", "1",
          "--evaluate", "", "--steps", "2", "--out", str(folder / "run")])
    main(["code", "--from", str(folder / "run" / "checkpoint"), *corpus, "--tokens", "300", "--density", "64",
          "--out", str(folder / "coded")])
    return folder


def test_a_code_alone_changes_no_weight_so_older_tokens_are_still_read(coded):
    before = coded / "run" / "checkpoint"
    assert json.loads((coded / "coded" / "config.json").read_text())["fovea"]["token_code"]["also_reads"] == \
        [checkpoint.fingerprint(before)]
    plain, packed = (load_file(folder / "model.safetensors") for folder in (before, coded / "coded"))
    assert all(torch.equal(t, packed[name]) for name, t in plain.items())
    assert checkpoint.fingerprint(NANO_FOLDER) == fovea.Codec(str(NANO_FOLDER)).fingerprint


def test_a_run_steers_its_codes_goes_on_and_measures_bytes(coded, corpus_folder, tmp_path, capsys):
    common = ["train", "--corpus", str(corpus_folder), "--cpu", "--workers", "1", "--out", str(tmp_path / "run")]
    main([*common, "--config", str(coded / "coded.json"), "--from", str(coded / "coded"), "--evaluate", "",
          "--steps", "10"])
    main([*common, "--resume", "--steps", "20", "--evaluate", "64", "--pages", "1"])
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert set(lines[-1]["bits"]) <= {"tiny", "trace"} and lines[-1]["steps"]["trace"] != lines[0]["steps"]["trace"]
    assert '"bytes"' in capsys.readouterr().out
    trained = checkpoint.load(tmp_path / "run" / "checkpoint")
    assert set(trained.token_code) == {"tiny", "trace"}
    main(["export", "--run", str(tmp_path / "run"), "--out", str(tmp_path / "codec")])
    again = checkpoint.load(tmp_path / "codec").state_dict()
    for name, t in trained.state_dict().items():
        assert torch.allclose(t, again[name], atol=1e-6), name
    main(["code", "--from", str(tmp_path / "codec"), "--corpus", str(corpus_folder), "--cpu", "--tokens", "300",
          "--density", "64", "--times", "2", "--out", str(tmp_path / "coarser")])
    steps = [float(checkpoint.load(tmp_path / x).token_code["tiny"].log_step) for x in ("codec", "coarser")]
    assert steps[1] - steps[0] == pytest.approx(0.693, abs=0.1)


def test_a_steered_level_without_a_code_is_a_clear_error(coded, corpus_folder, tmp_path):
    with pytest.raises(SystemExit, match="level tiny has none; `python -m fovea.training code` gives"):
        main(["train", "--config", str(coded / "coded.json"), "--corpus", str(corpus_folder), "--cpu", "--workers", "1",
              "--from", str(coded / "run" / "checkpoint"), "--out", str(tmp_path / "run"), "--steps", "2"])


def test_the_configuration_of_the_code_is_checked():
    config.checked({**NANO, "token_code": CODE})
    for change, message in (({"bits": {"huge": 3}}, "huge"), ({"steps": 1}, "steps"), ({"lr": -1}, "lr")):
        with pytest.raises(config.ConfigError, match=message):
            config.checked({**NANO, "token_code": {**CODE, **change}})
    with pytest.raises(config.ConfigError, match='lacks the key "density"'):
        config.checked({**NANO, "token_code": {k: v for k, v in CODE.items() if k != "density"}})
    assert config.load(config.CODED)["token_code"]["bits"]["tiny"] > 0
