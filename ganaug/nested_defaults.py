"""Parameters of an estimator that stands in another one's place of None."""

from abc import abstractmethod
from collections.abc import Collection
from typing import Any


class NestedDefaultsMixin:
    """Mixin of estimators with a nested one that may be None, which stands for a default.

    ``set_params(gan__n_steps=5)`` then puts the default in the place of None before it sets
    parameters of it, so that a grid search reaches them. It comes before ``BaseEstimator``.

    Examples
    --------
    >>> from ganaug import AugmentedClassifier
    >>> model = AugmentedClassifier().set_params(gan__n_steps=5, estimator__C=0.1)
    >>> model.gan, model.estimator
    (TableGAN(n_steps=5), LogisticRegression(C=0.1))
    """

    @abstractmethod
    def _default_of(self, name: str, inner_names: Collection[str]) -> Any:
        """Estimator that None stands for in a parameter, with nested parameters of these names.

        Parameters
        ----------
        name : str
            Name of the parameter.
        inner_names : collection of str
            Names of the default's own parameters that are to be set.

        Returns
        -------
        estimator or None
            None where the parameter holds no estimator by default.
        """

    def set_params(self, **params: Any) -> Any:
        """Set parameters, also ``<name>__<parameter>`` of nested estimators and of defaults.

        Where ``gan`` (or ``estimator``) is None, its default is put there before a parameter of
        it is set.

        Returns
        -------
        estimator
            Itself.

        Raises
        ------
        ValueError
            For a parameter that there is not.
        """
        given = {**self.get_params(deep=False), **params}  # type: ignore[attr-defined]
        nested: dict[str, dict[str, Any]] = {}
        for key, value in params.items():
            name, delimiter, inner = key.partition("__")
            if delimiter and given.get(name, ...) is None:
                nested.setdefault(name, {})[inner] = value
        for name, values in nested.items():
            default = self._default_of(name, [inner.partition("__")[0] for inner in values])
            if default is not None:
                # refused values leave None where it is
                params[name] = default.set_params(**values)
        return super().set_params(**params)  # type: ignore[misc]
