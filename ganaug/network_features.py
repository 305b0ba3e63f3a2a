"""NetworkFeatures: the scikit-learn face for frozen networks of images."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ganaug.encoding.dataset import check_in_memory
from ganaug.encoding.image import ImageEncoder
from ganaug.metrics.feature_network import N_TRIED, FeatureNetwork
from ganaug.rollback import roll_back_on_error
from ganaug.validation import fit_context


class NetworkFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Features of images by a frozen network that knows more images than these.

    A linear classifier on them is what every other use of few images has to beat:
    ``make_pipeline(NetworkFeatures(network), LogisticRegression(C=0.01, max_iter=1000))``.

    Parameters
    ----------
    network : torch.nn.Module or callable
        Maps images (n, channels, height, width) to vectors, or to maps of one stage or several,
        as ``ImageGAN(features=network)`` takes it.
    image_shape : sequence of int or None, default=None
        (height, width) or (height, width, channels) of images that come as rows.
    value_range : (low, high) or None, default=None
        Values of black and white, as in ``ImageGAN``.

    Attributes
    ----------
    n_features_in_ : int
        Length of the second axis of ``X``.

    See Also
    --------
    ganaug.DiscriminatorFeatures : Learns features from images without labels.

    Notes
    -----
    Single features are about 1 in size: rows of each output of the network are as long as the
    root of their width. Networks that were trained on large photographs see more in images that
    are enlarged first, by ``torchvision.transforms.v2.Resize`` in front of them.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from ganaug import NetworkFeatures
    >>> digits = load_digits(n_class=2)
    >>> network = torch.nn.Sequential(torch.nn.AvgPool2d(2), torch.nn.Flatten())
    >>> classifier = make_pipeline(NetworkFeatures(network), LogisticRegression())
    >>> classifier.fit(digits.images[:100], digits.target[:100])[0].transform(digits.images).shape
    (360, 16)
    >>> round(classifier.score(digits.images[100:], digits.target[100:]), 2)
    0.93
    """

    _parameter_constraints: dict = {
        "network": [callable],
        "image_shape": ["array-like", None],
        "value_range": ["array-like", None],
    }

    def __init__(
        self,
        network: Callable,
        *,
        image_shape: Sequence[int] | None = None,
        value_range: tuple[float, float] | None = None,
    ):
        self.network = network
        self.image_shape = image_shape
        self.value_range = value_range

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Try the network on some of the images; it learns nothing.

        Parameters
        ----------
        X : (n, height, width), (n, height, width, channels) or (n, pixels) array
            Images of 8 to 512 pixels a side, uint8 or of other numbers; as rows with
            ``image_shape``.
        y : ignored

        Returns
        -------
        NetworkFeatures
            Itself, fitted.

        Raises
        ------
        ValueError
            For unsuitable images, or a network that gives no features of them.
        """
        with roll_back_on_error(self):
            check_in_memory(X)
            X = validate_data(self, X=X, allow_nd=True)
            self._encoder = ImageEncoder.fit(X, self.image_shape, self.value_range)
            images = self._encoder.encode(X[:N_TRIED])
            self._features = FeatureNetwork(self.network, images)
            self._n_features_out = self._features(images[:1]).shape[1]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Features (n, d) of images like those in ``fit``.

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For images of another shape or scale, or features that are not finite.
        """
        check_is_fitted(self)
        check_in_memory(X)
        # before scikit-learn makes an array of a tensor
        self._encoder.check_shape(X)
        X = validate_data(self, X=X, reset=False, allow_nd=True)
        self._encoder.check_scale(X)
        return self._features(self._encoder.encode_checked(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = self.image_shape is not None
        tags.input_tags.three_d_array = True
        return tags
