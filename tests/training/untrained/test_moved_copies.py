"""Copies of real images, moved as their latent points say."""

import torch

from ganaug.training.diffaug import N_MOVES, move
from ganaug.training.untrained.moved_copies import MovedCopies


def test_moved_copies_are_the_images_and_equal_noise_gives_equal_copies(normal):
    images = normal(3, 1, 8, 8)
    plain = MovedCopies(images, moved=False)(normal(1, 50, 6))[0]
    nearest = (plain[:, None] - images).flatten(2).abs().amax(dim=2)
    assert (nearest.min(dim=1).values == 0).all()
    assert len(nearest.argmin(dim=1).unique()) == 3
    moving = MovedCopies(images, moved=True)
    noise = normal(1, 5, 6)
    assert torch.equal(moving(noise), moving(noise))
    still = torch.tensor([[[0.0, 0, 0, 0, 0, 0]]])
    assert torch.allclose(moving(still)[0, 0], images[1], atol=1e-5)


def test_each_latent_coordinate_moves_a_copy_in_its_way(normal):
    images = normal(2, 3, 8, 12)
    copies = MovedCopies(images, moved=True)
    for coordinate in range(N_MOVES):
        noise = torch.zeros(1, 1, 9)
        noise[..., 0] = -9.0
        noise[..., 1 + coordinate] = 9.0
        moves = torch.eye(N_MOVES)[coordinate].expand(1, 1, -1)
        wanted = move(images[:1][None], moves)
        assert torch.allclose(copies(noise), wanted, atol=1e-5)
        assert not torch.allclose(copies(noise)[0], images[:1], atol=1e-2)
