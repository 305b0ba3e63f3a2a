"""The GAN of one class of images as one would write it alone, with ordinary ``torch.nn`` modules.

What ``image_speed.py`` loops over: the same networks, starting law, loss, penalties, moves of
images, averaging and batch as the package has, in torch's plain layout of images.
"""

import copy
import math

import torch
from plain_loop import SingleAdam
from torch import Tensor, nn
from torch.nn.functional import affine_grid, grid_sample, softplus

from ganaug.models.image import ImageGAN
from ganaug.trainers.image import ImageTrainer
from ganaug.training.diffaug import ROTATION, SCALE, TRANSLATION
from ganaug.training.networks.image_stages import StageSizes

DEFAULTS = ImageGAN()


class SingleImageGAN:
    """The GAN of one class of images; the penalties come every ``penalty_interval`` steps."""

    def __init__(self, images: Tensor, sizes: StageSizes, penalty_interval: int):
        self._images, self._penalty_every = images, penalty_interval
        self.generator = SingleGenerator(sizes).to(images.device)
        self.discriminator = SingleDiscriminator(sizes).to(images.device)

    def train(self, n_steps: int) -> Tensor:
        """Losses (n_steps, 2) of generator and discriminator."""
        rate = DEFAULTS.learning_rate
        self._average = copy.deepcopy(self.generator).requires_grad_(False)
        self._generator_optimizer = SteadyAdam(self.generator, n_steps, rate)
        self._discriminator_optimizer = SteadyAdam(self.discriminator, n_steps, rate)
        return torch.stack([self._step(index) for index in range(n_steps)]).cpu()

    def _step(self, index: int) -> Tensor:
        n_images, device = len(self._images), self._images.device
        real = self._images[torch.randint(n_images, (DEFAULTS.batch_size,), device=device)]
        discriminator_loss = self._update_discriminator(real, index)
        generator_loss = self._update_generator(real, index)
        decay = min(0.995, (1 + index) / (10 + index))
        averages, parameters = self._average.parameters(), self.generator.parameters()
        with torch.no_grad():
            torch._foreach_lerp_(list(averages), list(parameters), 1 - decay)
        return torch.stack([generator_loss, discriminator_loss])

    def _update_discriminator(self, real: Tensor, index: int) -> Tensor:
        with torch.no_grad():
            samples = moved(torch.cat([real, self._generate(len(real))]))
        with_penalty = index % self._penalty_every == 0
        samples.requires_grad_(with_penalty)
        logits = self.discriminator(samples)
        real_logits, fake_logits = logits.chunk(2)
        total = loss = softplus(fake_logits - real_logits).mean()
        if with_penalty:
            (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)
            penalties = gradient.square().sum() / len(real)
            total = loss + self._penalty_every * DEFAULTS.gamma / 2 * penalties
        self._discriminator_optimizer(total, index)
        return loss.detach()

    def _update_generator(self, real: Tensor, index: int) -> Tensor:
        with torch.no_grad():
            real_logits = self.discriminator(moved(real))
        fake_logits = self.discriminator(moved(self._generate(len(real))))
        loss = softplus(real_logits - fake_logits).mean()
        self._generator_optimizer(loss, index)
        return loss.detach()

    def _generate(self, n_images: int) -> Tensor:
        return self.generator(torch.randn(n_images, DEFAULTS.n_latent, device=self._images.device))


class SteadyAdam(SingleAdam):
    """With a warm-up, and gradients held to twice their root mean square."""

    def __call__(self, loss: Tensor, index: int) -> None:
        """Take step number ``index`` down the loss."""
        warm_up = (1 + index) / ImageTrainer.WARMUP_STEPS
        rate = self._learning_rate * min(warm_up, 1 - 0.9 * index / self._n_steps)
        self._adam.param_groups[0]["lr"] = rate
        self._adam.zero_grad()
        loss.backward(inputs=self._parameters)
        for parameter, state in self._adam.state.items():
            size = (state["exp_avg_sq"] / (1 - 0.99**index)).sqrt()
            bound = (ImageTrainer.CLIP_RMS_MULTIPLE * size).masked_fill(size == 0, torch.inf)
            parameter.grad.clamp_(-bound, bound)
        self._adam.step()


