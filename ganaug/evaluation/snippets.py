"""Python to do what is advised: a few lines for each method, to be pasted."""

import ast
from collections.abc import Mapping

from ganaug.evaluation.methods import (
    CHOSEN_BY_GATE,
    CLASS_WEIGHTS,
    COPIES,
    COPIES_QUARTER_WEIGHT,
    COPIES_WITH_NOISE,
    GAN,
    GAN_QUARTER_ROWS,
    GAN_QUARTER_WEIGHT,
    LINEAR_ON_FEATURES,
    MOVED_COPIES,
    MOVED_THRESHOLDS,
    NETWORK,
    NETWORK_FROM_DISCRIMINATOR,
    NONE,
    SELF_TRAINING,
    SELF_TRAINING_GAN,
    SHUFFLED_COLUMNS,
    SMOTE_POINTS,
    SMOTE_WITH_NOISE,
)

# Models and strategies whose texts are Python, once their names are imported.
IMPORTED = {"TableGAN", "ImageGAN", "ClassTranslator", "PairedTranslator", "multiply"}

ADDED = """import numpy as np
from ganaug.evaluation.methods import {method}
from ganaug.strategy import rows_to_add

counts = rows_to_add({bare_strategy}, y)
X_all, y_all = {method}.augment(X, y, counts, None, np.random.RandomState(0))
{fit}"""

FIT = "estimator.fit(X_all, y_all)"
FIT_LIGHTER = """# of a pipeline, the weights go to the last step: svc__sample_weight
weights = np.where(np.arange(len(y_all)) < len(y), 1.0, 0.25)
estimator.fit(X_all, y_all, sample_weight=weights)"""

AUGMENTED = """from ganaug import AugmentedClassifier

model = AugmentedClassifier(
    estimator{gan}{more}{strategy}{seed})
model.fit(X, y)"""

NETWORK_CLASSIFIER = """from ganaug import DiscriminatorClassifier

model = DiscriminatorClassifier(
    {model}, pretrained={pretrained},
    sample_share=0.0, class_weight="balanced"{seed})
model.fit(X, y)"""

# Code by the names of methods, and values of its gaps.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    NONE.name: ("estimator.fit(X, y)", {}),
    CLASS_WEIGHTS.name: (
        """# of a pipeline, the parameter's name begins with that of the last step
estimator.set_params(class_weight="balanced").fit(X, y)""",
        {},
    ),
    MOVED_THRESHOLDS.name: (
        """from ganaug.evaluation.threshold_moving import ThresholdMovingClassifier

model = ThresholdMovingClassifier(estimator).fit(X, y)""",
        {},
    ),
    COPIES.name: (
        """from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline

sampler = RandomOverSampler({arguments})
model = make_pipeline(sampler, estimator).fit(X, y)""",
        {},
    ),
    COPIES_QUARTER_WEIGHT.name: (ADDED, {"method": "COPIES", "fit": FIT_LIGHTER}),
    COPIES_WITH_NOISE.name: (ADDED, {"method": "COPIES_WITH_NOISE", "fit": FIT}),
    SMOTE_POINTS.name: (ADDED, {"method": "SMOTE_POINTS", "fit": FIT}),
    SMOTE_WITH_NOISE.name: (ADDED, {"method": "SMOTE_WITH_NOISE", "fit": FIT}),
    SHUFFLED_COLUMNS.name: (ADDED, {"method": "SHUFFLED_COLUMNS", "fit": FIT}),
    MOVED_COPIES.name: (
        """from ganaug import AugmentedClassifier, ImageGAN

# trains nothing; augment, image_shape and value_range are to be those of your model
mover = ImageGAN(n_steps=0)
model = AugmentedClassifier(
    estimator, gan=mover, gate=None{strategy}{seed})
model.fit(X, y)""",
        {},
    ),
    GAN.name: (AUGMENTED, {"more": ", gate=None"}),
    GAN_QUARTER_WEIGHT.name: (AUGMENTED, {"more": ", gate=None, synthetic_weight=0.25"}),
    CHOSEN_BY_GATE: (AUGMENTED, {"more": ""}),
    # what the gate alone can do
    GAN_QUARTER_ROWS.name: (AUGMENTED, {"more": ""}),
    SELF_TRAINING.name: (AUGMENTED, {"more": ", unlabeled_label=-1"}),
    SELF_TRAINING_GAN.name: (AUGMENTED, {"more": ", unlabeled_label=-1"}),
    NETWORK.name: (NETWORK_CLASSIFIER, {"pretrained": "False"}),
    NETWORK_FROM_DISCRIMINATOR.name: (NETWORK_CLASSIFIER, {"pretrained": "True"}),
    LINEAR_ON_FEATURES.name: (
        """from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from ganaug import NetworkFeatures

classifier = LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000)
model = make_pipeline(NetworkFeatures(network), classifier).fit(X, y)""",
        {},
    ),
}


def snippet(method: str, settings: Mapping[str, str]) -> str | None:
    """Python that does what a method does, of a classifier, rows ``X`` and classes ``y``.

    Parameters
    ----------
    method : str
        Name of the method.
    settings : dict of str to str
        Python's texts of ``gan``, ``sampling_strategy`` and ``random_state``, as in
        ``Provenance``; where they are no code, the snippet takes a variable of that name.

    Returns
    -------
    str or None
        None for a method that is not the package's.

    Examples
    --------
    >>> print(snippet("GAN", {"gan": "TableGAN(n_steps=50)", "random_state": "0"}))
    from ganaug import AugmentedClassifier, TableGAN
    <BLANKLINE>
    model = AugmentedClassifier(
        estimator, gan=TableGAN(n_steps=50), gate=None, random_state=0)
    model.fit(X, y)
    """
    if method not in TEMPLATES:
        return None
    template, values = TEMPLATES[method]
    gan = _argument("gan", settings, "None")
    strategy = _argument("sampling_strategy", settings, "'auto'")
    seed = _argument("random_state", settings, "None")
    code = template.format(
        **{"more": "", **values},
        gan=gan,
        model=gan.removeprefix(", gan=") or "ImageGAN()",
        strategy=strategy,
        seed=seed,
        arguments=(strategy + seed).removeprefix(", "),
        bare_strategy=strategy.partition("=")[2] or "'auto'",
    )
    return _with_imports(code)


def _argument(name: str, settings: Mapping[str, str], default: str) -> str:
    """A setting as an argument of a call; nothing where it is the default."""
    text = settings.get(name, default)
    if text == default:
        return ""
    return f", {name}={text if _is_code(text) else name}"


def _is_code(text: str) -> bool:
    """True for literals, and calls of what can be imported from the package with literals.

    Examples
    --------
    >>> _is_code("TableGAN(n_steps=5)"), _is_code("multiply(factor=2.0)"), _is_code("{0: 90}")
    (True, True, True)
    >>> _is_code("<function f at 0x1>"), _is_code("ImageGAN(features=Linear(in_features=2))")
    (False, False)
    """
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names <= IMPORTED


def _with_imports(code: str) -> str:
    """Code with an import of the models and strategies that its arguments name."""
    used = {
        node.func.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    imported = {
        alias.name
        for node in ast.parse(code).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    missing = sorted((used & IMPORTED) - imported)
    if not missing:
        return code
    first = next((line for line in code.splitlines() if line.startswith("from ganaug import ")), "")
    if first:
        return code.replace(first, f"{first}, {', '.join(missing)}", 1)
    return f"from ganaug import {', '.join(missing)}\n{code}"
