"""Requirements that a candidate must meet to be ranked for a job at all."""

from dataclasses import dataclass

import numpy as np

from ranker.errors import UnknownFieldError
from ranker.records.field import refuse_protected
from ranker.records.records import Records
from ranker.records.values import normal

KINDS = ("equals", "one_of", "at_least", "present", "covers")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement; a candidate who does not meet it is set aside from that job, with the reason.

    Parameters
    ----------
    name : str
        Its name.
    kind : {"equals", "one_of", "at_least", "present", "covers"}
        ``equals`` and ``one_of`` compare a text with ``values``, whatever the case;
        ``at_least`` a number with ``minimum`` or with the number in ``required``;
        ``present`` asks that a value be given; ``covers`` that ``field``, a list, hold
        every item of ``required``.
    field : str
        Path of what the candidate brings.
    required : str or None
        Path of what the job asks for (``at_least``, ``covers``).
    values : tuple of str
        Accepted texts.
    minimum : float or None
        Smallest accepted number.
    reason : str
        What the candidate is told.
    """

    name: str
    kind: str
    field: str
    required: str | None = None
    values: tuple[str, ...] = ()
    minimum: float | None = None
    reason: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths that the requirement reads."""
        return (self.field,) if self.required is None else (self.field, self.required)

    def met(self, records: Records) -> np.ndarray:
        """Tell for each pair whether the requirement is met; a value not given does not meet it.

        A job that asks for nothing (``required`` not given) is met by everybody.

        Returns
        -------
        (n,) bool array
        """
        if self.kind in ("equals", "one_of"):
            accepted = {normal(value) for value in self.values}
            found, forms = records.at(self.field, "text").tolist(), records.memo.forms
            return np.array([v is not None and forms[v] in accepted for v in found], dtype=bool)
        if self.kind == "present":
            return np.array([v is not None and v != () for v in records.at(self.field, "names")], dtype=bool)
        if self.kind == "at_least":
            value = records.at(self.field, "number")
            if self.required is None:
                return value >= (0.0 if self.minimum is None else self.minimum)
            least = records.at(self.required, "number")
            return np.isnan(least) | (value >= least)
        has, wants = records.at(self.field, "texts"), records.at(str(self.required), "texts")
        return np.array(
            [{normal(w) for w in want or ()} <= {normal(h) for h in have or ()}
             for have, want in zip(has, wants, strict=True)], dtype=bool,
        )  # fmt: skip

    def enforce(self, records: Records) -> Records:
        """Set aside the pairs that do not meet the requirement, each with the reason.

        Raises
        ------
        ProtectedFieldError
            If it reads a protected, sensitive or target field: nobody is shut out for who they are.
        """
        for path in self.sources:
            refuse_protected(path, records.fields, reader=f"requirement {self.name!r}")
        try:
            met = self.met(records)
        except UnknownFieldError as error:
            raise UnknownFieldError(f"requirement {self.name!r}: {error}") from None
        reason = f"requirement {self.name!r} not met" + (f": {self.reason}" if self.reason else "")
        for pair in np.flatnonzero(~met):
            row = f"candidate {records.candidate[pair]} for job {records.job[pair]}"
            records.ledger.note(
                "application",
                row,
                "set_aside",
                reason,
                path=self.field,
                before=records.raw(self.field, int(pair)),
            )
        return records.take(met)
