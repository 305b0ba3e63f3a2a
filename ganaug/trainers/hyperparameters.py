"""Hyper-parameters of a game, and safer ones for a second try."""

from dataclasses import dataclass, replace

# Types in which networks compute while they are trained.
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Hyperparameters:
    """Hyper-parameters that users give to models, all "auto" resolved.

    Attributes
    ----------
    n_steps : int
        Updates of each network.
    n_latent : int
        Width of the noise.
    batch_size : int
        Real samples of each class and update.
    learning_rate : float
        Learning rate of Adam for both networks.
    gamma : float
        Weight of the gradient penalties.
    precision : {"float32", "bfloat16"}
        Type in which the networks compute.
    """

    n_steps: int
    n_latent: int
    batch_size: int
    learning_rate: float
    gamma: float
    precision: str = "float32"

    def with_safer_settings(
        self, default_learning_rate: float, default_gamma: float
    ) -> "Hyperparameters":
        """Half the learning rate and four times the penalties, of the defaults at worst.

        Parameters
        ----------
        default_learning_rate, default_gamma : float
            Values that are known to work.

        Examples
        --------
        >>> wild = Hyperparameters(100, 64, 32, learning_rate=10.0, gamma=0.0)
        >>> safer = wild.with_safer_settings(0.002, 0.5)
        >>> safer.learning_rate, safer.gamma
        (0.001, 2.0)
        """
        return replace(
            self,
            learning_rate=min(self.learning_rate, default_learning_rate) / 2,
            gamma=4 * max(self.gamma, default_gamma),
        )
