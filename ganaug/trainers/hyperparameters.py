"""Hyper-parameters of a game, and safer ones for a second try."""

from dataclasses import dataclass, replace

import torch


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of the game that all classes share; see the models."""

    n_steps: int
    n_latent: int
    batch_size: int
    learning_rate: float
    gamma: float
    device: torch.device

    def safer(self, learning_rate: float, gamma: float) -> "Settings":
        """Half the learning rate and four times the penalties, starting from default ones at worst.

        Parameters
        ----------
        learning_rate, gamma : float
            The defaults, of which it is known that they work.

        Examples
        --------
        >>> wild = Settings(100, 64, 32, learning_rate=10.0, gamma=0.0, device=torch.device("cpu"))
        >>> safer = wild.safer(learning_rate=0.002, gamma=0.5)
        >>> safer.learning_rate, safer.gamma
        (0.001, 2.0)
        """
        return replace(
            self,
            learning_rate=min(self.learning_rate, learning_rate) / 2,
            gamma=4 * max(self.gamma, gamma),
        )
