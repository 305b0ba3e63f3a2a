"""The GAN of one class of images as one would write it alone, with ordinary ``torch.nn`` modules.

The same networks, starting law, loss, penalties, moves of images, averaging and batch as
``ImageGAN(augment=["affine"])`` has, in torch's plain layout of images.
"""

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, conv2d, grid_sample, pixel_shuffle, softplus

from benchmarks.common.table_loop import SingleAdam, update_average
from ganaug import ImageGAN

DEFAULTS = ImageGAN()

# What only the package knows: steps between two penalties, steps of warm-up, where gradients are
# clipped, how far images are moved, and the sizes of stages.
PENALTY_INTERVAL = 4
N_WARM_UP = 50
CLIP_RMS_MULTIPLE = 2.0
TRANSLATION = 0.1
ROTATION = 8.0
SCALE = 0.08
COARSEST = 7
MAX_UNFOLDED = 16


@dataclass(frozen=True)
class StageSizes:
    """Sizes of the maps inside both networks, of square grey images.

    Attributes
    ----------
    side : int
        Of the images.
    folded : bool
        True where 2 x 2 pixels are folded into channels at the finest stage.
    coarsest : int
        Side of the coarsest maps.
    widths : tuple of int
        Channels of each stage, from the finest to the coarsest.
    """

    side: int
    folded: bool
    coarsest: int
    widths: tuple[int, ...]

    @property
    def margin(self) -> tuple[int, int, int, int]:
        """Pixels added left, right, above and below."""
        padded = self.coarsest * 2 ** (len(self.widths) - 1) * (2 if self.folded else 1)
        before = (padded - self.side) // 2
        return (before, padded - self.side - before) * 2

    @property
    def n_channels(self) -> int:
        """Channels in which images enter and leave the networks."""
        return 4 if self.folded else 1


def stage_sizes(side: int) -> StageSizes:
    """Sizes for images of a side.

    Examples
    --------
    >>> stage_sizes(28)
    StageSizes(side=28, folded=True, coarsest=7, widths=(16, 32))
    """
    n_halvings = max(0, math.ceil(math.log2(side / COARSEST)))
    folded = side > MAX_UNFOLDED
    coarsest = math.ceil(side / 2**n_halvings)
    n_stages = n_halvings + (0 if folded else 1)
    sides = [coarsest * 2 ** (n_stages - 1 - depth) for depth in range(n_stages)]
    widths = tuple(stage_width(stage, depth) for depth, stage in enumerate(sides))
    return StageSizes(side, folded, coarsest, widths)


def stage_width(side: int, depth: int) -> int:
    """Channels of a stage, a multiple of 8: more where maps are coarse and have been halved."""
    ratio = 16 / 2 ** round(math.log2(side))
    return 8 * max(1, round(2 * min(ratio if ratio > 1 else ratio**0.5, 3, 2**depth)))


