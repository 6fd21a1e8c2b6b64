#!/usr/bin/env python3
"""What PyTorch does with a checkpoint: the counterpart of model_rates, with the same options, inputs and keys.

    python bench/pytorch_rates.py CHECKPOINT '{"device": "cpu", "sequences": 16}'

Needs torch, transformers and safetensors. Everything runs in the weights' type; of transformers' ways to run experts the
fastest here is taken, for prompts and for answers each. "device" must be given.
"""

from __future__ import annotations

import json
import pathlib
import resource
import sys
import time
from collections.abc import Callable

import torch
from pytorch_decoder import EXPERTS, Decoder
from pytorch_encoder import Encoder
from safetensors import safe_open
from transformers.cache_utils import DynamicCache

RUNS = 3  # the fastest counts
SIDES = {"large": 1280, "base": 1024, "small": 640, "tiny": 512}


def read_weights(folder: pathlib.Path, device: str) -> dict[str, torch.Tensor]:
    weights = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt", device=device) as file:
            weights |= {name: file.get_tensor(name) for name in file.keys()}
    return weights


def striped_pages(level: str, pages: int, like: torch.Tensor) -> torch.Tensor:
    line = ((torch.arange(SIDES[level]) % 32 < 16).float() * 2 - 1).to(like)
    return (line[:, None] * line[None, :]).expand(pages, 3, -1, -1).contiguous()


def prompts(sequences: int, tokens: int, vocabulary: int, device: str) -> torch.Tensor:
    first = torch.arange(sequences)[:, None] * 7 + 10
    return ((first + torch.arange(tokens)) % vocabulary).to(device)


def answer(decoder: Decoder, ids: torch.Tensor, new_tokens: int,
           ways: tuple[str, str]) -> tuple[float, float, torch.Tensor]:
    """Seconds of the prompts, seconds of a token of every answer, the answers. `ways`: how experts are run for the
    prompts and for the answers."""
    cache, length, answers = DynamicCache(), ids.shape[1], []
    decoder.use_experts(ways[0])
    start = time.perf_counter()
    for step in range(new_tokens):
        logits = decoder(decoder.embed(ids), cache, 0 if step == 0 else length + step - 1)
        ids = logits.argmax(-1, keepdim=True)
        answers.append(ids.cpu())
        if step == 0:
            decoder.use_experts(ways[1])
            prefill, start = time.perf_counter() - start, time.perf_counter()
    return prefill, (time.perf_counter() - start) / max(1, new_tokens - 1), torch.cat(answers, 1)


def fastest(seconds_of: Callable[[str], float]) -> str:
    """Of transformers' ways to run experts that work here, the one whose second call takes least."""
    seconds = {}
    for way in EXPERTS:
        try:
            seconds_of(way)
            seconds[way] = seconds_of(way)
        except (RuntimeError, NotImplementedError) as error:  # out of memory too
            print(f"{way}: {str(error).splitlines()[0]}", file=sys.stderr)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
    if not seconds:
        raise SystemExit("no way to run the experts works here")
    return min(seconds, key=seconds.get)


def best_answer(decoder: Decoder, ids: torch.Tensor, new_tokens: int) -> dict:
    """The fastest of some runs, with the fastest experts for the prompts and the fastest for the answers."""
    ways = (fastest(lambda way: answer(decoder, ids, 1, (way, way))[0]),
            fastest(lambda way: answer(decoder, ids[:, :8], 6, (way, way))[1]))
    runs = [answer(decoder, ids, new_tokens, ways) for _ in range(RUNS)]
    return {"experts": f"{ways[0]} for prompts, {ways[1]} for answers", "prefill_seconds": min(run[0] for run in runs),
            "decode_seconds": min(run[1] for run in runs), "ids": runs[-1][2].flatten().tolist()}


def anonymous_bytes() -> int:
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


@torch.inference_mode()
def measure(folder: pathlib.Path, given: dict) -> dict:
    device, level, tokens = given["device"], given.get("level", "base"), given.get("new_tokens", 32)
    config = json.loads((folder / "config.json").read_text())
    start = time.perf_counter()
    weights = read_weights(folder, device)
    encoder = Encoder({name: value for name, value in weights.items() if "layers." not in name or "vision" in name
                       or "projector" in name}, config)
    decoder = Decoder(weights, config)
    result = {"load_seconds": time.perf_counter() - start}
    pages = striped_pages(level, given.get("pages", 1), decoder.head)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        features = encoder(pages).float().cpu()
        seconds.append(time.perf_counter() - start)
    result["encode_seconds"] = min(seconds)
    if "features" in given:
        pathlib.Path(given["features"]).write_bytes(features[0].contiguous().numpy().tobytes())
    ids = prompts(given.get("sequences", 1), given.get("prompt_tokens", 300), decoder.config.vocab_size, device)
    result |= best_answer(decoder, ids, tokens)
    return result | {"peak_anonymous_bytes": anonymous_bytes(),
                     "peak_resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


if __name__ == "__main__":
    print(json.dumps(measure(pathlib.Path(sys.argv[1]), json.loads(sys.argv[2]))))
