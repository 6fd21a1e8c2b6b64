"""The glyph reader's head: few candidates first give what all at once would."""

import pytest

torch = pytest.importorskip("torch")

from fovea.training.network.glyph_head import BLANK_WEIGHT, GlyphHead


@pytest.fixture
def grouped():
    torch.manual_seed(3)
    return GlyphHead(features=6, hidden=16, classes=40, groups=(10, 12, 30))


def test_groups_give_one_distribution_over_all_classes(grouped):
    logits = grouped(torch.randn(50, 6))
    probabilities = torch.softmax(logits, -1)
    assert logits.shape == (50, 40)
    # Those of a group sum to what its gate says, the first ones are as they were weighed.
    scores = torch.nn.Sequential.forward(grouped, torch.randn(0, 6))
    assert scores.shape == (0, 43)
    features = torch.randn(5, 6)
    seen = torch.nn.Sequential.forward(grouped, features)
    first = torch.softmax(torch.cat([seen[:, :10], seen[:, 40:]], -1), -1)
    probabilities = torch.softmax(grouped(features), -1)
    assert torch.allclose(probabilities[:, :10], first[:, :10], atol=1e-6)
    assert torch.allclose(probabilities[:, 12:30].sum(-1), first[:, 11], atol=1e-6)


def test_the_loss_is_that_of_the_whole_distribution_where_every_cell_is_looked_at(grouped):
    features = torch.randn(64, 6)
    classes = torch.zeros(64, dtype=torch.long)
    classes[:5] = torch.tensor([3, 11, 12, 29, 39])  # fewer of each group than an eighth of the cells
    loss, right = grouped.loss(features, classes)
    logits = grouped(features)
    weight = torch.where(classes == 0, BLANK_WEIGHT, 1.0)
    whole = torch.nn.functional.cross_entropy(logits, classes, reduction="none")
    assert torch.allclose(loss, (whole * weight).sum() / weight.sum(), atol=1e-5)
    assert 0 <= right <= 1


def test_a_group_that_most_cells_show_is_learned_at_some_of_them(grouped):
    features, classes = torch.randn(64, 6), torch.full((64,), 20)
    loss, _ = grouped.loss(features, classes)
    loss.backward()
    weight = grouped[2].weight.grad
    assert weight[12:30].abs().sum() > 0 and weight[41].abs().sum() > 0  # of the group, of its gate
    assert weight[30:40].abs().sum() == 0  # nothing shows the last group


def test_it_learns_classes_of_every_group(grouped):
    torch.manual_seed(1)
    centres = torch.randn(40, 6) * 3
    optimiser = torch.optim.Adam(grouped.parameters(), 0.02)
    for _ in range(150):
        classes = torch.randint(0, 40, (256,))
        loss, right = grouped.loss(centres[classes], classes)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert right > 0.9
    assert (grouped.best(centres) == torch.arange(40)).float().mean() > 0.9


def test_without_groups_nothing_changes():
    torch.manual_seed(0)
    head = GlyphHead(6, 16, 12)
    plain = torch.nn.Sequential(*head)
    features, classes = torch.randn(9, 6), torch.arange(9)
    assert torch.equal(head(features), plain(features))
    assert list(head.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    loss, _ = head.loss(features, classes)
    assert loss > 0
