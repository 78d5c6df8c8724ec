"""A row of the speed table: one piece of work, done by us and by others on the same input."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Work that is ready to run: inputs are drawn, models trained, everything warm.

    Parameters
    ----------
    ours : callable
        Does the work and returns its result.
    peers : dict of str to callable
        The same work by others, in their best form, on the same input; "plain" is the obvious
        Python twin, where it is quick enough.
    n : int
        Units of work.
    n_bytes : float
        That must at least be read and written, whatever the algorithm: with the machine's copy
        bandwidth they bound the time from below. 0 where arithmetic is the bound.
    n_of_peer : dict of str to int
        Units that a peer does where it would take too long to do all of them; times are compared a unit.
    net : dict of str to callable
        Work that a peer does besides, on the same input; its time is taken off the peer's.
    quality : dict of str to float
        Of the models, such as NDCG@10 on rows that no model saw.
    """

    ours: Work
    peers: Mapping[str, Work]
    n: int
    n_bytes: float = 0.0
    n_of_peer: Mapping[str, int] = field(default_factory=dict)
    net: Mapping[str, Work] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of the table.

    Parameters
    ----------
    name : str
        Short, for tables and ``--only``.
    work : str
        What is done, in words, at full size.
    unit : str
        Of what a rate is stated: "row", "pair", "list".
    prepare : callable
        ``prepare(scale, n_threads)`` draws the inputs: scale 1 is the work as stated; tests use
        .001 and less, and every scale from there must work.
    same : callable
        ``same(ours, peer)`` tells whether two results agree, in the sense that ``agreement`` says.
    agreement : str
        Such as "to the last bit", "1e-6 relative".
    targets : dict of str to float
        How many times a peer's speed the row is to reach at least.
    aims : dict of str to float
        How many times would be good.
    with_threads : bool
        Whether it is measured with all threads too: work that arithmetic bounds.
    more : float
        Times the work that threads are measured on: starting them takes .1 ms.
    """

    name: str
    work: str
    unit: str
    prepare: Callable[[float, int], Case]
    same: Callable[[Any, Any], bool]
    agreement: str
    targets: Mapping[str, float] = field(default_factory=dict)
    aims: Mapping[str, float] = field(default_factory=dict)
    with_threads: bool = False
    more: float = 1.0
