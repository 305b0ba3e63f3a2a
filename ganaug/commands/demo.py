"""``ganaug demo``: what GANs and simple methods do for scikit-learn's digits."""

import argparse

from ganaug.commands.terminal import escape, print_lines
from ganaug.demo import run_demo
from ganaug.storage.atomic import atomic_write


def run(options: argparse.Namespace) -> None:
    """Run the demo, write its page, and sum it up."""
    with atomic_write(options.output) as page:
        text = run_demo(options.splits, page, shown_path=escape(options.output))
    print_lines(*text.split("\n"))
