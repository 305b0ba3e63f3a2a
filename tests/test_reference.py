"""Pages of the reference: each public name is listed and described in them, once."""

import re
from pathlib import Path

import ganaug
import ganaug.report

ROOT = Path(ganaug.__file__).parents[1]
PUBLIC = [
    *ganaug.__all__,
    *(f"report.{name}" for name in ganaug.report.__all__),
    "transforms.GANReplace",
]


def test_every_public_name_is_listed_and_described_once():
    pages = [path for path in (ROOT / ".docs").glob("*.rst") if path.stem != "index"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    described = re.findall(r"^\.\. auto(?:class|function):: (?:ganaug\.)?(\S+)$", text, re.M)
    listed = re.findall(r"^   ([\w.]+)$", text, re.M)
    assert sorted(described) == sorted(PUBLIC)
    assert sorted(listed) == sorted(PUBLIC)
