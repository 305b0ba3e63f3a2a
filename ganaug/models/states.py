"""Fitted states of models, as files hold them: records, and what has to agree in them."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ganaug.encoding.conditions import Conditions
from ganaug.encoding.one_hot import OneHotGroups
from ganaug.encoding.schema import TableSchema
from ganaug.encoding.table import TableEncoder
from ganaug.encoding.table_spelling import TableSpelling
from ganaug.models.row_selection import RowSelector
from ganaug.models.state_checks import check_health, check_history, check_kind
from ganaug.storage.fields import (
    MAX_COUNT,
    Array,
    Count,
    Interval,
    Label,
    MaxLength,
    SortedLabels,
    Text,
)
from ganaug.storage.fields import attribute as of
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.rebuildable import RebuildableNetwork
from ganaug.training.untrained.local_gaussian import LocalGaussian

Share = Annotated[float, Interval(0, 1)]
Size = Annotated[int, Interval(1, MAX_COUNT)]
Digest = Annotated[str, MaxLength(64)]
Names = Annotated[np.ndarray, Array("text", "features")]
History = dict[str, Annotated[np.ndarray, Array("float32", "_", nan=True)]]


@dataclass(frozen=True, eq=False)
class FittedClasses:
    """State of a model of classes: one generator for each."""

    classes: SortedLabels = of("classes_")
    class_counts: dict[Label, Size] = of("class_counts_")
    tiers: dict[Label, Text] = of("tiers_")
    generators: dict[Label, RebuildableNetwork] = of("generators_")
    discriminators: dict[Label, RebuildableNetwork | None] = of("discriminators_")
    history: dict[Label, History] = of("history_")
    health: dict[Label, Text] = of("health_")
    n_steps: Count = of("n_steps_")
    data_digest: Digest = of("data_digest_")
    n_features_in: Count = of("n_features_in_")
    feature_names_in: Names | None = of("feature_names_in_", optional=True)
    stream: np.random.RandomState = of("_stream")

    def __post_init__(self) -> None:
        labels = [(type(label), label) for label in self.classes.tolist()]
        names = ("class_counts", "tiers", "generators", "discriminators", "history", "health")
        for name in names:
            if [(type(label), label) for label in getattr(self, name)] != labels:
                raise ValueError(f"{name} are not those of the classes {self.classes!r:.100}")
        for history in self.history.values():
            check_history(history)
        check_health(self.health.values())

    def trained_networks(self) -> list[tuple[Any, Any]]:
        """Generators and discriminators of the classes that have both."""
        pairs = zip(self.generators.values(), self.discriminators.values(), strict=True)
        return [pair for pair in pairs if pair[1] is not None]


@dataclass(frozen=True, eq=False)
class FittedTable(FittedClasses):
    """Fitted state of a ``TableGAN``, as files hold it."""

    schema: TableSchema = of("_schema")
    one_hot: OneHotGroups = of("_one_hot")
    encoder: TableEncoder = of("_encoder")
    conditions: Conditions | None = of("_conditions")
    acceptance: dict[Label, Share] = of("acceptance_")
    n_tried: dict[Label, Annotated[np.ndarray, Array("int64", "2", 0)]] = of("_n_tried")
    kept_rows: Annotated[np.ndarray, Array("number", "kept merged", nan=True)] = of("_kept_rows")
    kept_labels: Annotated[np.ndarray, Array("int64", "kept", 0)] = of("_kept_labels")
    selector: RowSelector | None = of("_selector")
    spelling: TableSpelling | None = of("spelling_")
    target_name: str | None = of("target_name_")

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (len(self.one_hot.places), len(self.schema.is_categorical))
        merged = (len(self.encoder.columns), self.kept_rows.shape[1])
        if set(sizes) != {self.n_features_in} or set(merged) != {self.one_hot.n_merged}:
            raise ValueError(f"there are {sizes}, {merged} and {self.n_features_in} columns")
        if not np.isin(self.classes, self.encoder.labels).all():
            raise ValueError("the encoder does not know all classes")
        # none at all where the model was saved without rows
        if len(self.kept_labels) and set(self.kept_labels) != {*range(len(self.classes))}:
            raise ValueError("there are no kept rows of a class, or of none")
        if not (self.acceptance.keys() == self.n_tried.keys() <= self.class_counts.keys()):
            raise ValueError("acceptances are not those of the classes")
        self._check_names()
        self._check_networks()
        if self.conditions is not None:
            self.conditions.check_columns(self.schema.columns)
        if self.selector is not None:
            self.selector.check(self.encoder.labels, len(self.encoder.columns))
        self.schema.check_writable()
        if self.spelling is not None:
            self.spelling.check_columns(self.schema.columns)
            if self.spelling.target != self.target_name:
                raise ValueError("the spelling is of other labels")

    def _check_names(self) -> None:
        """Raise a ValueError where names of columns are not as scikit-learn has them."""
        columns = self.schema.columns
        if columns is not None:
            # those of all are text, or of none
            texts = [isinstance(name, str) for name in columns]
            names = list(self.feature_names_in) if self.feature_names_in is not None else []
            if names != (list(columns) if all(texts) else []) or len(set(texts)) > 1:
                raise ValueError("names of columns are not those of the table")

    def _check_networks(self) -> None:
        """Raise a ValueError for networks of other rows than the encoder's."""
        layout = self.encoder.layout
        for generator in self.generators.values():
            check_kind(generator, AnchoredGenerator, TableGenerator, LocalGaussian)
            if generator.layout != layout:
                raise ValueError("a generator makes other rows than the encoder")
        for _, discriminator in self.trained_networks():
            check_kind(discriminator, TableDiscriminator)
            if discriminator.config["n_features"] != layout.width:
                raise ValueError("a discriminator looks at other rows than the encoder's")


def check_trained(
    state: FittedClasses, kind: type, sides: tuple[int, int], n_seen: int, **config: Any
) -> None:
    """Raise a ValueError for trained networks of another kind or configuration.

    Parameters
    ----------
    state : FittedClasses
    kind : type
        Class of the generators.
    sides : (height, width)
        Sides of the images that they make.
    n_seen : int
        Channels that the discriminators look at.
    **config
        Values that their configurations have to hold; a StageSizes by its channels.
    """
    configs = [generator.config for generator, _ in state.trained_networks()]
    for generator, discriminator in state.trained_networks():
        check_kind(generator, kind)
        check_kind(discriminator, ConvEncoder)
        for name, wanted in config.items():
            value = generator.config[name]
            if isinstance(value, StageSizes):
                value = value.n_channels if (value.height, value.width) == sides else None
            if value != wanted:
                raise ValueError(f"{name} of a generator does not go with the images")
        if generator.config != configs[0]:
            raise ValueError("generators of the classes are not built alike")
        seen = discriminator.config["sizes"]
        if (seen.n_channels, seen.height, seen.width) != (n_seen, *sides):
            raise ValueError("a discriminator looks at images of another size")
