"""Differentiable augmentation: what each kind does, by images whose answer is known."""

import pytest
import torch

from ganaug.training import diffaug
from ganaug.training.diffaug import KINDS, Augmentation, move
from ganaug.training.streams import MemberStreams


@pytest.fixture
def streams(device):
    """Streams of two members."""
    return MemberStreams([1, 2], device)


def uniform(*shape):
    """Numbers that one member draws."""
    return MemberStreams([0], torch.device("cpu")).uniform(*shape)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(2, 20, 1, 8, 8), (2, 20, 3, 12, 20)])
def test_every_kind_keeps_the_shape_and_passes_exact_gradients(kind, shape, normal, device):
    images, step, weights = (normal(*shape, seed=seed).to(device) for seed in range(3))

    def weighed(images):
        """Sum of changed images, by image; all are changed in the same way each time."""
        changed = Augmentation((kind,))(images, MemberStreams([1, 2], device))
        assert changed.shape == images.shape
        return (weights * changed).flatten(2).sum(dim=2)

    # changes are linear in the pixels, so a gradient holds for steps of any length
    images.requires_grad_()
    (gradient,) = torch.autograd.grad(weighed(images).sum(), images)
    promised = (gradient * step).flatten(2).sum(dim=2)
    assert torch.allclose(weighed(images + step) - weighed(images), promised, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_changed_by_their_own_numbers(kind, normal, device):
    images = normal(1, 6, 1, 8, 8).expand(2, -1, -1, -1, -1).contiguous().to(device)
    together = Augmentation((kind,))(images, MemberStreams([1, 2], device))
    alone = Augmentation((kind,))(images[1:], MemberStreams([2], device))
    assert torch.allclose(together[1], alone[0], atol=1e-6)
    assert not torch.equal(together[0], together[1])


def test_no_kinds_change_nothing(normal, streams, device):
    images = normal(2, 3, 1, 8, 8).to(device)
    assert torch.equal(Augmentation(())(images, streams), images)


def test_no_move_is_the_identity(normal):
    images = normal(2, 3, 3, 8, 12)
    assert torch.allclose(move(images, torch.zeros(2, 3, 4)), images, atol=1e-5)


def test_a_shift_moves_by_its_share_of_the_side(normal):
    images = normal(1, 1, 1, 20, 40)
    moves = torch.tensor([[[0.0, 0.0, 1.0, 0.0]]])
    pixels = round(40 * diffaug.TRANSLATION)
    moved = move(images, moves)
    assert torch.allclose(moved[..., :-pixels], images[..., pixels:], atol=1e-4)


def test_a_turn_keeps_shapes_that_are_round():
    height, width = 24, 40
    rows = torch.arange(height)[:, None] - (height - 1) / 2
    columns = torch.arange(width) - (width - 1) / 2
    blob = torch.exp(-(rows**2 + columns**2) / 30)[None, None, None]
    turned = move(blob, torch.tensor([[[1.0, 0.0, 0.0, 0.0]]]))
    assert torch.allclose(turned, blob, atol=0.01)


def test_what_comes_in_from_outside_is_the_border():
    images = torch.full((1, 4, 1, 8, 8), 0.7)
    moves = torch.tensor([[[1.0, 1.0, 1.0, 1.0]] * 4])
    assert torch.allclose(move(images, moves), images, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_changes_its_share_of_the_images_and_leaves_the_others_as_they_are(
    kind, normal, device
):
    images = normal(1, 400, 3, 8, 8).to(device)
    changed = Augmentation((kind,))(images, MemberStreams([0], device))
    as_before = (changed == images).all(dim=(2, 3, 4))
    assert as_before.float().mean().item() == pytest.approx(1 - diffaug.PROBABILITY, abs=0.08)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_guides", [0, 1])
def test_images_are_changed_as_all_of_them_would_be(kind, n_guides, normal, device):
    images = normal(2, 9, 3, 8, 12).to(device)
    changed = Augmentation((kind,), n_guides)(images, MemberStreams([1, 2], device))
    streams = MemberStreams([1, 2], device)
    numbers = streams.uniform(9, diffaug.N_NUMBERS[kind])
    is_changed = streams.uniform(9) < diffaug.PROBABILITY
    n_kept = 0 if kind in diffaug.GEOMETRIC else n_guides
    expected = images.clone()
    expected[:, :, n_kept:] = diffaug.KINDS[kind](images[:, :, n_kept:], numbers)
    expected = torch.where(is_changed[..., None, None, None], expected, images)
    assert torch.allclose(changed, expected, atol=1e-6)


def test_mirrored_images_are_mirrored_left_to_right(device):
    images = torch.arange(8.0).expand(1, 4, 1, 8, 8).contiguous().to(device)
    assert (diffaug.flip(images, torch.zeros(1, 4, 0))[..., 0] == 7).all()


def test_cutout_hides_a_square_of_half_the_side_or_what_is_inside_of_it():
    images = torch.ones(1, 200, 2, 16, 32)
    hidden = diffaug.cutout(images, uniform(200, 2)) == 0
    assert torch.equal(hidden[:, :, 0], hidden[:, :, 1])
    sizes = hidden[0, :, 0].flatten(1).sum(1)
    assert sizes.max() == 8 * 16
    assert sizes.min() >= 4 * 8 - 12


def test_grey_images_have_no_colours_to_change(normal):
    grey = normal(1, 5, 1, 8, 8)
    colours = grey.expand(-1, -1, 3, -1, -1).contiguous()
    changed = diffaug.color(colours, uniform(5, 3))
    as_grey = diffaug.color(grey, uniform(5, 3))
    assert torch.allclose(changed[:, :, 0], changed[:, :, 2], atol=1e-6)
    assert torch.allclose(changed[:, :, :1], as_grey, atol=1e-5)


def test_guides_move_with_their_images_and_keep_their_values(normal, device):
    images = normal(1, 400, 3, 8, 8).to(device)
    coloured = Augmentation(("color",), n_guides=2)(images, MemberStreams([0], device))
    assert torch.equal(coloured[:, :, :2], images[:, :, :2])
    assert not torch.equal(coloured[:, :, 2], images[:, :, 2])
    alike = images[:, :, :1].expand(-1, -1, 3, -1, -1).contiguous()
    moved = Augmentation(("affine", "flip"), n_guides=2)(alike, MemberStreams([0], device))
    assert torch.equal(moved[:, :, 0], moved[:, :, 2])
    assert not torch.equal(moved, alike)
