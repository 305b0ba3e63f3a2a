"""Python to do what is advised: a few lines for each method, to be pasted."""

import ast
from collections.abc import Mapping

from ganaug.evaluation.methods import (
    CHOSEN_BY_GATE,
    LINEAR_ON_FEATURES,
    METHODS,
    NETWORK,
    NETWORK_FROM_DISCRIMINATOR,
    NONE,
    SELF_TRAINING,
    SELF_TRAINING_GAN,
)

# Models and strategies whose texts are Python, once their names are imported.
IMPORTED = {
    "TableGAN",
    "ImageGAN",
    "SequenceGAN",
    "ClassTranslator",
    "PairedTranslator",
    "multiply",
}

# Settings that a snippet takes over where they are not the defaults, which are not written.
DEFAULTS = {
    "gan": "None",
    "sampling_strategy": "'auto'",
    "n_steps": "'auto'",
    "random_state": "None",
}

AUGMENTED = """from ganaug import AugmentedClassifier

model = AugmentedClassifier(
    estimator{gan}{more}{sampling_strategy}{random_state})
model.fit(X, y)"""

NETWORK_CLASSIFIER = """from ganaug import DiscriminatorClassifier

model = DiscriminatorClassifier(
    {model}, pretrained={pretrained},
    sample_share=0.0{n_steps}, class_weight="balanced"{random_state})
model.fit(X, y)"""

# Code by the names of methods, and values of its gaps; others are parameters of
# AugmentedClassifier.
TEMPLATES: dict[str, tuple[str, dict[str, str]]] = {
    NONE.name: ("estimator.fit(X, y)", {}),
    CHOSEN_BY_GATE: (AUGMENTED, {"more": ""}),
    SELF_TRAINING.name: (AUGMENTED, {"more": ", method='self-training', unlabeled_label=-1"}),
    SELF_TRAINING_GAN.name: (
        AUGMENTED,
        {"more": ", method='self-training + GAN',\n    unlabeled_label=-1"},
    ),
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
        Python's texts of parameters, as in ``Provenance``; where they are no code, the snippet
        takes a variable of that name.

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
        estimator, gan=TableGAN(n_steps=50), method='GAN', random_state=0)
    model.fit(X, y)
    """
    if method not in TEMPLATES and method not in METHODS:
        return None
    template, values = TEMPLATES.get(method, (AUGMENTED, {"more": f", method={method!r}"}))
    texts = {name: _code(name, settings.get(name, value)) for name, value in DEFAULTS.items()}
    arguments = {
        name: "" if texts[name] == value else f", {name}={texts[name]}"
        for name, value in DEFAULTS.items()
    }
    if method in METHODS and not (METHODS[method].needs_gan or METHODS[method].asks_model):
        arguments["gan"] = ""
    code = template.format(
        **values,
        **arguments,
        model="ImageGAN()" if texts["gan"] == "None" else texts["gan"],
    )
    return _with_imports(code)


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
