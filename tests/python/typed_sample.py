"""Typed code that uses the package; `mypy --strict` must find nothing to say."""

from __future__ import annotations

import datetime
import pathlib

import numpy as np
from numpy.typing import NDArray

import fovea


def remember(path: pathlib.Path) -> str:
    with fovea.Memory(path, scope=fovea.Scope("ann", "coder"), level=fovea.Level.tiny) as memory:
        result = memory.add("Where is the log?", time=datetime.datetime.now())
        memory.add_many([{"role": "user", "content": "there"}], progress=lambda done, total: done < 3)
        found: fovea.SearchResult = memory.search("log", k=3, where=["role = user"])
        hits: list[fovea.Hit] = found.hits or list(found)
        rank: int = found[0].words.rank if found[0].words is not None else 0
        one: fovea.Recalled = memory.recall(hits[0].id, "tokens")
        several: list[fovea.Recalled] = memory.recall([1, 2], fovea.Source.tokens)
        context = memory.context(4000, query="log", format="openai-chat")
        first: str = context.messages[0]["role"]
        read: list[fovea.Recalled] = memory.read([1, 0], source="tokens")
        past: list[tuple[str, int, fovea.Level | None]] = [(e.event, e.page, e.to) for e in memory.history()]
        saved: int = sum(step.tokens_saved for step in memory.plan(to="tiny").steps)
        return (f"{result.pages} {one.text} {len(several)} {first} {saved} {rank} {found.note} {hits} {read} {past}"
                f"{memory.picture(1, 'base').png[:4]!r}")


async def remember_meanwhile(path: pathlib.Path) -> list[fovea.Hit]:
    async with fovea.AsyncMemory(path) as memory:
        await memory.add("hello", role="assistant")
        text: str = (await memory.recall(1)).text
        migrated: fovea.MigrateResult = await memory.migrate("old-model", progress=True)
        return (await memory.search(text, k=migrated.pages)).hits


def encode(codec: fovea.Codec, page: NDArray[np.uint8]) -> NDArray[np.int8]:
    try:
        return codec.encode([page], density=fovea.Density.d106)[0].values
    except fovea.InvalidArgument as error:
        raise SystemExit(error.code) from error


def keep_apart(path: pathlib.Path, key_file: pathlib.Path, log: list[str]) -> fovea.EraseReceipt | None:
    with fovea.Memory(path, key=lambda: fovea.key_from_file(key_file), layout="cells", weights="int8") as memory:
        memory.on_event(lambda event: log.append(event.to_json()))
        memory.add("for a day", expires=datetime.datetime.now() + datetime.timedelta(days=1))
        memory.export_scope("copy.db", key=fovea.key_from_environment("COPY_KEY"))
        memory.change_key(fovea.key_from_text(fovea.new_key_text()))
        return memory.age().expired


def read_scan(model: pathlib.Path, scan: str) -> str:
    ocr, file = fovea.Ocr(model, device="cpu"), fovea.PictureFile(scan)
    plain = fovea.PlainText("document")
    page: fovea.OcrPage = ocr.read(file.page(1), mode=fovea.OcrMode.gundam, on_text=lambda text: print(plain.take(text)))
    boxes: list[tuple[int, int, int, int]] = [box for region in page.regions for box in region.boxes]
    fovea.write_boxes_png("boxes.png", file.page(1), page.regions)
    return page.markdown(image=lambda figure: f"![]({figure[0]})") if page.complete else f"{page.text} {boxes}"


def documents(text: str) -> list[fovea.Page]:
    renderer, pages, opening = fovea.DocumentRenderer(), list[fovea.Page](), ""
    while text:
        page = renderer.lay_out(text, fovea.DocumentSetting("small", opening))
        pages.append(renderer.draw(page))
        text, opening = text[len(page.text):], page.leaves_open
    return pages


def kept_text(policy: fovea.Policy) -> tuple[int, fovea.Level, list[str]]:
    return policy.anchors.bytes, policy.corrections.down_to, fovea.Policy.preset_names()
