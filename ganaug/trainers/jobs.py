"""Groups of classes, trained one after the other, in threads or in jobs."""

import os
from collections.abc import Generator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from functools import partial

import torch

from ganaug.parallel import results_in_order, run_side_by_side
from ganaug.trainers.checkpoint import Checkpoint, GameStates
from ganaug.trainers.group import Group, GroupOutcome
from ganaug.trainers.monitor import GameReport, OnReport
from ganaug.trainers.recipe import OnSteps
from ganaug.trainers.tiers import format_labels
from ganaug.training.defaults import share_threads, torch_defaults

# What hides some of a machine's GPUs from a process.
VISIBLE_DEVICES = "CUDA_VISIBLE_DEVICES"


def train_groups(
    groups: Sequence[Group],
    on_steps: OnSteps,
    checkpoint: Checkpoint,
    n_threads: int = 1,
    n_jobs: int | None = None,
    on_report: OnReport | None = None,
) -> list[GroupOutcome]:
    """Train groups; results do not depend on which of them train at the same time.

    Parameters
    ----------
    groups : sequence of Group
    on_steps : callable
        Called with the number of updates done since its last call; of groups that are trained in
        jobs when they are done.
    checkpoint : Checkpoint
        File of the games' states.
    n_threads : int, default=1
        Threads of a CPU, which games share that are played at a time.
    n_jobs : int or None, default=None
        Groups at a time, as jobs of joblib's active backend; None is 1 unless a
        ``joblib.parallel_config`` says otherwise.
    on_report : callable or None, default=None
        Called in this process with how games go, and ends one where it returns True. Groups that
        are trained in jobs are reported when they are done, and cannot be ended.

    Returns
    -------
    list of GroupOutcome
        In the order of the groups; those that an interruption has kept from training are empty.

    Raises
    ------
    RuntimeError
        Where the process of a job has ended without a word.
    """
    n_at_once = max(1, min(n_threads, len(groups)))
    if len(groups) > 1 and run_side_by_side(n_jobs):
        n_threads_each = n_threads // n_at_once
        outcomes = _train_in_jobs(groups, on_steps, checkpoint, n_threads_each, n_jobs, on_report)
    elif n_at_once > 1:
        outcomes = _train_in_threads(groups, on_steps, checkpoint, n_threads, n_at_once, on_report)
    else:
        outcomes = _train_in_turn(groups, on_steps, checkpoint, on_report)
    n_missing = len(groups) - len(outcomes)
    return outcomes + [GroupOutcome(interrupted=True) for _ in range(n_missing)]


def job_device(device: torch.device, number: int, n_devices: int) -> torch.device:
    """Device of a job: jobs take GPUs in turn, unless the user has chosen one.

    Parameters
    ----------
    device : torch.device
        Device as the user named it.
    number : int
        Number of the job.
    n_devices : int
        Number of GPUs that the job's process may use.

    Examples
    --------
    >>> [str(job_device(torch.device("cuda"), number, n_devices=2)) for number in range(3)]
    ['cuda:0', 'cuda:1', 'cuda:0']
    >>> job_device(torch.device("cuda:1"), 0, n_devices=2), job_device(torch.device("cpu"), 1, 0)
    (device(type='cuda', index=1), device(type='cpu'))
    """
    if device.type != "cuda" or device.index is not None or n_devices == 0:
        return device
    return torch.device("cuda", number % n_devices)


def _train_in_turn(
    groups: Sequence[Group],
    on_steps: OnSteps,
    checkpoint: Checkpoint,
    on_report: OnReport | None,
) -> list[GroupOutcome]:
    outcomes: list[GroupOutcome] = []
    for group in groups:
        outcomes.append(group.train(on_steps, checkpoint, on_report))
        if outcomes[-1].interrupted:
            break
    return outcomes


