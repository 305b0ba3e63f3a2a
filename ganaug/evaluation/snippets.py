"""Python to do what is advised: a few lines for each method, to be pasted."""

import ast
from collections.abc import Mapping

from ganaug.evaluation import methods
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import (
    CHOSEN_BY_GATE,
    CLASS_WEIGHTS,
    GAN,
    GAN_QUARTER_ROWS,
    GAN_QUARTER_WEIGHT,
    LINEAR_ON_FEATURES,
    MOVED_COPIES,
    NETWORK,
    NETWORK_FROM_DISCRIMINATOR,
    NONE,
    SELF_TRAINING,
    SELF_TRAINING_GAN,
)

# Models and strategies whose texts are Python, once their names are imported.
IMPORTED = {"TableGAN", "ImageGAN", "ClassTranslator", "PairedTranslator", "multiply"}

# Settings that a snippet takes over where they are not the defaults, which are not written.
DEFAULTS = {"gan": "None", "sampling_strategy": "'auto'", "random_state": "None"}

AUGMENTED = """from ganaug import AugmentedClassifier

model = AugmentedClassifier(
    estimator{gan}{more}{sampling_strategy}{random_state})
model.fit(X, y)"""

NETWORK_CLASSIFIER = """from ganaug import DiscriminatorClassifier

model = DiscriminatorClassifier(
    {model}, pretrained={pretrained},
    sample_share=0.0, class_weight="balanced"{random_state})
model.fit(X, y)"""

# Rows that are added without a GAN.
ADDED_ROWS = """import numpy as np
from ganaug.evaluation.methods import {constant}
from ganaug.strategy import rows_to_add

counts = rows_to_add({strategy}, y)
rng = np.random.RandomState({seed})
X_all, y_all = {constant}.augment(X, y, counts, None, rng)
{fit}"""

# Classifier that learns from the rows as they are.
PREPARED = """from ganaug.evaluation.methods import {constant}

model = {constant}.prepare(estimator).fit(X, y)"""

FIT = "estimator.fit(X_all, y_all)"
FIT_LIGHTER = """# of a pipeline, the weights go to the last step: svc__sample_weight
weights = np.where(np.arange(len(y_all)) < len(y), 1.0, {weight})
estimator.fit(X_all, y_all, sample_weight=weights)"""

# Code by the names of methods, and values of its gaps; others have one that follows from what the
# method does.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    NONE.name: ("estimator.fit(X, y)", {}),
    CLASS_WEIGHTS.name: (
        """# of a pipeline, the parameter's name begins with that of the last step
estimator.set_params(class_weight="balanced").fit(X, y)""",
        {},
    ),
    MOVED_COPIES.name: (
        """from ganaug import AugmentedClassifier, ImageGAN

# trains nothing; augment, image_shape and value_range are to be those of your model
mover = ImageGAN(n_steps=0)
model = AugmentedClassifier(
    estimator, gan=mover, gate=None{sampling_strategy}{random_state})
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
    found = TEMPLATES.get(method) or _template_of(method)
    if found is None:
        return None
    template, values = found
    texts = {name: _code(name, settings.get(name, value)) for name, value in DEFAULTS.items()}
    arguments = {
        name: "" if texts[name] == value else f", {name}={texts[name]}"
        for name, value in DEFAULTS.items()
    }
    code = template.format(
        **values,
        **arguments,
        model="ImageGAN()" if texts["gan"] == "None" else texts["gan"],
        strategy=texts["sampling_strategy"],
        seed=texts["random_state"],
    )
    return _with_imports(code)


def _template_of(name: str) -> tuple[str, dict[str, str]] | None:
    """Code of a method that follows from what it does, if it is one of the package's."""
    constants = {
        value.name: constant
        for constant, value in vars(methods).items()
        if isinstance(value, Method)
    }
    if name not in constants:
        return None
    method: Method = getattr(methods, constants[name])
    fit = FIT if method.weight == 1 else FIT_LIGHTER.format(weight=method.weight)
    template = PREPARED if method.add_rows is None else ADDED_ROWS
    return template, {"constant": constants[name], "fit": fit}


def _code(name: str, text: str) -> str:
    """A setting's text where it is code: literals, and calls of what can be imported, with such.

    Examples
    --------
    >>> _code("gan", "TableGAN(n_steps=5)"), _code("sampling_strategy", "{0: 90}")
    ('TableGAN(n_steps=5)', '{0: 90}')
    >>> _code("gan", "<object at 0x1>"), _code("gan", "ImageGAN(features=Linear())")
    ('gan', 'gan')
    """
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return name
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return text if names <= IMPORTED else name


def _with_imports(code: str) -> str:
    """Code with an import of the models and strategies that its arguments name."""
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    imported = {
        alias.name
        for node in ast.parse(code).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    missing = ", ".join(sorted((used & IMPORTED) - imported))
    if not missing:
        return code
    first = next((line for line in code.splitlines() if line.startswith("from ganaug import ")), "")
    if first:
        return code.replace(first, f"{first}, {missing}", 1)
    return f"from ganaug import {missing}\n{code}"
