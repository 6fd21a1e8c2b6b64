"""The built package where there is one, and a toy codec that trains in seconds: fovea-nano's code, small sizes."""

import json
import lzma
import os
import pathlib
import sys

import pytest

BUILD = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", pathlib.Path(__file__).resolve().parents[2] / "build"))
PACKAGE = BUILD / "python"
# Of several at once each has its share of the CPUs: threads of more wait for each other.
workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if workers > 1:
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
if list(PACKAGE.glob("fovea/_core*.so")):
    sys.path.insert(0, str(PACKAGE))
    os.environ["PYTHONPATH"] = str(PACKAGE)  # for the programs that tests start

torch = pytest.importorskip("torch")

from chromium import browser  # noqa: E402, F401
from memctl_program import checkpoint, copied, filled, lesser_checkpoint, memctl, moved, one_page, own  # noqa: E402, F401
from postgres_server import postgres_server  # noqa: E402, F401

from fovea.training.network.alphabet import Alphabet  # noqa: E402
from fovea.training.network.model import CodecModel, initialise  # noqa: E402
from fovea.training.network.model_config import ModelConfig  # noqa: E402
from fovea.training.text.corpus import Corpus  # noqa: E402

# They come first, so that at the end no CPU waits for one that has many dear tests left.
DEAREST = ["test_package", "test_fleet", "test_server_process", "test_lifetime", "test_experiment", "test_memctl_damage",
           "test_training_run", "test_training_code", "test_report", "test_view", "test_mcp", "test_context", "test_memctl",
           "test_fleet_postgres", "test_server_openapi", "test_training_model", "test_training_golden"]

TOY = dict(
    sam_width=32, sam_layers=3, sam_heads=2, sam_global=(2,), neck=16, downsample=(24, 32), clip_layers=1,
    clip_heads=2, width=32, layers=2, heads=2, dense_ffn=64, experts=4, expert_ffn=16, slots=8, slot_features=16,
    head_hidden=32, vocab=900,
)


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory):
    """Keeps the shipped checkpoint in memory, so that not every test which opens a Memory loads it."""
    import fovea

    with fovea.Memory(tmp_path_factory.mktemp("loaded") / "memory.db") as memory:
        memory.add("hello")
        yield


@pytest.fixture(scope="session")
def atlas_folder(tmp_path_factory):
    """An atlas of random bitmaps in the format of a checkpoint folder."""
    import numpy as np
    from PIL import Image

    folder = tmp_path_factory.mktemp("atlas")
    narrow = "\n\t" + "".join(map(chr, range(33, 127))) + "é→"
    wide = "✅⭐"
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (80, 1280), dtype=np.uint8)).save(folder / "atlas.png")
    atlas = {"font": "noise", "cell": [20, 40], "narrow": narrow, "wide": wide}
    (folder / "atlas.json").write_text(json.dumps(atlas))
    # 100 slots: 98 narrow, 2 wide of two slots each, which the second row holds.
    return folder


@pytest.fixture(scope="module")
def corpus_folder(tmp_path_factory):
    """What `gather` would have written."""
    folder = tmp_path_factory.mktemp("corpus")
    for kind, text in Corpus.builtin().texts.items():
        for prefix in ("", "val_"):
            if kind != "chinese":
                with lzma.open(folder / f"{prefix}{kind}.txt.xz", "wt", preset=0) as file:
                    file.write("".join(text.pieces)[:60_000])
    return folder


@pytest.fixture(scope="session")
def alphabet(atlas_folder):
    return Alphabet.load(atlas_folder)


@pytest.fixture(scope="session")
def tokenizer():
    from fovea.training.text import tokenizer as bpe
    from fovea.training.text.corpus import Corpus
    import numpy as np

    corpus, rng = Corpus.builtin(), np.random.default_rng(0)
    return bpe.train([corpus.sample(rng, d, 3000) for d in ("prose", "code", "agent")], 500)


@pytest.fixture(scope="session")
def model(alphabet):
    torch.manual_seed(0)
    m = CodecModel(ModelConfig(characters=alphabet.classes, **TOY))
    initialise(m)
    with torch.no_grad():  # enough signal for comparing two ways of reading
        for p in m.parameters():
            p.add_(0.05 * torch.randn_like(p))
    return m.eval()