def _train_in_threads(
    groups: Sequence[Group],
    on_steps: OnSteps,
    checkpoint: Checkpoint,
    n_threads: int,
    n_at_once: int,
    on_report: OnReport | None,
) -> list[GroupOutcome]:
    """Train groups in threads that share the processor."""
    interrupted = False

    def on_steps_until_interrupted(n_steps: int) -> None:
        if interrupted:
            raise KeyboardInterrupt
        on_steps(n_steps)

    def train(group: Group) -> GroupOutcome:
        nonlocal interrupted
        if interrupted:
            return GroupOutcome(interrupted=True)
        try:
            outcome = group.train(on_steps_until_interrupted, checkpoint, on_report)
        except BaseException:
            # others need not come to their ends before it is passed on
            interrupted = True
            raise
        interrupted |= outcome.interrupted
        return outcome

    with ThreadPoolExecutor(
        n_at_once, initializer=share_threads, initargs=(n_threads // n_at_once,)
    ) as pool:
        futures = [pool.submit(train, group) for group in groups]
        try:
            wait(futures)
        except KeyboardInterrupt:
            interrupted = True
    outcomes = [future.result() for future in futures]
    # games may have come to their ends before they were told
    outcomes[-1].interrupted |= interrupted
    return outcomes


def _train_in_jobs(
    groups: Sequence[Group],
    on_steps: OnSteps,
    checkpoint: Checkpoint,
    n_threads: int,
    n_jobs: int | None,
    on_report: OnReport | None,
) -> list[GroupOutcome]:
    """Train groups as jobs, each of so many threads."""
    visible = os.environ.get(VISIBLE_DEVICES)
    parts = [checkpoint.part(group.seeds.values()) for group in groups]
    calls = [
        partial(_train_in_job, group, states, number, n_threads, visible, on_report is not None)
        for number, (group, states) in enumerate(zip(groups, parts, strict=True))
    ]
    outcomes: list[GroupOutcome] = []
    with closing(_results_of_jobs(calls, groups, n_jobs)) as results:
        try:
            for outcome in results:
                outcomes.append(outcome)
                checkpoint.keep(outcome.games)
                on_steps(outcome.n_steps)
                if on_report is not None:
                    for report in outcome.reports:
                        on_report(report)
                if outcome.interrupted:
                    break
        except KeyboardInterrupt:
            for outcome in outcomes[-1:]:
                outcome.interrupted = True
    return outcomes


def _results_of_jobs(
    calls: Sequence, groups: Sequence[Group], n_jobs: int | None
) -> Generator[GroupOutcome, None, None]:
    """Results in their order; what has ended a process is said in words."""
    n_done = 0
    try:
        with closing(results_in_order(calls, n_jobs)) as results:
            for outcome in results:
                yield outcome
                n_done += 1
    except BrokenExecutor as error:
        missing = [label for group in groups[n_done:] for label in group.samples]
        raise RuntimeError(
            f"a process of n_jobs={n_jobs} ended without a word before {format_labels(missing)} "
            "were trained: it was killed, most often as memory was short. Lower n_jobs or "
            "batch_size; with a checkpoint, classes that were done are not trained again."
        ) from error


def _train_in_job(
    group: Group,
    states: GameStates,
    number: int,
    n_threads: int,
    visible: str | None,
    reported: bool,
) -> GroupOutcome:
    """Train a group in the process, or thread, of a job; keep its reports where they are wanted."""
    n_steps = 0
    reports: list[GameReport] = []

    def count(n_new: int) -> None:
        nonlocal n_steps
        n_steps += n_new

    def keep(report: GameReport) -> bool:
        reports.append(report)
        return False

    # where a cluster shows each of its workers other GPUs, the first is the worker's own
    if os.environ.get(VISIBLE_DEVICES) == visible:
        n_devices = torch.cuda.device_count()
        group = group.on(job_device(group.recipe.device, number, n_devices))
    with torch_defaults():
        torch.set_num_threads(n_threads)
        outcome = group.train(count, states, keep if reported else None)
    return replace(outcome, n_steps=n_steps, reports=reports, games=states.games)
