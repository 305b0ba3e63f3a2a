"""Mixed precision: networks compute in bfloat16, all else and what is drawn in float32."""

import numpy as np
import pytest
import torch

from ganaug import ClassTranslator, ImageGAN, PairedTranslator, SequenceGAN, SuperResolver
from ganaug.training.ensemble import MemberConv2d

QUICK = {"n_steps": 12, "batch_size": 4, "random_state": 0}


def pictures():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 12)
    return rng.random((24, 8, 8)) / 2 + y[:, None, None] / 2, y


def of_images(**options):
    X, y = pictures()
    # of 20 pixels, which are folded
    X = np.pad(X, ((0, 0), (6, 6), (6, 6)))
    return ImageGAN(**QUICK, **options).fit(X, y).sample({0: 3, 1: 3}, random_state=0)[0]


def of_sequences(**options):
    X, y = pictures()
    gan = SequenceGAN(**QUICK, **options).fit(X.reshape(24, 64), y)
    return gan.sample({0: 3, 1: 3}, random_state=0)[0]


def of_translations(**options):
    X, y = pictures()
    return ClassTranslator(**QUICK, guard=0, **options).fit(X, y).translate(X[:3], to=1)


def of_pairs(**options):
    X, _ = pictures()
    return PairedTranslator(**QUICK, **options).fit(X > 0.5, X).translate(X[:3] > 0.5)


def of_enlarged(**options):
    X, _ = pictures()
    return SuperResolver(**QUICK, **options).fit(X).transform(X[:3, ::2, ::2])


@pytest.fixture
def dtypes(monkeypatch):
    """Types in which convolutions were computed since they were last asked for."""
    seen = set()
    plain = MemberConv2d.forward

    def forward(self, maps):
        result = plain(self, maps)
        seen.add(result.dtype)
        return result

    monkeypatch.setattr(MemberConv2d, "forward", forward)
    return seen


@pytest.mark.medium
@pytest.mark.parametrize("draw", [of_images, of_sequences, of_translations, of_pairs, of_enlarged])
def test_networks_are_trained_in_the_precision_asked_for_and_drawn_from_in_float32(draw, dtypes):
    full = draw()
    assert dtypes == {torch.float32}
    mixed = draw(precision="bfloat16")
    assert dtypes == {torch.float32, torch.bfloat16}
    assert mixed.dtype == full.dtype
    assert not np.array_equal(mixed, full)
    # a dozen steps away from the same start, roundings have not led far apart
    assert np.abs(mixed - full).mean() < 0.1 * np.ptp(full)
    assert np.array_equal(mixed, draw(precision="bfloat16"))


@pytest.mark.parametrize("draw", [of_images, of_sequences, of_enlarged])
def test_other_precisions_are_refused(draw):
    with pytest.raises(ValueError, match="precision"):
        draw(precision="float16")


def test_weights_and_losses_stay_in_full_precision():
    X, y = pictures()
    gan = ImageGAN(**QUICK, precision="bfloat16").fit(X, y)
    networks = [gan.generators_[0], gan.discriminators_[0]]
    assert {p.dtype for network in networks for p in network.parameters()} == {torch.float32}
    losses = np.asarray(gan.history_[0]["generator_loss"], dtype=np.float32)
    # bfloat16 has eight binary digits, which leave the other 16 of a float32 empty
    assert (losses.view(np.uint32) & 0xFFFF != 0).any()


def test_a_checkpoint_of_another_precision_is_refused(tmp_path):
    X, y = pictures()
    ImageGAN(**QUICK).fit(X, y, checkpoint=tmp_path / "state")
    with pytest.raises(ValueError, match="precision"):
        ImageGAN(**QUICK, precision="bfloat16").fit(X, y, checkpoint=tmp_path / "state")
