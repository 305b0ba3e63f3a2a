"""Print the tables of README and of benchmarks/README.md from the saved results, and all others.

``python -m benchmarks.reproduce`` takes about a second, and trains nothing; ``--write`` puts the
tables between their marks in these pages. ``python -m benchmarks.reproduce images/cascade`` prints
all that a program's results say, ``all`` that of all programs.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.common.fit_times import fit_times
from benchmarks.common.image_summaries import (
    accuracy_table,
    classifications,
    feature_gains,
    feature_scores,
    fine_tunings,
    gains_by_steps,
    long_tails,
    qualities,
    translations,
)
from benchmarks.common.image_summaries import unlabelled as unlabelled_images
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.overview import overview
from benchmarks.common.results import FOLDER, as_table, read_records
from benchmarks.common.sequence_summaries import classifications as sequence_classifications
from benchmarks.common.sequence_summaries import (
    few_label_ranks,
    few_label_tables,
    quality_differences,
)
from benchmarks.common.sequence_summaries import qualities as sequence_qualities
from benchmarks.common.sequence_summaries import rank_tables as sequence_ranks
from benchmarks.common.table_shapes import shape_table
from benchmarks.common.table_summaries import (
    FIDELITY,
    ablations,
    calibration,
    comparison_table,
    comparisons,
    gate_table,
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
RESULTS_PAGE = Path(__file__).parent / "README.md"
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
    "images/report_steps": gains_by_steps,
    "images/unlabelled": unlabelled_images,
    "images/long_tail": long_tails,
    "images/super_resolution": means("psnr", "ssim", "kid", "seconds"),
    "images/cascade": means("kid", "accuracy", "n_steps", "seconds"),
    "images/large": means("kid", "features_kid", "cpu_seconds"),
    "images/projected": means("kid", "features_kid", "judge_accuracy", "n_steps", "cpu_seconds"),
    "images/guided": means(
        "keypoint_recall", "keypoint_precision", "difference", "real_difference", "seconds"
    ),
    "images/quality": qualities,
    "sequences/classification": sequence_classifications,
    "sequences/few_labels": few_label_tables,
    "sequences/quality": sequence_qualities,
    "cost/gate": means("rows", "classes", "trainings", "fits"),
    "cost/large_images": means("cpu_seconds", "seconds_per_step", "mib_taken"),
    "cost/parallel": means("speedup", "equal"),
}


def digits_tables(records: Records) -> str:
    """Tables of scikit-learn's digits."""
    tasks = ("digits, to 80", "digits, to 300")
    return "\n\n".join(markdown(comparison_table(records, task)) for task in tasks)


def whole_tables(records: Records) -> str:
    """Table of what the gate gained on tables as they come."""
    return markdown(gate_table(record for record in records if "permuted" in record["options"]))


def unlabelled_table(records: Records) -> str:
    """Table of rows without a class."""
    return markdown(unlabelled_gains(records))


def features_table(records: Records) -> str:
    """Table of a network that knows other images."""
    own = [
        record
        for record in records
        if record["options"]["network"] != "random" and "accuracy" in record["scores"]
    ]
    return accuracy_table(own)


def unlabelled_images_table(records: Records) -> str:
    """Table of images without a class."""
    return unlabelled_images(records).partition("\n\n")[0]


def real_and_synthetic_readme(records: Records) -> str:
    """Table of ForestDiffusion's protocol."""
    return markdown(real_and_synthetic_table(records))


def ranks_table(records: Records) -> str:
    """Table of over-samplers that ran on all folds."""
    return markdown(rank_table(whole_only(as_table(records)), "none"))


# Tables of benchmarks/README.md, by the program that measured them, and what of it they show.
RESULT_TABLES: dict[str, Callable[[Records], str]] = {
    "tables/comparison": digits_tables,
    "tables/comparison, gate": whole_tables,
    "tables/oversampling": ranks_table,
    "tables/real_and_synthetic": real_and_synthetic_readme,
    "images/fine_tuning": fine_tunings,
    "images/discriminator_features": accuracy_table,
    "images/features": features_table,
    "tables/unlabelled": unlabelled_table,
    "images/unlabelled": unlabelled_images_table,
    "images/large": SUMMARIES["images/large"],
    "images/projected": SUMMARIES["images/projected"],
    "cost/gate": SUMMARIES["cost/gate"],
    "cost/parallel": SUMMARIES["cost/parallel"],
    "sequences/classification": sequence_ranks,
    "sequences/few_labels": few_label_ranks,
    "sequences/quality": quality_differences,
}


def results_of(name: str) -> Records:
    """Records of a program, whatever of it is shown."""
    program, _, _ = name.partition(",")
    return read_records(FOLDER / f"{program}.jsonl")


# Tables of each page, by the names of their marks.
PAGES: dict[Path, dict[str, Callable[[], str]]] = {
    README: {
        "overview": partial(overview, results_of),
        "times of fits": partial(fit_times, results_of),
    },
    RESULTS_PAGE: {
        name: lambda name=name, make=make: make(results_of(name))
        for name, make in RESULT_TABLES.items()
    },
}


def with_tables(page: Path, text: str) -> str:
    """Text of a page with its tables made anew."""
    for name, make in PAGES[page].items():
        begin = BEGIN.format(name)
        before, rest = text.split(f"{begin}\n")
        _, after = rest.split(END, maxsplit=1)
        text = f"{before}{begin}\n{make()}\n{END}{after}"
    return text


def report(summaries: Mapping[str, Callable[[Records], str]]) -> str:
    """Summaries of the results of some programs."""
    return "\n\n".join(
        f"# {program}\n\n{make(results_of(program))}" for program, make in summaries.items()
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, or write those of the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "programs", nargs="*", metavar="PROGRAM", help="all, or such as tables/mixing"
    )
    parser.add_argument("--write", action="store_true", help="write the tables of the pages")
    options = parser.parse_args(arguments)
    names = list(SUMMARIES) if options.programs == ["all"] else options.programs
    unknown = [name for name in names if name not in SUMMARIES]
    if unknown:
        parser.error(f"nothing is shown of {unknown}, only of {list(SUMMARIES)}")
    if options.write:
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            page.write_text(with_tables(page, text), encoding="utf-8")
    elif names:
        print(report({name: SUMMARIES[name] for name in names}))
    else:
        print(f"# overview\n\n{overview(results_of)}\n\n{report(RESULT_TABLES)}")


if __name__ == "__main__":
    main()
