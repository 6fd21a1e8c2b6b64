#!/usr/bin/env python3
"""Makes levels.png, the picture in README.md: a page of the sample history, and a piece of it as
each level shows it. Needs a built memctl and Pillow:

    .venv/bin/python doc/make_levels_picture.py --memctl build/memctl
"""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import tempfile

from PIL import Image, ImageDraw, ImageFont

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LEVELS = {"large": (1280, 400), "base": (1024, 256), "small": (640, 100), "tiny": (512, 64)}
PIECE = (40, 316, 400, 496)  # left, top, right, bottom of the enlarged piece, px at 1280
PAGE, WIDTH, HEIGHT, GAP = 672, 560, 280, 28


def pictures(memctl: str, store: str | None, page: int) -> dict[str, Image.Image]:
    with tempfile.TemporaryDirectory() as folder:
        command = [memctl, "--store", store or f"{folder}/sample.db"]
        if not store:
            subprocess.run([*command, "compact", str(REPOSITORY / "examples/sample_day.jsonl"), "--level", "tiny",
                            "--measure", "0"], check=True, stdout=subprocess.DEVNULL)
        shown = {}
        for level in LEVELS:
            path = f"{folder}/{level}.png"
            subprocess.run([*command, "show", str(page), "--level", level, "-o", path], check=True,
                           stdout=subprocess.DEVNULL)
            shown[level] = Image.open(path).convert("L")
            shown[level].load()
        return shown


def piece(picture: Image.Image) -> Image.Image:
    scale = picture.width / 1280
    cut = picture.crop(tuple(round(edge * scale) for edge in PIECE))
    return cut.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--memctl", default=str(REPOSITORY / "build/memctl"))
    parser.add_argument("--store", help="a store that holds the sample already")
    parser.add_argument("--page", type=int, default=12)
    parser.add_argument("-o", "--output", default=str(REPOSITORY / "doc/levels.png"))
    options = parser.parse_args()
    shown = pictures(options.memctl, options.store, options.page)

    font = ImageFont.truetype(FONT, 22)
    size = (GAP * 4 + PAGE + 2 * WIDTH, 2 * (HEIGHT + 36) + 3 * GAP)
    canvas = Image.new("L", size, 255)
    draw = ImageDraw.Draw(canvas)
    top = (size[1] - PAGE - 36) // 2
    draw.text((GAP, top), "a page: 106 x 53 cells, about 1,250 text tokens", 0, font)
    canvas.paste(shown["large"].resize((PAGE, PAGE), Image.Resampling.BOX), (GAP, top + 36))
    frame = [round(edge * PAGE / 1280) for edge in PIECE]
    draw.rectangle((GAP + frame[0], top + 36 + frame[1], GAP + frame[2], top + 36 + frame[3]), outline=0, width=2)
    draw.rectangle((GAP, top + 36, GAP + PAGE, top + 36 + PAGE), outline=128)
    for n, (level, (side, tokens)) in enumerate(LEVELS.items()):
        left = 2 * GAP + PAGE + n % 2 * (WIDTH + GAP)
        upper = GAP + n // 2 * (HEIGHT + 36 + GAP)
        draw.text((left, upper), f"{level}: {side} px, {tokens} vision tokens", 0, font)
        canvas.paste(piece(shown[level]), (left, upper + 36))
        draw.rectangle((left, upper + 36, left + WIDTH, upper + 36 + HEIGHT), outline=128)
    canvas.quantize(16).save(options.output, optimize=True)


if __name__ == "__main__":
    main()
