#!/usr/bin/env python3
"""Writes a checkpoint of DeepSeek-OCR's names and shapes with seeded random weights.

    python bench/random_checkpoint.py FOLDER [--shards 3]            # 3.3 B parameters, 6.7 GB
    python bench/random_checkpoint.py FOLDER --config mini/config.json

For tests and benchmarks: the real thing in size, cost and layout, without its knowledge. A tensor's
values depend on the seed and its name alone, so one file and shards hold the same numbers. They
are written piece by piece; a weight's spread is that of its number of inputs, so that activations
stay near 1 from the first layer to the last.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import math
import pathlib
import zlib

import numpy as np

PIECE = 1 << 22  # values at once
WINDOW, NECK, POSITIONS = 14, 256, 64  # what the official code does not read from config.json

LANGUAGE = {
    "architectures": ["DeepseekV2ForCausalLM"], "bos_token_id": 0, "eos_token_id": 1, "first_k_dense_replace": 1,
    "hidden_size": 1280, "intermediate_size": 6848, "kv_lora_rank": None, "lm_head": True,
    "max_position_embeddings": 8192, "moe_intermediate_size": 896, "n_group": 1, "n_routed_experts": 64,
    "n_shared_experts": 2, "num_attention_heads": 10, "num_experts_per_tok": 6, "num_hidden_layers": 12,
    "num_key_value_heads": 10, "q_lora_rank": None, "qk_nope_head_dim": 0, "qk_rope_head_dim": 0, "rm_head": False,
    "topk_group": 1, "topk_method": "greedy", "torch_dtype": "bfloat16", "use_mla": False, "v_head_dim": 0,
    "vocab_size": 129280,
}
OFFICIAL = {
    "_name_or_path": "random weights in DeepSeek-OCR's shapes",
    "architectures": ["DeepseekOCRForCausalLM"],
    "candidate_resolutions": [[1024, 1024]],
    "global_view_pos": "head",
    "language_config": LANGUAGE,
    "model_type": "deepseek_vl_v2",
    "projector_config": {"input_dim": 2048, "model_type": "mlp_projector", "n_embed": 1280,
                         "projector_type": "linear"},
    "tile_tag": "2D",
    "torch_dtype": "bfloat16",
    "vision_config": {
        "image_size": 1024, "mlp_ratio": 3.7362, "model_name": "deeplip_b_l", "model_type": "vision",
        "width": {
            "clip-l-14-224": {"heads": 16, "image_size": 224, "layers": 24, "patch_size": 14, "width": 1024},
            "sam_vit_b": {"downsample_channels": [512, 1024], "global_attn_indexes": [2, 5, 8, 11], "heads": 12,
                          "layers": 12, "width": 768},
        },
    },
} | {key: value for key, value in LANGUAGE.items() if key not in ("architectures", "torch_dtype")}


def sam_shapes(config: dict) -> dict[str, list[int]]:
    sam = config["vision_config"]["width"]["sam_vit_b"]
    width, (middle, out) = sam["width"], sam["downsample_channels"]
    window, neck = sam.get("window_size", WINDOW), sam.get("neck_channels", NECK)
    shapes = {"pos_embed": [1, POSITIONS, POSITIONS, width], "patch_embed.proj.weight": [width, 3, 16, 16],
              "patch_embed.proj.bias": [width]}
    for i in range(sam["layers"]):
        side = POSITIONS if i in sam["global_attn_indexes"] else window
        block = {"norm1.weight": [width], "norm1.bias": [width], "norm2.weight": [width], "norm2.bias": [width],
                 "attn.qkv.weight": [3 * width, width], "attn.qkv.bias": [3 * width],
                 "attn.proj.weight": [width, width], "attn.proj.bias": [width],
                 "mlp.lin1.weight": [4 * width, width], "mlp.lin1.bias": [4 * width],
                 "mlp.lin2.weight": [width, 4 * width], "mlp.lin2.bias": [width]}
        for axis in "hw":
            block[f"attn.rel_pos_{axis}"] = [2 * side - 1, width // sam["heads"]]
        shapes |= {f"blocks.{i}.{name}": shape for name, shape in block.items()}
    shapes |= {"neck.0.weight": [neck, width, 1, 1], "neck.1.weight": [neck], "neck.1.bias": [neck],
               "neck.2.weight": [neck, neck, 3, 3], "neck.3.weight": [neck], "neck.3.bias": [neck],
               "net_2.weight": [middle, neck, 3, 3], "net_3.weight": [out, middle, 3, 3]}
    return {f"model.sam_model.{name}": shape for name, shape in shapes.items()}


def clip_shapes(config: dict) -> dict[str, list[int]]:
    clip = config["vision_config"]["width"]["clip-l-14-224"]
    width, hidden = clip["width"], 4 * clip["width"]
    shapes = {"embeddings.class_embedding": [width], "embeddings.patch_embedding.weight": [width, 3, 14, 14],
              "embeddings.position_embedding.weight": [257, width], "pre_layrnorm.weight": [width],
              "pre_layrnorm.bias": [width]}
    for i in range(clip["layers"]):
        layer = {"layer_norm1.weight": [width], "layer_norm1.bias": [width], "layer_norm2.weight": [width],
                 "layer_norm2.bias": [width], "self_attn.qkv_proj.weight": [3 * width, width],
                 "self_attn.qkv_proj.bias": [3 * width], "self_attn.out_proj.weight": [width, width],
                 "self_attn.out_proj.bias": [width], "mlp.fc1.weight": [hidden, width], "mlp.fc1.bias": [hidden],
                 "mlp.fc2.weight": [width, hidden], "mlp.fc2.bias": [width]}
        shapes |= {f"transformer.layers.{i}.{name}": shape for name, shape in layer.items()}
    return {f"model.vision_model.{name}": shape for name, shape in shapes.items()}


def mlp_shapes(name: str, hidden: int, width: int) -> dict[str, list[int]]:
    return {f"{name}.gate_proj.weight": [hidden, width], f"{name}.up_proj.weight": [hidden, width],
            f"{name}.down_proj.weight": [width, hidden]}


def decoder_shapes(config: dict) -> dict[str, list[int]]:
    language = config["language_config"]
    width, vocab, experts = language["hidden_size"], language["vocab_size"], language["n_routed_experts"]
    hidden = language["moe_intermediate_size"]
    keys = width // language["num_attention_heads"] * language["num_key_value_heads"]
    shapes = {"lm_head.weight": [vocab, width], "model.embed_tokens.weight": [vocab, width],
              "model.norm.weight": [width]}
    for i in range(language["num_hidden_layers"]):
        layer = f"model.layers.{i}"
        shapes |= {f"{layer}.input_layernorm.weight": [width], f"{layer}.post_attention_layernorm.weight": [width]}
        for part, out in dict(q=width, k=keys, v=keys, o=width).items():
            shapes[f"{layer}.self_attn.{part}_proj.weight"] = [out, width]
        if i < language["first_k_dense_replace"]:
            shapes |= mlp_shapes(f"{layer}.mlp", language["intermediate_size"], width)
            continue
        shapes[f"{layer}.mlp.gate.weight"] = [experts, width]
        for e in range(experts):
            shapes |= mlp_shapes(f"{layer}.mlp.experts.{e}", hidden, width)
        shapes |= mlp_shapes(f"{layer}.mlp.shared_experts", language["n_shared_experts"] * hidden, width)
    return shapes


def shapes_of(config: dict) -> dict[str, list[int]]:
    """Every tensor of the official checkpoint with its shape, in the order of their names."""
    clip = config["vision_config"]["width"]["clip-l-14-224"]["width"]
    fused = clip + config["vision_config"]["width"]["sam_vit_b"]["downsample_channels"][1]
    width = config["language_config"]["hidden_size"]
    shapes = {"model.image_newline": [width], "model.view_seperator": [width],
              "model.projector.layers.weight": [width, fused], "model.projector.layers.bias": [width]}
    return dict(sorted((shapes | sam_shapes(config) | clip_shapes(config) | decoder_shapes(config)).items()))


def is_norm(name: str) -> bool:
    return any(part in name for part in ("norm", "neck.1.", "neck.3."))


def pieces(name: str, shape: list[int], seed: int):
    """The bytes of a tensor, bfloat16, little-endian."""
    random = np.random.Generator(np.random.SFC64([seed, zlib.crc32(name.encode())]))
    if len(shape) == 1 or "pos" in name:
        spread, mean = 0.1, float(is_norm(name) and name.endswith("weight"))
    else:
        table = "embed_tokens" in name
        spread, mean = (1.0 if table else 1 / math.sqrt(math.prod(shape[1:]))) * math.sqrt(3), 0.0
    left = math.prod(shape)
    while left:
        values = random.random(min(left, PIECE), dtype=np.float32)
        left -= values.size
        values *= 2 * spread
        values += mean - spread
        bits = values.view(np.uint32)
        bits += 0x8000  # to the nearest; exact ties do not matter here
        yield (bits >> 16).astype("<u2").tobytes()


def write_file(path: pathlib.Path, shapes: dict[str, list[int]], seed: int) -> None:
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        end = at + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            for piece in pieces(name, shape, seed):
                file.write(piece)


def write_checkpoint(folder: pathlib.Path, config: dict, seed: int = 0, shards: int = 1) -> int:
    """Returns the bytes of all tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    shapes = shapes_of(config)
    total = sum(2 * math.prod(shape) for shape in shapes.values())
    if shards == 1:
        write_file(folder / "model.safetensors", shapes, seed)
        return total
    parts: list[dict] = [{} for _ in range(shards)]
    at = 0
    for name, shape in shapes.items():
        parts[min(at * shards // total, shards - 1)][name] = shape
        at += 2 * math.prod(shape)
    files = [f"model-{i + 1:05d}-of-{shards:06d}.safetensors" for i in range(shards)]
    with concurrent.futures.ProcessPoolExecutor() as processes:
        list(processes.map(write_file, [folder / file for file in files], parts, [seed] * shards))
    weight_map = {name: file for file, part in zip(files, parts) for name in part}
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--config", type=pathlib.Path, help="sizes of another config.json; default: the official ones")
    parser.add_argument("--shards", type=int, default=1, help="files, with an index if there are several")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.shards < 1:
        parser.error("--shards: expected 1 or more")
    config = json.loads(options.config.read_text()) if options.config else OFFICIAL
    total = write_checkpoint(options.folder, config, options.seed, options.shards)
    print(f"{options.folder}: {len(shapes_of(config)):,} tensors, {total:,} bytes")


if __name__ == "__main__":
    main()
