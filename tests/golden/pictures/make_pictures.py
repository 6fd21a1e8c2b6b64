#!/usr/bin/env python3
"""Writes the pictures beside this file, and expected.json: what Pillow reads from them.

Needs Pillow 12 or older and pypdf with cryptography. The EXIF blocks say orientation 1; the tests
write other values into the files' bytes.
"""

from __future__ import annotations

import hashlib
import json
import pathlib

from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter

HERE = pathlib.Path(__file__).parent


def drawing() -> Image.Image:
    """48 x 32, no two corners alike."""
    image = Image.new("RGB", (48, 32), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 15, 15), fill=(200, 30, 30))
    draw.rectangle((32, 0, 47, 7), fill=(30, 160, 60))
    draw.rectangle((0, 24, 7, 31), fill=(20, 60, 210))
    return image


def exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 1
    return exif


def pdf(pages: list[tuple[int, int, str]]) -> bytes:
    """Pages of (width, height in points, words), written by hand: no producer, no dates."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               b"<< /Type /Pages /Kids [%s] /Count %d >>"
               % (b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(pages))), len(pages)),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for i, (width, height, words) in enumerate(pages):
        content = (f"0.8 0.1 0.1 rg 0 {height - 20} 40 20 re f "
                   f"0 g BT /F1 24 Tf 10 10 Td ({words}) Tj ET").encode()
        objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
                    b"/Resources << /Font << /F1 3 0 R >> >> >>" % (width, height, 5 + 2 * i),
                    b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def main() -> None:
    image = drawing()
    image.save(HERE / "plain.png", exif=exif())
    image.save(HERE / "plain.jpg", quality=85, exif=exif())
    image.save(HERE / "plain.webp", lossless=True, exif=exif())
    image.save(HERE / "lossy.webp", quality=80)
    image.save(HERE / "progressive.jpg", quality=85, progressive=True)
    image.convert("L").save(HERE / "gray.jpg", quality=85)
    image.convert("CMYK").save(HERE / "inks.jpg", quality=85)
    image.convert("P").save(HERE / "palette.png")
    alpha = image.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(image.size))
    alpha.save(HERE / "alpha.webp", lossless=True, exact=True)
    image.save(HERE / "animated.webp", save_all=True, append_images=[image.rotate(180)], lossless=True)

    (HERE / "pages.pdf").write_bytes(pdf([(200, 100, "page one"), (100, 150, "two"), (120, 80, "three")]))
    (HERE / "huge.pdf").write_bytes(pdf([(14000, 14000, "huge")]))
    locked = PdfWriter(clone_from=PdfReader(HERE / "pages.pdf"))
    locked.encrypt("secret", algorithm="AES-256")
    locked.write(HERE / "locked.pdf")

    expected = {}
    for path in sorted(HERE.iterdir()):
        if path.suffix in (".png", ".jpg", ".webp") and path.stem != "animated":
            with Image.open(path) as read:
                pixels = read.convert("RGB").tobytes()
                expected[path.name] = {"size": read.size, "rgb_sha256": hashlib.sha256(pixels).hexdigest()}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
