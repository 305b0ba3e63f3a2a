"""The GAN of one class of a table as one would write it alone, with ordinary ``torch.nn`` modules.

The same networks, starting law, loss, penalties, sampling, averaging and batch as ``TableGAN`` has
for classes of 10 to 300 rows.
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, softplus
from torch.optim.swa_utils import get_ema_multi_avg_fn

from ganaug import TableGAN

# What "auto" stands for in classes of this size, by the manual, and what only the package knows.
BATCH_SIZE = 32
LEARNING_RATE = 1e-3
N_HIDDEN = 64
INSTANCE_NOISE = 0.5
N_NEIGHBOURS = 5

DEFAULTS = TableGAN()


class SingleGAN:
    """The GAN of one class, as one would write it alone."""

    def __init__(self, rows: Tensor):
        self._rows = rows
        self.generator = SingleGenerator(rows).to(rows.device)
        self.discriminator = perceptron(rows.shape[1], 1, output_gain=0.3).to(rows.device)

    def train(self, n_steps: int) -> Tensor:
        """Losses (n_steps, 2) of generator and discriminator."""
        self._average = copy.deepcopy(self.generator).requires_grad_(False)
        self._move_generator = SingleAdam(self.generator, n_steps, LEARNING_RATE)
        self._move_discriminator = SingleAdam(self.discriminator, n_steps, LEARNING_RATE)
        return torch.stack([self._step(index) for index in range(n_steps)]).cpu()

    def _step(self, index: int) -> Tensor:
        number = torch.randint(len(self._rows), (BATCH_SIZE,), device=self._rows.device)
        real = self._rows[number]
        discriminator_loss = self._update_discriminator(real, index)
        generator_loss = self._update_generator(real, index)
        update_average(self._average, self.generator, index)
        return torch.stack([generator_loss, discriminator_loss])

    def _update_discriminator(self, real: Tensor, index: int) -> Tensor:
        with torch.no_grad():
            samples = blur(torch.cat([real, self._generate(len(real))]))
        samples.requires_grad_()
        # a view, as torch cannot count operations with a leaf
        logits = self.discriminator(samples.view_as(samples))
        real_logits, fake_logits = logits.chunk(2)
        loss = softplus(fake_logits - real_logits).mean()
        (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)
        penalties = gradient.square().sum() / len(real)
        self._move_discriminator(loss + DEFAULTS.gamma / 2 * penalties, index)
        return loss.detach()

    def _update_generator(self, real: Tensor, index: int) -> Tensor:
        with torch.no_grad():
            real_logits = self.discriminator(blur(real))
        fake_logits = self.discriminator(blur(self._generate(len(real))))
        loss = softplus(real_logits - fake_logits).mean()
        self._move_generator(loss, index)
        return loss.detach()

    def _generate(self, n_rows: int) -> Tensor:
        return self.generator(torch.randn(n_rows, DEFAULTS.n_latent, device=self._rows.device))


def update_average(average: nn.Module, network: nn.Module, index: int) -> None:
    """Move the averaged network towards the network, in step number ``index``."""
    decay = min(0.995, (1 + index) / (10 + index))
    parameters = (list(module.parameters()) for module in (average, network))
    get_ema_multi_avg_fn(decay)(*parameters, index)


class SingleAdam:
    """Adam without momentum, its learning rate falling linearly to a tenth."""

    def __init__(self, network: nn.Module, n_steps: int, learning_rate: float):
        self.parameters = list(network.parameters())
        self.adam = torch.optim.Adam(self.parameters, betas=(0.0, 0.99), fused=True)
        self.n_steps = n_steps
        self.learning_rate = learning_rate

    def __call__(self, loss: Tensor, index: int) -> None:
        """Take step number ``index`` down the loss."""
        rate = self.learning_rate * (1 - 0.9 * index / self.n_steps)
        self.adam.param_groups[0]["lr"] = rate
        self.adam.zero_grad()
        loss.backward(inputs=self.parameters)
        self.adam.step()


class SingleGenerator(nn.Module):
    """Points between a class's neighbouring rows, and a learnt correction."""

    def __init__(self, rows: Tensor):
        super().__init__()
        distances = torch.cdist(rows, rows).fill_diagonal_(torch.inf)
        self.register_buffer("rows", rows)
        self.register_buffer("neighbours", distances.topk(N_NEIGHBOURS, largest=False).indices)
        self.residual = perceptron(
            DEFAULTS.n_latent + rows.shape[1], rows.shape[1], output_gain=0.0
        )

    def forward(self, noise: Tensor) -> Tensor:
        """Generate one row from each latent point."""
        choice = torch.special.ndtr(noise[:, :3])
        row = (choice[:, 0] * len(self.rows)).long().clamp_max(len(self.rows) - 1)
        neighbour = self.neighbours[
            row, (choice[:, 1] * N_NEIGHBOURS).long().clamp_max(N_NEIGHBOURS - 1)
        ]
        anchors = torch.lerp(self.rows[row], self.rows[neighbour], choice[:, 2:])
        return anchors + self.residual(torch.cat([anchors, noise], dim=1)).tanh()


class SingleBlock(nn.Module):
    """Residual block of one network."""

    def __init__(self, n_hidden: int):
        super().__init__()
        self.first = linear(n_hidden, n_hidden)
        self.second = linear(n_hidden, n_hidden, gain=0.0)

    def forward(self, hidden: Tensor) -> Tensor:
        """Add the block's correction."""
        branch = self.first(leaky_relu(hidden, 0.2))
        return hidden + self.second(leaky_relu(branch, 0.2))


def perceptron(n_in: int, n_out: int, output_gain: float) -> nn.Sequential:
    """Two residual blocks between two linear layers."""
    n_hidden = N_HIDDEN
    return nn.Sequential(
        linear(n_in, n_hidden),
        SingleBlock(n_hidden),
        SingleBlock(n_hidden),
        nn.LeakyReLU(0.2),
        linear(n_hidden, n_out, output_gain),
    )


def linear(n_in: int, n_out: int, gain: float = 1.0) -> nn.Linear:
    """Linear layer that starts by the engine's law."""
    layer = nn.Linear(n_in, n_out)
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.weight.mul_(gain)
    return layer


def blur(samples: Tensor) -> Tensor:
    """Samples with noise, as the discriminator sees them."""
    return samples + INSTANCE_NOISE * torch.randn_like(samples)
