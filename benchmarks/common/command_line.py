"""Command line that the programs have in common."""

import argparse
import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.common.results import Results, results_path


class CommandLine:
    """Options that all programs take, and the results that they lead to.

    Parameters
    ----------
    description : str
        Docstring of the program; its first line is shown.
    program : str
        Path of the program's source.
    data : {"none", "optional", "required"}, default="none"
        Whether it reads public data sets from the folder that ``python -m benchmarks.data``
        fills. With ``--smoke`` it never does.
    n_seeds : int or None, default=None
        Default of ``--seeds``; None where the program draws nothing by seeds.
    """

    def __init__(
        self, description: str, program: str, data: str = "none", n_seeds: int | None = None
    ):
        self.parser = argparse.ArgumentParser(description=description.splitlines()[0])
        self._program = program
        self._needs_data = data == "required"
        add = self.parser.add_argument
        add("--smoke", action="store_true", help="run in seconds, on bundled data: to see it work")
        add("--output", type=Path, help="file of results (default: that beside the programs)")
        if data != "none":
            add("--data", type=Path, help="folder that python -m benchmarks.data has filled")
        if n_seeds is not None:
            add("--seeds", type=int, default=n_seeds, help=f"draws of the data ({n_seeds})")
            add("--first-seed", type=int, default=0, help="from 1000 on for tuning (0)")

    def parse(self, smoke: dict[str, Any], arguments: Sequence[str] | None = None):
        """Parse the command line.

        Parameters
        ----------
        smoke : dict of str to value
            What ``--smoke`` sets the options to.
        arguments : sequence of str or None, default=None
            Words of the command line; None takes those of the process.

        Returns
        -------
        options : Namespace
        results : Results
            Of the program's own file, or of ``--output``; with ``--smoke`` alone of none.
        """
        options = self.parser.parse_args(arguments)
        if options.smoke:
            one_seed = {"seeds": 1} if hasattr(options, "seeds") else {}
            vars(options).update({**one_seed, **smoke})
        elif self._needs_data and options.data is None:
            self.parser.error("--data is needed: python -m benchmarks.data DIR fills a folder")
        path = options.output
        if path is None and not options.smoke:
            path = results_path(self._program)
        return options, Results(path)


def seeds_of(options: argparse.Namespace) -> range:
    """Seeds that ``--seeds`` and ``--first-seed`` ask for."""
    return range(options.first_seed, options.first_seed + options.seeds)


def parameter(pair: str) -> tuple[str, Any]:
    """A parameter of a model: a Python literal where it is one, else a word.

    Examples
    --------
    >>> parameter("n_steps=500"), parameter("sharing=none")
    (('n_steps', 500), ('sharing', 'none'))
    """
    name, _, value = pair.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def title(parameters: dict[str, Any], name: str) -> str:
    """Name of a variant, with its parameters."""
    return " ".join([name, *(f"{key}={value}" for key, value in parameters.items())])
