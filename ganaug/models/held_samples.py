"""Files of models with the samples that they were trained on, or without."""

from typing import Any

from ganaug.models.state_checks import check_draws_alone


class HeldSamplesMixin:
    """Lets a model be saved without the training samples that it holds."""

    # Names of the arrays of these samples, and of their labels.
    _HELD: tuple[str, str]

    def _without_samples(self) -> Any:
        check_draws_alone(self)
        bare = super()._without_samples()  # type: ignore[misc]
        for name in self._HELD:
            if hasattr(self, name):
                setattr(bare, name, getattr(self, name)[:0])
        return bare
