"""Groups of classes, divided between the processes of a ``torch.distributed`` group."""

from collections.abc import Sequence

from ganaug.ranks import Ranks
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.group import Group, GroupOutcome
from ganaug.trainers.jobs import train_groups
from ganaug.trainers.monitor import OnReport
from ganaug.trainers.recipe import OnSteps


def train_groups_on_ranks(
    groups: Sequence[Group],
    on_steps: OnSteps,
    checkpoint: Checkpoint,
    n_threads: int,
    n_jobs: int | None,
    on_report: OnReport | None,
    ranks: Ranks,
) -> list[GroupOutcome]:
    """Train groups on all ranks; each ends with the outcomes of all.

    Groups of classes that share networks are trained by all ranks, each of which takes a part of
    every batch; the others are dealt out.

    Parameters
    ----------
    groups, on_steps, checkpoint, n_threads, n_jobs
        As in ``train_groups``, equal on all ranks.
    on_report : callable or None
        Called with how the games go that all ranks play, and ends one where it returns True; so
        it has to on all ranks or on none.
    ranks : Ranks
        This process, and the others.

    Raises
    ------
    KeyboardInterrupt
        Where that has ended a game; the other ranks then fail too.
    """
    outcomes: dict[int, GroupOutcome] = {}
    for number, group in enumerate(groups):
        if group.is_shared:
            # one rank keeps the states of a game that all play
            states = checkpoint if ranks.rank == 0 else checkpoint.part(group.seeds.values())
            outcomes[number] = _uninterrupted(group.train(on_steps, states, on_report, ranks))
    rest = [number for number, group in enumerate(groups) if not group.is_shared]
    if not rest:
        return [outcomes[number] for number in range(len(groups))]
    mine = rest[ranks.rank :: ranks.size]
    n_done = 0

    def count(n_steps: int) -> None:
        nonlocal n_done
        n_done += n_steps
        on_steps(n_steps)

    own_groups = [groups[number] for number in mine]
    trained = train_groups(own_groups, count, checkpoint, n_threads, n_jobs)
    own = dict(zip(mine, map(_uninterrupted, trained), strict=True))
    told = ranks.gather((n_done, own))
    on_steps(sum(n_steps for n_steps, _ in told) - n_done)
    for _, dealt in told:
        outcomes |= dealt
    return [outcomes[number] for number in range(len(groups))]


def _uninterrupted(outcome: GroupOutcome) -> GroupOutcome:
    """The outcome; an interruption of one rank ends the training of all."""
    if outcome.interrupted:
        raise KeyboardInterrupt
    return outcome
