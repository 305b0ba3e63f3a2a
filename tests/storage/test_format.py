"""The written description of files says what the code writes and reads."""

import dataclasses
import inspect
import re
import types
import typing
from pathlib import Path
from typing import Annotated, get_args, get_origin

import pytest

import ganaug.storage
from ganaug.banks.contents import CLASSES as BANK_CLASSES
from ganaug.banks.contents import Contents
from ganaug.loading import CLASSES, ESTIMATORS, NETWORKS, RECORDS
from ganaug.storage import datasets, fields, objects, pandas_values, sealed, tree
from ganaug.storage.fields import Array, Label, field_hints
from ganaug.trainers import checkpoint

FORMAT = (Path(ganaug.storage.__file__).parent / "format.md").read_text(encoding="utf-8")
OF_CHECKPOINTS = [kind for kind in checkpoint.CLASSES.values() if kind not in RECORDS]


def described(hint):
    """A type hint as the description writes it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        constraints = ", ".join(str(one) for one in inner[1:])
        if isinstance(inner[1], Array):
            return constraints
        return f"{described(inner[0])}, {constraints}"
    if hint == Label:
        return "label"
    if origin in (types.UnionType, typing.Union):
        return " or ".join(described(one) for one in inner)
    if origin is None:
        return "None" if hint is type(None) else getattr(hint, "__name__", str(hint))
    items = [described(one) for one in inner if one is not Ellipsis]
    return f"{origin.__name__} of {' to '.join(items) if origin is dict else ', '.join(items)}"


def table(name):
    """First two columns of the table under a heading: a dict."""
    section = re.search(rf"^#+ `?{re.escape(name)}`?\n(.*?)(?=^#|\Z)", FORMAT, re.M | re.S)
    assert section, f"format.md has no section {name}"
    rows = [line.strip("| ").split(" | ") for line in section[1].splitlines() if line[:1] == "|"]
    return {row[0].strip("`"): row[1].strip("`") for row in rows[2:]}


@pytest.mark.parametrize("kind", [*RECORDS, *OF_CHECKPOINTS], ids=lambda kind: kind.__name__)
def test_every_field_of_a_record_is_described_with_its_type(kind):
    assert table(kind.__name__) == {
        name: described(hint) for name, hint in field_hints(kind).items()
    }


def test_every_argument_that_a_network_is_rebuilt_from_is_described():
    signatures = {}
    for kind in NETWORKS:
        own = "from_config" in vars(kind)
        arguments = inspect.signature(kind.from_config if own else kind.__init__).parameters
        names = [name for name in arguments if name not in ("self", "streams")]
        signatures[kind.__name__] = ", ".join(f"`{name}`" for name in names)
    found = {name: text.replace("`", "") for name, text in table("Networks").items()}
    assert found == {name: text.replace("`", "") for name, text in signatures.items()}


def test_every_estimator_is_described_with_its_state():
    assert table("Estimators") == {kind.__name__: kind.STATE.__name__ for kind in ESTIMATORS}


def test_every_kind_of_node_is_described():
    unpacker = tree.Unpacker([], {})
    kinds = {*unpacker._readers, *pandas_values.READERS, *objects.READERS}
    assert set(table("Values")) == kinds


def test_banks_hold_what_is_described():
    names = [one.name for one in dataclasses.fields(Contents)]
    assert list(table("Banks")) == names
    assert set(BANK_CLASSES) <= set(CLASSES)


def test_limits_are_those_of_the_code():
    limits = {name: text.replace(",", "") for name, text in table("Limits").items()}
    modules = {"tree": tree, "objects": objects, "fields": fields, "datasets": datasets}
    known = {
        f"{module}.{name}": str(value)
        for module, owner in modules.items()
        for name, value in vars(owner).items()
        if name.startswith(("MAX_", "MIN_")) and owner.__name__.endswith(module)
    }
    # what only tells text that repeats from other text is no limit
    del known["tree.MIN_REPEATS"]
    assert limits == {"sealed.USER_BLOCK": str(sealed.USER_BLOCK), **known}
