"""Every class is served by the tier for its size, however many there are."""

import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning

from ganaug import SmallClassWarning
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.recipe import Defaults
from ganaug.trainers.table import MAX_ANCHORS, TableRecipeBuilder
from ganaug.trainers.table_tiers import TIERS
from ganaug.trainers.tiers import tier_for, warn_of_small_classes
from ganaug.training.layout import FeatureLayout
from ganaug.training.step import HISTORY_KEYS

CPU = torch.device("cpu")


@pytest.fixture
def trainer(normal):
    """Maker of a trainer for classes of given sizes, on the CPU."""

    def make(sizes, n_steps=2, learning_rate=1e-3, **parts):
        rows = {label: normal(size, 3, seed=i) for i, (label, size) in enumerate(sizes.items())}
        given = Hyperparameters(n_steps, 6, 4, learning_rate, gamma=1.0)
        recipe = TableRecipeBuilder(FeatureLayout(3), normal(6, 3), given, auto=()).build(CPU)
        seeds = {label: i for i, label in enumerate(sizes)}
        return PerClassTrainer(rows, seeds, replace(recipe, **parts))

    return make


@pytest.mark.parametrize(
    ("n_rows", "name"),
    [
        (1, "smoothed copies"),
        (2, "local Gaussian"),
        (9, "local Gaussian"),
        (10, "anchored GAN"),
        (300, "anchored GAN"),
        (301, "GAN from noise"),
        (10**6, "GAN from noise"),
    ],
)
def test_the_size_of_a_class_chooses_its_tier(n_rows, name):
    assert tier_for(n_rows, TIERS).name == name


def test_small_classes_are_named_with_what_serves_them():
    with pytest.warns(SmallClassWarning) as caught:
        warn_of_small_classes({"a": 1, "b": 4, "c": 9, "d": 10}, TIERS, "rows")
    several, one = [str(warning.message) for warning in caught]
    assert several.startswith("classes 'b', 'c' have fewer than 10 rows")
    assert several.endswith("local Gaussian.")
    assert one.startswith("class 'a' has fewer than 10 rows")
    assert one.endswith("smoothed copies.")


def test_of_many_small_classes_ten_are_named():
    with pytest.warns(SmallClassWarning, match=r"classes 0, .*, 9 and 3 more have"):
        warn_of_small_classes(dict.fromkeys(range(13), 5), TIERS, "rows")


def test_large_classes_are_served_in_silence(recwarn):
    warn_of_small_classes({"a": 10, "b": 1000}, TIERS, "rows")
    assert not recwarn


def test_classes_come_out_in_their_order_with_what_their_tier_trains(trainer):
    sizes = {"noise": 310, "one": 1, "anchored": 12, "few": 3}
    trained = trainer(sizes).train()
    assert list(trained) == list(sizes)
    assert {label: one.tier for label, one in trained.items()} == {
        label: tier_for(size, TIERS).name for label, size in sizes.items()
    }
    for label, one in trained.items():
        learnt = sizes[label] >= 10
        assert (one.discriminator is not None) == learnt
        assert {name: len(values) for name, values in one.history.items()} == dict.fromkeys(
            HISTORY_KEYS, 2 if learnt else 0
        )


def test_more_classes_than_fit_side_by_side_train_in_several_games(trainer):
    announced = []
    crowd = trainer(dict.fromkeys(range(7), 10), max_members={"cpu": 4})
    trained = crowd.train(announced.append)
    assert list(trained) == list(range(7))
    assert crowd.n_steps == sum(announced) == 2 * 2


def test_a_class_trains_alike_among_others_and_alone(trainer):
    crowd = trainer(dict.fromkeys(range(4), 12), n_steps=10).train()
    alone = trainer({0: 12}, n_steps=10).train()
    for name in HISTORY_KEYS:
        assert np.allclose(crowd[0].history[name], alone[0].history[name], atol=1e-4)
        assert not np.allclose(crowd[1].history[name], alone[0].history[name], atol=1e-4)


