"""Latent noise as numbers of other distributions."""

import torch

from ganaug.training.latent import uniform_from_normal


def test_normal_numbers_become_uniform(normal):
    uniform = uniform_from_normal(normal(10_000)).sort().values
    assert (uniform - (torch.arange(10_000) + 0.5) / 10_000).abs().max() < 0.02
