"""Training draws the pages that the renderer draws, pixel for pixel."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
Image = pytest.importorskip("PIL.Image")

from fovea.training.network.alphabet import Alphabet, PageDrawer  # noqa: E402
from fovea.training.network.geometry import GRIDS, SIDES  # noqa: E402
from fovea.training.network.layout import kept, lay_out  # noqa: E402

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(
    "columns, level", [(64, "small"), (80, "trace"), (106, "tiny"), (128, "base"), (160, "faint")]
)
def test_training_draws_the_renderers_pixels(columns, level):
    alphabet = Alphabet.load(GOLDEN / "atlas")
    text = (GOLDEN / "pages" / "page.txt").read_text()
    glyphs, rows = lay_out(*kept(text, alphabet), alphabet, columns, GRIDS[columns].rows)
    assert "".join(rows) == text
    drawn = PageDrawer(alphabet, "cpu").draw(torch.from_numpy(glyphs.astype(np.int64))[None], columns, SIDES[level])
    pixels = ((drawn[0, 0] + 1) * 127.5).round().to(torch.uint8).numpy()
    expected = np.asarray(Image.open(GOLDEN / "pages" / f"{columns}_{level}.png"))
    assert (pixels == expected).all()