def test_without_steps_every_trained_tier_is_an_untrained_anchored_one(trainer):
    silent = trainer({"noise": 310, "anchored": 12, "few": 3}, n_steps=0)
    trained = silent.train()
    assert silent.n_steps == 0
    assert [one.tier for one in trained.values()] == [
        "blurred interpolation",
        "blurred interpolation",
        "local Gaussian",
    ]
    assert {one.discriminator for one in trained.values()} == {None}


def test_a_class_that_diverges_is_trained_once_more_and_then_without_the_game(trainer):
    announced = []
    reckless = trainer({"wild": 12}, 20, 1e8, defaults=lambda tier: Defaults(1e8, 1.0))
    with pytest.warns(ConvergenceWarning, match="class 'wild' diverged.*failed again"):
        trained = reckless.train(announced.append)
    # each of the two games ends when its history is first looked at
    assert len(announced) == 2
    assert trained["wild"].tier == "blurred interpolation"
    assert len(trained["wild"].history["fool_rate"]) == 0


def spoil_first(samples):
    """Samples of which the first class's are no numbers, and no validation."""
    return [samples[0] * torch.nan, *samples[1:]], None


@pytest.mark.parametrize(("min_members", "n_members"), [(1, [3, 1]), (2, [3, 3])])
def test_classes_that_failed_are_trained_once_more_with_those_that_they_need(
    trainer, min_members, n_members
):
    recipe = trainer({"a": 12}).recipe
    played = []

    def networks(tier, samples, streams):
        played.append(len(samples))
        return recipe.networks(tier, samples, streams)

    crowd = trainer(
        {"a": 12, "b": 12, "c": 12},
        networks=networks,
        split_validation=spoil_first,
        min_members=min_members,
    )
    with pytest.warns(ConvergenceWarning, match="class 'a' diverged.*failed again"):
        trained = crowd.train()
    assert played == n_members
    assert [one.discriminator is not None for one in trained.values()] == [False, True, True]


def test_a_warning_tells_what_went_wrong_at_first(trainer):
    n_games = 0

    def spoil(samples):
        nonlocal n_games
        n_games += 1
        return [samples[0] * (torch.nan if n_games == 1 else 1e6)], None

    with pytest.warns(ConvergenceWarning, match="'wild' diverged: losses became infinite.*failed"):
        trainer({"wild": 12}, split_validation=spoil).train()
    assert n_games == 2


def test_games_draw_from_other_seeds_than_the_weights(trainer):
    states = []

    class Watching(Checkpoint):
        def save(self, name, game):
            states.extend(game.state().streams.generators)

    crowd = trainer({"a": 12, "b": 12, "noise": 310}, n_steps=5)
    PerClassTrainer(crowd.samples, crowd.seeds, crowd.recipe, checkpoint=Watching(None)).train()
    assert len(states) == 3
    seeds = {torch.Generator().set_state(state).initial_seed() for state in states}
    assert len(seeds) == 3
    assert seeds.isdisjoint(crowd.seeds.values())


def test_no_class_is_left_to_an_untrained_network_after_an_interrupt(trainer):
    def interrupt(n_steps):
        raise KeyboardInterrupt

    stopped = trainer({"anchored": 12, "noise": 310}, n_steps=100)
    trained = stopped.train(interrupt)
    assert stopped.interrupted
    assert 0 < len(trained["anchored"].history["fool_rate"]) < 100
    assert trained["noise"].tier == "blurred interpolation"
    assert len(trained["noise"].history["fool_rate"]) == 0


def test_untrained_generators_of_large_classes_start_from_some_of_their_rows(trainer):
    made = trainer({"large": MAX_ANCHORS + 50}, n_steps=0).train()["large"]
    assert made.tier == "blurred interpolation"
    anchors = made.generator.anchors.rows[0]
    assert len(torch.unique(anchors, dim=0)) == len(anchors) == MAX_ANCHORS


@pytest.fixture
def cramped(trainer):
    """Maker of a trainer for five classes where memory holds networks of some only."""

    def make(n_fitting, **parts):
        roomy = trainer(dict.fromkeys(range(5), 12)).recipe

        def networks(tier, samples, streams):
            if len(samples) > n_fitting:
                raise torch.OutOfMemoryError("none left")
            return roomy.networks(tier, samples, streams)

        return trainer(dict.fromkeys(range(5), 12), 10, networks=networks, **parts)

    return make


