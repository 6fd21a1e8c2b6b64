#!/usr/bin/env python3
"""How much of text files is read back from vision tokens, by level: a table, or JSON.

    bench/accuracy.py held-out/prose.txt held-out/code.txt --levels base,tiny --density 106

Every page of every file is drawn, encoded, kept as 8-bit vision tokens, read back by `memctl` on the CPU and compared
with the exact text: 1 - edit distance / length, mean over the pages. Text tokens are memctl's estimate.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile


def compacted(memctl: str, model: str | None, file: str, level: str, density: int, characters: int) -> dict:
    text = pathlib.Path(file).read_bytes()[:characters] if characters else pathlib.Path(file).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        command = [memctl, "--store", f"{folder}/s.db", "--json"]
        command += ["--model", model] if model else []
        command += ["compact", "-", "--format", "text", "--level", level, "--density", str(density), "--measure", "-1"]
        done = subprocess.run(command, input=text, capture_output=True)
    if done.returncode:
        sys.exit(f"{file}: {done.stderr.decode(errors='replace').strip()}")
    return json.loads(done.stdout)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("files", nargs="+")
    p.add_argument("--memctl", default="build/memctl")
    p.add_argument("--model")
    p.add_argument("--levels", default="large,base,small,tiny")
    p.add_argument("--density", type=int, default=106)
    p.add_argument("--characters", type=int, default=0, help="of each file; 0: all")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    levels, rows = args.levels.split(","), []
    for file in args.files:
        for level in levels:
            r = compacted(args.memctl, args.model, file, level, args.density, args.characters)
            found = r["levels"][level]
            rows.append({"file": pathlib.Path(file).name, "level": level, "density": args.density, "pages": r["pages"],
                         "compression": r["compression"], "accuracy": found["fidelity"], "seconds": r["seconds"]})
            print(f"{rows[-1]['file']:28} {level:6} {r['pages']:4} pages  {r['compression']:5.1f}x  "
                  f"{100 * found['fidelity']:7.3f} %  {r['seconds']:6.1f} s", file=sys.stderr, flush=True)
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    print("| text | " + " | ".join(levels) + " |\n|---|" + "---|" * len(levels))
    for file in args.files:
        name = pathlib.Path(file).name
        cells = [f"{100 * r['accuracy']:.2f}" for r in rows if r["file"] == name]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