class SingleImageGAN:
    """The GAN of one class of images; the penalties come every ``penalty_interval`` steps."""

    def __init__(self, images: Tensor, sizes: StageSizes, penalty_interval: int):
        self._images = images
        self._penalty_interval = penalty_interval
        self.generator = SingleGenerator(sizes).to(images.device)
        self.discriminator = SingleDiscriminator(sizes).to(images.device)

    def train(self, n_steps: int) -> Tensor:
        """Losses (n_steps, 2) of generator and discriminator."""
        rate = DEFAULTS.learning_rate
        self._average = copy.deepcopy(self.generator).requires_grad_(False)
        self._move_generator = SteadyAdam(self.generator, n_steps, rate)
        self._move_discriminator = SteadyAdam(self.discriminator, n_steps, rate)
        return torch.stack([self._step(index) for index in range(n_steps)]).cpu()

    def _step(self, index: int) -> Tensor:
        device = self._images.device
        rows = torch.randint(len(self._images), (DEFAULTS.batch_size,), device=device)
        real = self._images[rows]
        discriminator_loss = self._update_discriminator(real, index)
        generator_loss = self._update_generator(real, index)
        update_average(self._average, self.generator, index)
        return torch.stack([generator_loss, discriminator_loss])

    def _update_discriminator(self, real: Tensor, index: int) -> Tensor:
        with torch.no_grad():
            samples = move(torch.cat([real, self._generate(len(real))]))
        penalised = index % self._penalty_interval == 0
        samples.requires_grad_(penalised)
        # a view, as torch cannot count operations with a leaf
        logits = self.discriminator(samples.view_as(samples))
        real_logits, fake_logits = logits.chunk(2)
        total = loss = softplus(fake_logits - real_logits).mean()
        if penalised:
            (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)
            penalties = gradient.square().sum() / len(real)
            total = loss + self._penalty_interval * DEFAULTS.gamma / 2 * penalties
        self._move_discriminator(total, index)
        return loss.detach()

    def _update_generator(self, real: Tensor, index: int) -> Tensor:
        with torch.no_grad():
            real_logits = self.discriminator(move(real))
        fake_logits = self.discriminator(move(self._generate(len(real))))
        loss = softplus(real_logits - fake_logits).mean()
        self._move_generator(loss, index)
        return loss.detach()

    def _generate(self, n_images: int) -> Tensor:
        return self.generator(torch.randn(n_images, DEFAULTS.n_latent, device=self._images.device))


class SteadyAdam(SingleAdam):
    """Adam with a warm-up, and with gradients clipped to twice their root mean square."""

    def __call__(self, loss: Tensor, index: int) -> None:
        """Take step number ``index`` down the loss."""
        warm_up = (1 + index) / N_WARM_UP
        rate = self.learning_rate * min(warm_up, 1 - 0.9 * index / self.n_steps)
        self.adam.param_groups[0]["lr"] = rate
        self.adam.zero_grad()
        loss.backward(inputs=self.parameters)
        for parameter, state in self.adam.state.items():
            size = (state["exp_avg_sq"] / (1 - 0.99**index)).sqrt()
            bound = (CLIP_RMS_MULTIPLE * size).masked_fill(size == 0, torch.inf)
            parameter.grad.clamp_(-bound, bound)
        self.adam.step()


class SingleGenerator(nn.Module):
    """Maps noise (batch, latent) to images, from the coarsest stage to the finest."""

    def __init__(self, sizes: StageSizes):
        super().__init__()
        self.sizes = sizes
        widths = sizes.widths[::-1]
        block_gain = len(widths) ** -0.5
        first = nn.Linear(DEFAULTS.n_latent, widths[0] * sizes.coarsest**2)
        layers = [
            initialised(first, gain=0.7),
            nn.Unflatten(1, (widths[0], sizes.coarsest, sizes.coarsest)),
        ]
        layers.append(SingleBlock(widths[0], block_gain))
        for before, after in zip(widths, widths[1:], strict=False):
            layers.append(convolution(before, after, 1, gain=0.7))
            layers.append(nn.Upsample(scale_factor=2, mode="bilinear"))
            layers.append(SingleBlock(after, block_gain))
        layers.append(nn.LeakyReLU(0.2))
        self.layers = nn.Sequential(*layers)
        self.coarse = convolution(widths[-1], 1, 3, gain=0.3)
        if sizes.folded:
            self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear")
            self.detail = Detail(widths[-1])

    def forward(self, noise: Tensor) -> Tensor:
        """Generate one image from each latent point."""
        left, _, top, _ = self.sizes.margin
        maps = self.layers(noise)
        images = self.coarse(maps)
        if self.sizes.folded:
            images = self.enlarge(images) + self.detail(maps)
        images = images[:, :, top : top + self.sizes.side, left : left + self.sizes.side]
        return images.clamp(-1, 1)


