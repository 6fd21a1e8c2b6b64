"""Tables with numbers that no subject writes, by document and head, and why."""

from __future__ import annotations

GPU = "training runs on GPUs, which take hours of machines that are not here; the runs and their figures are in the text"
GROWTH = "a store of 100,000 pages takes minutes to make: bench/growth/growth.py"
TIMES = "times of a machine that does nothing else; the text names the command that prints them"

_ENGINES = ("PyTorch, fp32 | PyTorch, bf16 | compile, fp32 | compile, bf16 | ONNX Runtime, fp32 | OpenVINO, fp32 | "
            "OpenVINO, bf16 |")

# Measured, but not again by `make figures`.
NOT_REPEATED = {
    ("doc/encoders.md", "| side | design | tokens | pixels a token | cells a token | GFLOP | activations MB | "
                        "scores MB | peak MB | processor s | time |"): TIMES,
    ("doc/postgresql.md", "| call | waits, each statement | waits | ms 1 ms away, each statement | ms 1 ms away |"):
        "compares with a build of before, which waited for each statement",
    ("doc/search.md", "| pages | by words | with meaning | pieces for a context | FTS5's bm25 | "
                      "first query of a process |"): TIMES,
    ("doc/search.md", "| | 500 | 1,000 | 2,000 | 4,000 | 8,000 |"):
        "needs an embedding model, which the text says how to get: bench/context_quality.py --embedder",
    ("doc/fleet.md", "| what | how much | so |"): TIMES,
    ("doc/fleet.md", "| rounds | in a file, a second | ms, median (95 %) | on a server, a second | ms, median (95 %) |"):
        TIMES,
    ("doc/fleet.md", "| part | seconds | pages |"): TIMES,
    ("doc/fleet.md", "| what | how | how much |"): "carried on from these times by bench/fleet.py plan",
    ("doc/speed.md", "| | large | base | small | tiny | faint | trace |"): TIMES,
    ("doc/speed.md", "| kernel | beside | AVX-512 | AVX2 |"): TIMES,
    ("doc/speed.md", "| level | rows | differ | surest of these | confidences differ by | accuracy, fp32 | auto | "
                     "time |"): "texts that are not in the repository: bench/reading_precision.py",
    ("doc/speed.md", "| ms a call | 100 | 1,000 | 10,000 | 100,000 |"): GROWTH,
    ("doc/speed.md", "| MB at most | 100 | 1,000 | 10,000 | 100,000 |"): GROWTH,
    ("doc/speed.md", "| level | large | base | small | tiny | faint | trace |"): GROWTH,
    ("doc/speed.md", "| density | 64 | 80 | 106 | 128 | 160 |"): GROWTH,
    ("doc/speed.md", "| processes at once | 1 | 2 | 4 | 8 |"): GROWTH,
    ("doc/speed.md", "| text | floor, % | pages | at the same level | off by, % | stated, % | off further | "
                     "read whole | rows that decide | ratio |"):
        "times of a busy machine; texts that are not in the repository: ageing_bench",
    ("doc/speed.md", "| | AMX | AVX-512 | AVX2 |"): "compares with a build of before, which had other kernels",
    ("doc/speed.md", "| seconds (processor seconds) | as OpenMP has it | Fovea | `OMP_WAIT_POLICY=passive` |"):
        "times of a machine on which some 25 other processes wanted to run",
    ("doc/speed.md", "| CPU, two cores | Fovea | PyTorch | ratio |"):
        "needs a checkpoint of 6.67 GB of random weights, PyTorch 2.11 and transformers: bench/compare_pytorch.py",
    ("doc/speed.md", "| GPU | Fovea | PyTorch | ratio |"): "one H100: bench/gpu_run.sh",
    **{("doc/speed.md", f"| {what}, {clock} time: threads, level, pages | Fovea | {own} | {_ENGINES}"):
           "needs PyTorch 2, ONNX Runtime and OpenVINO, and an idle machine: bench/engines/compare.py"
       for what, own in (("encode", "packed | Fovea, fp32"), ("read", "without drafts")) for clock in ("wall", "processor")},
    ("doc/server.md", "| call | callers | in this process | a second | through the server | a second | "
                      "ratio of medians |"): TIMES,
    ("doc/server.md", "| call | callers | of a file | a second | on PostgreSQL | a second | ratio of medians |"): TIMES,
    ("doc/store.md", "| what (medians) | bare | the store | ratio |"): TIMES,
    ("doc/store.md", "| FAISS index | a search, ms | recall@10 | bytes a vector |"): TIMES,
    ("doc/speed.md", "| | characters/s | per processor second | cores busy |"): TIMES,
    ("doc/training.md", "| | image: prose | code | Chinese | random | pooled: prose | code | Chinese | random |"): GPU,
    ("doc/training.md", "| step | kB | Chinese | agents' text | code | random strings |"): GPU,
    ("doc/training.md", "| level, step | kB | prose | agents' text | code | Chinese | random strings |"): GPU,
    ("models/fovea-nano/card.md", "| share | text | source and licence |"): "what the training drew, as its runs were set",
}

# Its numbers are sentences of subjects.
IN_SENTENCES = {("README.md", "| your model | what goes into its prompt | measured |")}

# Not measured: what is defined, allowed, computed or quoted.
DEFINED = {
    ("doc/agents.md", "| tool | |"),
    ("doc/agents.md", "| module | what | keeps exactly | in pages |"),
    ("doc/context.md", "| key | |"),
    ("doc/documents.md", "| `legible_at` | text tokens at most | type, px an em at 1280 | at that level |"),
    ("doc/encoders.md", "| design | what its towers see | vision tokens | source |"),
    ("doc/experiments.md", "| figure | what it is |"),
    ("doc/experiments.md", "| baseline | what it keeps of a page |"),
    ("doc/experiments.md", "| picture | what it shows |"),
    ("doc/experiments.md", "| file | what it holds |"),
    ("doc/forgetting.md", "| figure | what it is |"),
    ("doc/formats.md", "| density | columns × rows | cell px | margin px |"),
    ("doc/formats.md", "| level | large | base | small | tiny | faint | trace |"),
    ("doc/formats.md", "| key | value |"),
    ("doc/formats.md", "| bytes | what |"),
    ("doc/formats.md", "| header key | value |"),
    ("doc/formats.md", "| tensor | shape | |"),
    ("doc/memctl.md", "| exit code | meaning |"),
    ("doc/memctl.md", "| field | belongs to | notes |"),
    ("doc/memctl.md", "| `--format` | what it reads |"),
    ("doc/policies.md", "| key | meaning |"),
    ("doc/rooms.md", "| room | what it holds | may include |"),
    ("doc/search.md", "| times | for |"),
    ("doc/store.md", "| table | a row is |"),
    ("doc/training.md", "| part | |"),
}

# Pictures that no subject draws, and why.
NOT_DRAWN = {
    "doc/growth.png": "times of one machine: python bench/growth/growth.py",
    "doc/curves.png": "drawn from the log of the eighth training run: python -m fovea.training curves RUN",
}
