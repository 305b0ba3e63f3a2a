"""The game: members do not touch one another, failures are noticed, and something is learnt."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import softplus

from ganaug.training import health, loop
from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.ensemble import select_members
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.layout import FeatureLayout
from ganaug.training.loop import SYNC_INTERVAL, Game
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.pool import Pool
from ganaug.training.step import HISTORY_KEYS
from ganaug.training.streams import MemberStreams

N_FEATURES, N_LATENT, N_HIDDEN = 2, 6, 8
SIZES = (5, 40, 17)
LONGEST_LOOK = max(SYNC_INTERVAL.values())


class Trio:
    """Three members of different sizes, or some of them, from the same start."""

    def __init__(self, normal, generators, device, *, anchored=False, **config):
        rows = [normal(n, N_FEATURES, seed=n) for n in SIZES]
        streams = generators(*SIZES)
        if anchored:
            generator = AnchoredGenerator.from_rows(
                rows, FeatureLayout(N_FEATURES), N_LATENT, N_HIDDEN, streams
            )
        else:
            generator = TableGenerator(N_LATENT, N_HIDDEN, FeatureLayout(N_FEATURES), streams)
        self.generator = generator.to(device)
        self.discriminator = TableDiscriminator(N_FEATURES, N_HIDDEN, streams).to(device)
        self._samples = torch.cat(rows).to(device)
        self._numbers = torch.arange(sum(SIZES)).split(list(SIZES))
        defaults = {
            "n_steps": 20,
            "batch_size": 8,
            "input_sampler": GaussianNoise(N_LATENT),
            "gamma": [1.0, 1.0, 1.0],
            "learning_rate": [1e-3, 1e-3, 1e-3],
            "discriminator_transform": InstanceNoise(0.2),
        }
        options = defaults | config
        for name in ("gamma", "learning_rate"):
            options[name] = torch.tensor(options[name], device=device)
        self._config, self._device = TrainingConfig(**options), device

    def new_game(self, members=(0, 1, 2)):
        members = list(members)
        config = replace(
            self._config,
            gamma=self._config.gamma[members],
            learning_rate=self._config.learning_rate[members],
        )
        return Game(
            select_members(self.generator, members),
            select_members(self.discriminator, members),
            Pool(self._samples, [self._numbers[member] for member in members]),
            config,
            MemberStreams([SIZES[member] for member in members], self._device),
        )

    def play(self, members=(0, 1, 2), **options):
        return self.new_game(members).play(**options)


@pytest.fixture
def game(normal, generators, device):
    """Maker of games, on every device."""
    return lambda **options: Trio(normal, generators, device, **options)


def same_member(together, alone, member, tolerance):
    """True where the only member of ``alone`` fared as its twin in ``together``."""
    pairs = [(together.history[:, :, member], alone.history[:, :, 0])]
    for name in ("generator", "discriminator"):
        pairs += [
            (one.detach()[member], other.detach()[0])
            for one, other in zip(
                getattr(together, name).parameters(),
                getattr(alone, name).parameters(),
                strict=True,
            )
        ]
    return all(torch.allclose(one, other, atol=tolerance) for one, other in pairs)


@pytest.mark.parametrize("anchored", [False, True])
def test_members_trained_together_are_the_members_trained_alone(game, anchored):
    played = game(anchored=anchored, gamma=[0.3, 1.0, 5.0], learning_rate=[2e-3, 1e-3, 3e-3])
    together = played.play()
    for member in range(3):
        assert same_member(together, played.play([member]), member, 1e-4)
    assert not same_member(together, played.play([1]), 0, 1e-2)


@pytest.mark.parametrize("anchored", [False, True])
def test_a_game_repeats_bit_by_bit_in_all_members(game, device, anchored):
    # on a GPU sums may be taken in another order
    tolerance = 0 if device.type == "cpu" else 1e-4
    first, second = (game(anchored=anchored, penalty_interval=3).play() for _ in range(2))
    assert same_outcome(first, second, tolerance)
    assert not same_outcome(first, game(anchored=anchored, penalty_interval=2).play(), tolerance)


@pytest.mark.medium
@pytest.mark.parametrize("validated", [False, True])
def test_a_game_goes_on_from_its_state_as_if_it_had_never_stopped(game, device, validated):
    # on a GPU its steps are recorded anew, and sums may be taken in another order
    tolerance = 0 if device.type == "cpu" else 1e-4
    n_steps = 2 * LONGEST_LOOK
    options = {"validation_metric": squared_norms} if validated else {}
    played = game(n_steps=n_steps, penalty_interval=3, **options)
    whole, states = played.new_game(), []
    outcome = whole.play(on_checkpoint=lambda: states.append(whole.state()))
    assert states[-1].over
    for state in (states[0], states[-1]):
        again = played.new_game()
        again.resume(state)
        resumed = again.play()
        assert same_outcome(outcome, resumed, tolerance)


def squared_norms(generator):
    """A distance of the weights, whatever it means."""
    return sum(parameter.square().flatten(1).sum(1) for parameter in generator.parameters()).cpu()


def same_outcome(one, other, tolerance):
    """True where all members fared alike."""
    pairs = [(one.history, other.history)]
    for name in ("generator", "discriminator"):
        pairs += zip(
            getattr(one, name).parameters(), getattr(other, name).parameters(), strict=True
        )
    return all(torch.allclose(a, b, rtol=0, atol=tolerance) for a, b in pairs)


def test_a_diverging_member_is_reported_and_disturbs_nobody(game):
    played = game(learning_rate=[1e-3, 1e6, 1e-3])
    together = played.play()
    assert together.health.good.tolist() == [True, False, True]
    for member in (0, 2):
        assert same_member(together, played.play([member]), member, 1e-4)


def test_a_game_that_all_members_have_lost_ends_early(game):
    outcome = game(learning_rate=[1e12] * 3, n_steps=10 * LONGEST_LOOK).play()
    assert not outcome.health.good.any()
    assert len(outcome.history) < 10 * LONGEST_LOOK
    assert not outcome.interrupted


def test_a_member_without_learning_rate_stands_still_while_others_move(game):
    played = game(learning_rate=[1e-3, 0.0, 1e-3])
    outcome = played.play()
    for name in ("generator", "discriminator"):
        start, end = getattr(played, name), getattr(outcome, name)
        moved = [
            (one != other).flatten(1).any(dim=1).tolist()
            for one, other in zip(start.parameters(), end.parameters(), strict=True)
        ]
        assert {still for _, still, _ in moved} == {False}
        assert [any(member) for member in zip(*moved, strict=True)] == [True, False, True]


def test_without_steps_the_averaged_generator_is_the_start(game):
    played = game(n_steps=0)
    outcome = played.play()
    assert outcome.history.shape == (0, len(HISTORY_KEYS), 3)
    assert outcome.health.good.all()
    pairs = zip(outcome.generator.parameters(), played.generator.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("n_steps", [1, LONGEST_LOOK, LONGEST_LOOK + 7])
def test_every_step_is_recorded_and_announced(game, n_steps):
    announced = []
    outcome = game(n_steps=n_steps).play(on_steps=announced.append)
    assert outcome.history.shape == (n_steps, len(HISTORY_KEYS), 3)
    assert sum(announced) == n_steps
    assert outcome.history.device.type == "cpu"


@pytest.mark.parametrize("n_steps", [1, LONGEST_LOOK + 7])
def test_figures_are_means_of_all_steps_since_they_were_last_reported(game, monkeypatch, n_steps):
    monkeypatch.setattr(loop, "N_REPORTS", 2)
    reports = []
    played = game(n_steps=n_steps)
    outcome = played.play(on_figures=lambda figures: reports.append(figures) is not None)
    assert not outcome.stopped
    assert 1 <= len(reports) <= 2
    assert reports[-1].n_steps_done == n_steps == sum(report.n_new for report in reports)
    for report in reports:
        steps = slice(report.n_steps_done - report.n_new, report.n_steps_done)
        assert torch.allclose(report.means, outcome.history[steps].mean(dim=0))
    assert same_outcome(outcome, played.play(), 1e-4)


@pytest.mark.medium
def test_who_watches_a_game_may_end_it_and_it_goes_on_from_its_state(game):
    played = game(n_steps=2 * LONGEST_LOOK)
    stopped = played.new_game()
    states = []
    outcome = stopped.play(
        on_checkpoint=lambda: states.append(stopped.state()), on_figures=lambda figures: True
    )
    assert outcome.stopped
    assert [state.over for state in states] == [False]
    assert len(outcome.history) < 2 * LONGEST_LOOK
    again = played.new_game()
    again.resume(states[0])
    assert same_outcome(again.play(), played.play(), 1e-4)


class Parabola(nn.Module):
    """Discriminator whose logit is the squared distance from zero times a weight."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([weight]))

    def forward(self, rows):
        return self.weight * rows.square().sum(-1)