class SingleGenerator(nn.Module):
    """Maps noise (batch, latent) to images, from the coarsest stage to the finest."""

    def __init__(self, sizes: StageSizes):
        super().__init__()
        self.sizes = sizes
        widths, coarsest = sizes.channels[::-1], sizes.resolutions[-1]
        block_gain = len(widths) ** -0.5
        first = nn.Linear(DEFAULTS.n_latent, widths[0] * math.prod(coarsest))
        layers = [started(first, gain=0.7), nn.Unflatten(1, (widths[0], *coarsest))]
        layers.append(SingleBlock(widths[0], block_gain))
        for before, after in zip(widths, widths[1:], strict=False):
            layers.append(convolution(before, after, 1, gain=0.7))
            layers.append(nn.Upsample(scale_factor=2, mode="bilinear"))
            layers.append(SingleBlock(after, block_gain))
        layers.append(nn.LeakyReLU(0.2))
        self.layers = nn.Sequential(*layers)
        self.coarse = convolution(widths[-1], sizes.n_channels, 3, gain=0.3)
        if sizes.folded:
            self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear")
            detail = convolution(widths[-1], folded_channels(sizes), 3, gain=0.0)
            self.detail = nn.Sequential(detail, nn.PixelShuffle(2))

    def forward(self, noise: Tensor) -> Tensor:
        """Generate one image from each latent point."""
        left, _, top, _ = self.sizes.margin
        maps = self.layers(noise)
        images = self.coarse(maps)
        if self.sizes.folded:
            images = self.enlarge(images) + self.detail(maps)
        images = images[:, :, top : top + self.sizes.height, left : left + self.sizes.width]
        return images.clamp(-1, 1)


class SingleDiscriminator(nn.Sequential):
    """Maps images to logits (batch,)."""

    def __init__(self, sizes: StageSizes):
        widths = sizes.channels
        block_gain = len(widths) ** -0.5
        layers: list[nn.Module] = [nn.ReplicationPad2d(sizes.margin)] if any(sizes.margin) else []
        if sizes.folded:
            layers.append(nn.PixelUnshuffle(2))
        layers.append(convolution(folded_channels(sizes), widths[0], 3))
        layers.append(SingleBlock(widths[0], block_gain))
        for before, after in zip(widths, widths[1:], strict=False):
            layers.append(nn.AvgPool2d(2))
            layers.append(convolution(before, after, 1, gain=0.7))
            layers.append(SingleBlock(after, block_gain))
        last = nn.Linear(widths[-1] * math.prod(sizes.resolutions[-1]), 1)
        layers += [nn.LeakyReLU(0.2), nn.Flatten(), started(last, gain=0.3), nn.Flatten(0)]
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


def folded_channels(sizes: StageSizes) -> int:
    """Channels in which images enter and leave the networks."""
    return sizes.n_channels * (4 if sizes.folded else 1)


def convolution(n_in: int, n_out: int, side: int, gain: float = 1.0) -> nn.Module:
    """Convolution that keeps the size of maps."""
    return started(nn.Conv2d(n_in, n_out, side, padding=side // 2), gain)


def started(layer: nn.Linear | nn.Conv2d, gain: float) -> nn.Module:
    """Layer with weights drawn by the package's law."""
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.weight.mul_(gain)
    return layer


def moved(images: Tensor) -> Tensor:
    """Images shifted, turned and scaled a little, each in its own way."""
    n_images, _, height, width = images.shape
    turn, growth, right, down = (2 * torch.rand(n_images, 4, device=images.device) - 1).unbind(1)
    angle, scale = math.radians(ROTATION) * turn, 1 + SCALE * growth
    cosine, sine, aspect = scale * angle.cos(), scale * angle.sin(), height / width
    across = torch.stack([cosine, -sine * aspect, 2 * TRANSLATION * right], dim=1)
    along = torch.stack([sine / aspect, cosine, 2 * TRANSLATION * down], dim=1)
    grid = affine_grid(torch.stack([across, along], dim=1), images.shape, align_corners=False)
    return grid_sample(images, grid, padding_mode="border", align_corners=False)