class Detail(nn.Module):
    """Convolution to grey images twice as high and wide, without checkerboards.

    Each pixel of a square of four has a kernel of its own; all have one sum, and first moments
    that differ by the pixels' places alone.
    """

    def __init__(self, n_channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, n_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, maps: Tensor) -> Tensor:
        """Enlarge maps to images."""
        sums = self.weight.sum(dim=(2, 3), keepdim=True)
        sum_of_all = sums.mean(dim=0)
        kernels = self.weight - (sums - sum_of_all) / 9
        taps = torch.arange(3.0, device=maps.device) - 1
        rows = taps[:, None].expand(3, 3)
        places = torch.tensor([[-0.25, -0.25, 0.25, 0.25], [-0.25, 0.25, -0.25, 0.25]])
        for of_axis, lever in zip(places.to(maps.device), (rows, rows.T), strict=True):
            moments = (kernels * lever).sum(dim=(2, 3), keepdim=True)
            wanted = moments.mean(dim=0) + sum_of_all * of_axis.view(4, 1, 1, 1)
            kernels = kernels - (moments - wanted) * lever / 6
        return pixel_shuffle(conv2d(maps, kernels, self.bias.expand(4), padding=1), 2)


class SingleDiscriminator(nn.Sequential):
    """Maps images to logits (batch,)."""

    def __init__(self, sizes: StageSizes):
        widths = sizes.widths
        block_gain = len(widths) ** -0.5
        layers: list[nn.Module] = [nn.ReplicationPad2d(sizes.margin)] if any(sizes.margin) else []
        if sizes.folded:
            layers.append(nn.PixelUnshuffle(2))
        layers.append(convolution(sizes.n_channels, widths[0], 3))
        layers.append(SingleBlock(widths[0], block_gain))
        for before, after in zip(widths, widths[1:], strict=False):
            layers.append(nn.AvgPool2d(2))
            layers.append(convolution(before, after, 1, gain=0.7))
            layers.append(SingleBlock(after, block_gain))
        last = nn.Linear(widths[-1] * sizes.coarsest**2, 1)
        layers += [nn.LeakyReLU(0.2), nn.Flatten(), initialised(last, gain=0.3), nn.Flatten(0)]
        super().__init__(*layers)


class SingleBlock(nn.Module):
    """Residual block of one network."""

    def __init__(self, n_channels: int, gain: float):
        super().__init__()
        self.branch = nn.Sequential(
            nn.LeakyReLU(0.2),
            convolution(n_channels, n_channels, 3, gain),
            nn.LeakyReLU(0.2),
            convolution(n_channels, n_channels, 3, gain=0.0),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Add the block's correction."""
        return maps + self.branch(maps)


def convolution(n_in: int, n_out: int, side: int, gain: float = 1.0) -> nn.Module:
    """Convolution that keeps the size of maps."""
    return initialised(nn.Conv2d(n_in, n_out, side, padding=side // 2), gain)


def initialised(layer: nn.Linear | nn.Conv2d, gain: float) -> nn.Module:
    """Layer with weights drawn by the package's law."""
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.weight.mul_(gain)
    return layer


def move(images: Tensor) -> Tensor:
    """Images shifted, turned and scaled a little, each in its own way."""
    n_images, _, height, width = images.shape
    turn, growth, right, down = (2 * torch.rand(n_images, 4, device=images.device) - 1).unbind(1)
    angle = math.radians(ROTATION) * turn
    scale = 1 + SCALE * growth
    cosine = scale * angle.cos()
    sine = scale * angle.sin()
    aspect = height / width
    across = torch.stack([cosine, -sine * aspect, 2 * TRANSLATION * right], dim=1)
    along = torch.stack([sine / aspect, cosine, 2 * TRANSLATION * down], dim=1)
    grid = affine_grid(torch.stack([across, along], dim=1), images.shape, align_corners=False)
    return grid_sample(images, grid, padding_mode="border", align_corners=False)