class Scaled(nn.Module):
    """Generator that multiplies the noise of every member by a factor and adds a shift."""

    def __init__(self, factors, shift=0.0):
        super().__init__()
        self.factors = nn.Parameter(torch.tensor(factors)[:, None, None])
        self.shift = nn.Parameter(torch.full((len(factors), 1, 1), shift))

    def forward(self, noise):
        return self.factors * noise + self.shift


@pytest.fixture
def standing():
    """TrainingConfig by which next to nothing moves."""
    return TrainingConfig(
        1, 4, GaussianNoise(1), torch.tensor([1.0]), torch.tensor([1e-12]), InstanceNoise(0.0)
    )


def test_figures_are_those_of_a_game_worked_out_by_hand(standing):
    # Real rows lie at 1 and fakes at 2: logits 1/2 and 2, gradients 1 and 2.
    ones = Pool(torch.ones(3, 1), [torch.arange(3)])
    streams = MemberStreams([0], torch.device("cpu"))
    outcome = Game(Scaled([0.0], shift=2.0), Parabola(0.5), ones, standing, streams).play()
    figures = dict(zip(HISTORY_KEYS, outcome.history[0, :, 0].tolist(), strict=True))
    assert figures == pytest.approx(
        {
            "generator_loss": softplus(torch.tensor(-1.5)).item(),
            "discriminator_loss": softplus(torch.tensor(1.5)).item(),
            "r1": 1.0,
            "r2": 4.0,
            "fool_rate": 1.0,
        },
        rel=1e-4,
    )


