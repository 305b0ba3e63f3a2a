"""Print the tables of README from the saved results, and those behind its other figures.

``python -m benchmarks.reproduce`` takes about a second, and trains nothing; ``--write`` puts the
tables between their marks in README. ``python -m benchmarks.reproduce images/cascade`` prints all
that a program's results say, ``all`` that of all programs.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common.image_summaries import (
    accuracy_table,
    classifications,
    feature_gains,
    feature_scores,
    fine_tunings,
    long_tails,
    qualities,
    translations,
)
from benchmarks.common.image_summaries import unlabelled as unlabelled_images
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import FOLDER, as_table, read_records
from benchmarks.common.table_shapes import shape_table
from benchmarks.common.table_summaries import (
    FIDELITY,
    ablations,
    calibration,
    comparison_table,
    comparisons,
    mixtures,
    over_samplers,
    rank_table,
    real_and_synthetic,
    real_and_synthetic_table,
    unlabelled,
    unlabelled_gains,
    whole_only,
)

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- results: python -m benchmarks.reproduce --write, {} -->"
END = "<!-- end of results -->"

Records = list[dict[str, Any]]


def means(*scores: str) -> Callable[[Records], str]:
    """A function that makes a table of the scores' means."""
    return lambda records: markdown(mean_table(as_table(records), scores))


# What each program's results say.
SUMMARIES: dict[str, Callable[[Records], str]] = {
    "tables/comparison": comparisons,
    "tables/oversampling": over_samplers,
    "tables/mixing": mixtures,
    "tables/calibration": calibration,
    "tables/unlabelled": unlabelled,
    "tables/real_and_synthetic": real_and_synthetic,
    "tables/synthetic_only": means(*FIDELITY),
    "tables/shapes": shape_table,
    "tables/ablation": ablations,
    "images/classification": classifications,
    "images/fine_tuning": fine_tunings,
    "images/translation": translations,
    "images/discriminator_features": feature_gains,
    "images/features": feature_scores,
    "images/unlabelled": unlabelled_images,
    "images/long_tail": long_tails,
    "images/super_resolution": means("psnr", "ssim", "kid", "seconds"),
    "images/cascade": means("kid", "accuracy", "n_steps", "seconds"),
    "images/guided": means(
        "keypoint_recall", "keypoint_precision", "difference", "real_difference", "seconds"
    ),
    "images/quality": qualities,
}


def digits_tables(records: Records) -> str:
    """README's tables of scikit-learn's digits."""
    tasks = ("digits, to 80", "digits, to 300")
    return "\n\n".join(markdown(comparison_table(records, task)) for task in tasks)


def unlabelled_table(records: Records) -> str:
    """README's table of rows without a class."""
    return markdown(unlabelled_gains(records))


def features_table(records: Records) -> str:
    """README's table of a network that knows other images."""
    own = [
        record
        for record in records
        if record["options"]["network"] != "random" and "accuracy" in record["scores"]
    ]
    return accuracy_table(own)


def unlabelled_images_table(records: Records) -> str:
    """README's table of images without a class."""
    return unlabelled_images(records).partition("\n\n")[0]


def real_and_synthetic_readme(records: Records) -> str:
    """README's table of ForestDiffusion's protocol."""
    return markdown(real_and_synthetic_table(records))


def ranks_table(records: Records) -> str:
    """README's table of over-samplers that ran on all folds."""
    return markdown(rank_table(whole_only(as_table(records)), "none"))


# What stands in README, by the program that measured it.
README_TABLES: dict[str, Callable[[Records], str]] = {
    "tables/comparison": digits_tables,
    "tables/oversampling": ranks_table,
    "tables/real_and_synthetic": real_and_synthetic_readme,
    "images/fine_tuning": fine_tunings,
    "images/discriminator_features": accuracy_table,
    "images/features": features_table,
    "tables/unlabelled": unlabelled_table,
    "images/unlabelled": unlabelled_images_table,
}


def results_of(program: str) -> Records:
    """Records of a program."""
    return read_records(FOLDER / f"{program}.jsonl")


def with_tables(readme: str) -> str:
    """README's text with its tables made anew."""
    for program, make in README_TABLES.items():
        begin = BEGIN.format(program)
        before, rest = readme.split(f"{begin}\n")
        _, after = rest.split(END, maxsplit=1)
        readme = f"{before}{begin}\n{make(results_of(program))}\n{END}{after}"
    return readme


def report(summaries: Mapping[str, Callable[[Records], str]]) -> str:
    """Summaries of the results of some programs."""
    return "\n\n".join(
        f"# {program}\n\n{make(results_of(program))}" for program, make in summaries.items()
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, or write README's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "programs", nargs="*", metavar="PROGRAM", help="all, or such as tables/mixing"
    )
    parser.add_argument("--write", action="store_true", help="write README's tables")
    options = parser.parse_args(arguments)
    names = list(SUMMARIES) if options.programs == ["all"] else options.programs
    unknown = [name for name in names if name not in SUMMARIES]
    if unknown:
        parser.error(f"nothing is shown of {unknown}, only of {list(SUMMARIES)}")
    if options.write:
        README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(report({name: SUMMARIES[name] for name in names} or README_TABLES))


if __name__ == "__main__":
    main()