@pytest.mark.parametrize("n_fitting", [1, 2])
def test_where_memory_ends_classes_train_in_smaller_games(trainer, cramped, n_fitting):
    roomy = trainer(dict.fromkeys(range(5), 12), 10).train()
    for label, trained in cramped(n_fitting).train().items():
        assert trained.tier == "anchored GAN"
        losses = trained.history["generator_loss"], roomy[label].history["generator_loss"]
        assert np.allclose(*losses, atol=1e-4)


@pytest.mark.parametrize("n_fitting", [5, 2], ids=["second try", "halves"])
def test_a_game_leaves_the_device_before_another_takes_its_place(trainer, n_fitting):
    recipe = trainer(dict.fromkeys(range(5), 12), n_steps=20, learning_rate=1e8).recipe
    before = []
    n_alive = []

    def networks(tier, samples, streams):
        n_alive.append(sum(network() is not None for network in before))
        generator, discriminator = recipe.networks(tier, samples, streams)
        before.append(weakref.ref(generator))
        return generator, discriminator

    def configure(tier, hyperparameters, generator, pool):
        if pool.n_members > n_fitting:
            raise torch.OutOfMemoryError("none left")
        return recipe.configure(tier, hyperparameters, generator, pool)

    parts = {"networks": networks, "configure": configure}
    crowd = trainer(dict.fromkeys(range(5), 12), 20, 1e8, **parts)
    with pytest.warns(ConvergenceWarning, match="trained once more"):
        crowd.train()
    assert n_alive == [0] * len(before)
    assert len(before) > 1


def test_a_class_that_memory_cannot_hold_alone_is_an_error(cramped):
    with pytest.raises(RuntimeError, match="too little memory to train class 0: .*batch_size"):
        cramped(0).train()


def test_classes_that_need_one_another_are_not_divided_where_memory_ends(cramped):
    with pytest.raises(RuntimeError, match="too little memory to train classes 0, 1, 2, 3, 4: "):
        cramped(2, min_members=2).train()


def test_a_smaller_game_that_is_ended_leaves_the_others_their_second_one(cramped):
    attempts = {label: set() for label in range(5)}

    def end_first(report):
        for label in report.labels:
            attempts[label].add(report.attempt)
        return 0 in report.labels

    with pytest.warns(ConvergenceWarning):
        cramped(2, learning_rate=1e8).train(on_report=end_first)
    assert attempts == {0: {1}, 1: {1}, 2: {1, 2}, 3: {1, 2}, 4: {1, 2}}


def test_an_interruption_ends_smaller_games_too(cramped):
    def interrupt(n_steps):
        raise KeyboardInterrupt

    trained = cramped(2).train(interrupt)
    assert [one.discriminator is not None for one in trained.values()] == [True] * 2 + [False] * 3


def test_classes_that_need_one_another_are_trained_together_or_not_at_all(trainer):
    lone = trainer({"large": 12, "few": 3}, min_members=2)
    assert lone.n_steps == 0
    assert lone.train()["large"].tier == "blurred interpolation"
    pair = trainer({"a": 12, "b": 12, "few": 3}, min_members=2)
    assert pair.train()["a"].tier == "anchored GAN"


def test_an_interruption_keeps_classes_that_need_others_of_which_one_has_failed(trainer):
    def interrupt(n_steps):
        raise KeyboardInterrupt

    pair = trainer({"a": 12, "b": 12}, 99, min_members=2, split_validation=spoil_first)
    trained = pair.train(interrupt)
    assert pair.interrupted
    assert [one.tier for one in trained.values()] == ["blurred interpolation", "anchored GAN"]


