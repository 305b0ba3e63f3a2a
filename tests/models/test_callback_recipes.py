"""Callbacks for loggers and tuners, as the documentation of ``TrainingStatus`` has them."""

import inspect
import math
import re
import textwrap

import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from ganaug import ImageGAN, TableGAN, TrainingStatus

DIGITS = load_digits(n_class=2)


@pytest.fixture
def recipe():
    """Runner of the code that the documentation has for a package, with some names given."""
    documentation = inspect.getdoc(TrainingStatus)
    blocks = re.findall(
        r"(For \w+|A callback for \w+)[^\n]*(?:\n[^\n]+)*::\n\n((?: .*\n|\n)+)", documentation
    )
    codes = {title.split()[-1]: textwrap.dedent(code) for title, code in blocks}

    def run(package, **names):
        exec(codes[package], names)
        return names

    return run


def test_tensorboard_receives_all_figures_of_all_steps(recipe, tmp_path, blobs):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    names = recipe("TensorBoard", SummaryWriter=SummaryWriter, folder=tmp_path)
    gan = TableGAN(n_steps=12, random_state=0, callback=names["log"]).fit(*blobs)
    names["writer"].close()
    events = EventAccumulator(str(tmp_path)).Reload()
    scalars = events.Scalars("fool_rate/1")
    assert [scalar.step for scalar in scalars] == [5, 10, 12]
    assert scalars[0].value == pytest.approx(gan.history_[1]["fool_rate"][:5].mean())
    assert len(events.Tags()["scalars"]) == 10


@pytest.mark.parametrize("is_pruned", [True, False])
def test_optuna_prunes_a_training_by_its_validation_metric(recipe, is_pruned):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    models = []

    def objective(trial):
        prune = recipe("Optuna", trial=trial, optuna=optuna)["prune"]
        gamma = trial.suggest_float("gamma", 0.1, 1.0)
        gan = ImageGAN(n_steps=12, capacity=0.3, gamma=gamma, random_state=0, callback=prune)
        models.append(gan)
        gan.fit(DIGITS.images[:24], DIGITS.target[:24])
        return 0.0

    upper = -math.inf if is_pruned else math.inf
    study = optuna.create_study(pruner=optuna.pruners.ThresholdPruner(upper=upper))
    study.optimize(objective, n_trials=1)
    (trial,) = study.trials
    # images are rated from half of the steps on
    assert list(trial.intermediate_values) == ([10] if is_pruned else [10, 12])
    assert trial.state.name == ("PRUNED" if is_pruned else "COMPLETE")
    if is_pruned:
        with pytest.raises(NotFittedError):
            models[0].sample(1)