def test_a_collapsed_generator_is_reported(normal, standing):
    pool = Pool(normal(100, 1), [torch.arange(100)] * 2)
    config = replace(standing, n_steps=0, gamma=torch.ones(2), learning_rate=torch.ones(2))
    streams = MemberStreams([0, 1], torch.device("cpu"))
    outcome = Game(Scaled([0.01, 1.0]), Parabola(0.5), pool, config, streams).play()
    assert outcome.health.good.tolist() == [False, True]


class KnowsByHeart(nn.Module):
    """Discriminator that rates the real rows above all others."""

    def __init__(self, rows):
        super().__init__()
        self.rows = rows.flatten()
        self.height = nn.Parameter(torch.ones(1))

    def forward(self, rows):
        return self.height * torch.isin(rows, self.rows).any(-1) + 0 * rows.sum(-1)


@pytest.mark.parametrize(
    ("factor", "shift", "by_heart", "verdict"),
    [
        (1.0, 0.0, False, health.GOOD),
        (1.0, 0.0, True, health.DISCRIMINATOR_WON),
        (0.4, 0.0, False, health.COLLAPSED),
        (1.0, 2.0, False, health.STILL_IMPROVING),
    ],
)
def test_games_that_are_broken_on_purpose_are_told_from_a_good_one(
    normal, standing, factor, shift, by_heart, verdict
):
    real = normal(100, 1)
    discriminator = KnowsByHeart(real) if by_heart else Parabola(1e-3)
    pool = Pool(real, [torch.arange(100)])
    config = replace(standing, n_steps=10, batch_size=32)
    streams = MemberStreams([0], torch.device("cpu"))
    outcome = Game(Scaled([factor], shift), discriminator, pool, config, streams).play()
    assert outcome.health.verdict(0) == verdict


@pytest.mark.medium
def test_two_gaussians_are_learnt(generators, device):
    wanted = torch.tensor([[1.0, 0.5], [-1.0, 1.0]])
    samples = wanted[:, :1] + wanted[:, 1:] * torch.special.ndtri(torch.linspace(0.002, 0.998, 400))
    streams = generators(0, 1)
    gamma, rate = (torch.full((2,), value, device=device) for value in (0.3, 5e-3))
    outcome = Game(
        TableGenerator(4, 32, FeatureLayout(1), streams).to(device),
        TableDiscriminator(1, 32, streams).to(device),
        Pool(samples.reshape(-1, 1).to(device), [torch.arange(400), torch.arange(400, 800)]),
        TrainingConfig(
            300, 32, GaussianNoise(4), gamma, rate, discriminator_transform=InstanceNoise(0.1)
        ),
        MemberStreams([0, 1], device),
    ).play()
    fake = outcome.generator(MemberStreams([2, 3], device).normal(4000, 4))[..., 0].cpu()
    learnt = torch.stack([fake.mean(dim=1), fake.std(dim=1)], dim=1)
    assert torch.allclose(learnt, wanted, atol=0.15), learnt


class InterruptedNoise:
    """Noise whose user presses ctrl-C, once, while so many inputs are drawn."""

    def __init__(self, n_drawn):
        self._n_left = n_drawn

    def __call__(self, streams, n):
        self._n_left -= 1
        if self._n_left == 0:
            raise KeyboardInterrupt
        return GaussianNoise(N_LATENT)(streams, n)