def test_classes_of_which_none_is_wanted_are_not_trained(normal):
    rows = {"large": normal(12, 3), "few": normal(3, 3)}
    given = Hyperparameters(2, 6, 4, 1e-3, gamma=1.0)
    recipe = TableRecipeBuilder(FeatureLayout(3), normal(6, 3), given, auto=()).build(CPU)
    seeds = dict.fromkeys(rows, 0)
    assert PerClassTrainer(rows, seeds, recipe, labels=["few"]).n_steps == 0
    assert PerClassTrainer(rows, seeds, recipe, labels=["large"]).n_steps == 2


def test_only_classes_that_failed_are_trained_for_a_second_time(trainer):
    n_members = []

    def spoil_first(samples):
        n_members.append(len(samples))
        return [samples[0] * torch.nan, *samples[1:]], None

    with pytest.warns(ConvergenceWarning, match="class 0 diverged.*failed again"):
        trained = trainer(dict.fromkeys(range(3), 12), split_validation=spoil_first).train()
    assert n_members == [3, 1]
    assert [one.discriminator is None for one in trained.values()] == [True, False, False]


def test_what_is_kept_of_a_class_follows_from_its_own_samples_and_seed(trainer):
    calls = []

    def finalize(generator, samples, seed):
        calls.append((samples, seed))
        return torch.nn.Identity()

    kept = trainer({"a": 12, "b": 20}, finalize=finalize)
    trained = kept.train()
    assert all(isinstance(one.generator, torch.nn.Identity) for one in trained.values())
    assert [seed for _, seed in calls] == [kept.seeds["a"], kept.seeds["b"]]
    for samples, label in zip([samples for samples, _ in calls], ["a", "b"], strict=True):
        assert torch.equal(samples, kept.samples[label])


def test_games_train_on_what_validation_leaves_and_are_rated_by_its_metric(trainer):
    plain = trainer({"a": 12, "b": 20}, 10)
    pools = []
    rated = []

    def split(samples):
        def metric(generator):
            rated.append(generator)
            return torch.zeros(2)

        return [rows[:9] for rows in samples], metric

    def configure(tier, hyperparameters, generator, pool):
        pools.append(pool.samples)
        return plain.recipe.configure(tier, hyperparameters, generator, pool)

    trainer({"a": 12, "b": 20}, 10, split_validation=split, configure=configure).train()
    assert torch.equal(pools[0], torch.cat([plain.samples["a"][:9], plain.samples["b"][:9]]))
    assert rated


def test_a_game_draws_other_numbers_than_its_starting_weights(trainer):
    plain = trainer({"a": 12})
    drawn = []

    def configure(tier, hyperparameters, generator, pool):
        config = plain.recipe.configure(tier, hyperparameters, generator, pool)

        def noise(streams, n):
            drawn.append(streams.normal(n, hyperparameters.n_latent))
            return drawn[-1]

        return replace(config, input_sampler=noise)

    trainer({"a": 12}, configure=configure).train()
    of_weights = torch.Generator().manual_seed(plain.seeds["a"])
    assert not torch.isin(drawn[0], torch.randn(10_000, generator=of_weights)).any()


def test_an_interruption_ends_the_halves_too(cramped):
    def interrupt(n_steps):
        raise KeyboardInterrupt

    stopped = cramped(2)
    trained = stopped.train(interrupt)
    assert stopped.interrupted
    assert sum(one.discriminator is not None for one in trained.values()) <= 2


def test_an_interruption_of_one_game_ends_those_beside_it(trainer):
    n_calls = 0

    def interrupt_once(n_steps):
        nonlocal n_calls
        n_calls += 1
        if n_calls == 1:
            raise KeyboardInterrupt

    pair = trainer({"a": 12, "b": 12}, n_steps=2000)
    beside = PerClassTrainer(pair.samples, pair.seeds, pair.recipe, n_threads=2)
    trained = beside.train(interrupt_once)
    assert beside.interrupted
    assert max(len(one.history["fool_rate"]) for one in trained.values()) < 2000


def test_generators_are_rated_while_they_train(trainer):
    n_rated = 0

    def rate(generator):
        nonlocal n_rated
        n_rated += 1
        return torch.zeros(1)

    trainer({"a": 12}, 60, split_validation=lambda samples: (samples, rate)).train()
    assert n_rated > 0