def test_an_interrupt_ends_the_game_and_keeps_what_was_learnt(game):
    # each step draws inputs for the discriminators, and then for the generators
    n_done = LONGEST_LOOK + 3
    played = game(n_steps=10_000, input_sampler=InterruptedNoise(2 * n_done + 2))
    outcome = played.play()
    assert outcome.interrupted
    assert outcome.health.good.all()
    assert len(outcome.history) == n_done
    noise = MemberStreams([0, 1, 2], played.generator.perceptron.first.weight.device)
    points = noise.normal(5, N_LATENT)
    assert outcome.generator(points).isfinite().all()
    assert not torch.equal(outcome.generator(points), played.generator(points))


def test_training_leaves_the_global_state_alone(game):
    played = game()
    before = torch.random.get_rng_state()
    copy.deepcopy(played).play()
    assert torch.equal(torch.random.get_rng_state(), before)


class Watched:
    """Transform that notes a discriminator's weight, and once makes samples very large."""

    def __init__(self, discriminator, leap_at):
        self._discriminator, self._leap_at = discriminator, leap_at
        self.weights = []

    def __call__(self, samples, streams):
        # each step looks at samples three times, the first time to move the discriminator
        self.weights.append(self._discriminator.weight.item())
        return samples * (30.0 if len(self.weights) == 3 * self._leap_at + 1 else 1.0)

    @property
    def moves(self):
        """How far each step moved the weight."""
        before, after = self.weights[::3], self.weights[1::3]
        return [abs(new - old) for old, new in zip(before, after, strict=True)]


@pytest.mark.parametrize(("leap_at", "good"), [(1, True), (30, False)])
def test_losses_that_leapt_in_the_first_half_of_a_game_are_forgiven(
    normal, standing, leap_at, good
):
    discriminator = Parabola(0.5)
    transform = Watched(discriminator, leap_at)
    config = replace(standing, n_steps=40, discriminator_transform=transform, max_loss=50.0)
    pool = Pool(normal(100, 1), [torch.arange(100)])
    streams = MemberStreams([0], torch.device("cpu"))
    # samples far from the real ones, as in any game that is not over
    outcome = Game(Scaled([1.0], shift=2.0), discriminator, pool, config, streams).play()
    assert outcome.history[:, 1].max() > 50
    assert outcome.health.good.tolist() == [good]


@pytest.fixture
def moves(normal):
    """How far each of 40 steps moves a weight at a learning rate of 1e-3, a leap in the last."""

    def played(**options):
        discriminator = Parabola(0.5)
        transform = Watched(discriminator, leap_at=39)
        rate = torch.tensor([1e-3])
        config = TrainingConfig(
            40, 16, GaussianNoise(1), torch.zeros(1), rate, transform, **options
        )
        pool = Pool(normal(100, 1), [torch.arange(100)])
        streams = MemberStreams([0], torch.device("cpu"))
        Game(Scaled([1.5]), discriminator, pool, config, streams).play()
        return transform.moves

    return played


def test_a_leap_of_the_gradient_is_cut_where_asked_for(moves):
    rate = 1e-3 * (1 - 0.9 * 39 / 40)
    assert moves()[-1] > 3 * rate
    assert moves(clip_rms_multiple=2.0)[-1] < 2 * rate


def test_the_learning_rate_warms_up_where_asked_for(moves):
    assert moves()[0] == pytest.approx(1e-3, rel=0.01)
    warming = moves(warmup_steps=10)
    assert warming[0] == pytest.approx(1e-4, rel=0.01)
    assert max(warming[:3]) < 3.1e-4


def test_what_had_no_gradient_yet_is_not_held_back(normal):
    class Late(Parabola):
        """Discriminator that does not see its samples for two steps."""

        def forward(self, rows):
            return super().forward(rows) * (len(transform.weights) > 6)

    discriminator = Late(0.5)
    transform = Watched(discriminator, leap_at=-1)
    rate = torch.tensor([1e-3])
    config = TrainingConfig(
        6, 16, GaussianNoise(1), torch.zeros(1), rate, transform, clip_rms_multiple=2.0
    )
    pool = Pool(normal(100, 1), [torch.arange(100)])
    streams = MemberStreams([0], torch.device("cpu"))
    Game(Scaled([1.5]), discriminator, pool, config, streams).play()
    assert transform.moves[:2] == [0, 0]
    assert transform.moves[2] > 1e-4
