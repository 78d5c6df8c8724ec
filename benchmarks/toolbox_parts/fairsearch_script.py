"""Adjust FA*IR tables with fairsearchcore, in the environment that has it; JSON in and out.

    python fairsearch_script.py < GIVEN > FOUND

GIVEN is a list of ``{"k", "p", "alpha"}``; FOUND has for each the ``unadjusted`` and the ``adjusted`` table,
the adjusted ``alpha``, what the package says is the ``fail_probability`` of the adjusted table, and the
``seconds`` of the processor that the adjusted table took.
"""

import json
import sys
import time

from fairsearchcore import Fair, fail_prob

_as_it_comes = fail_prob.LegalAssignmentKey.__hash__
# With numpy 2 and pandas 3 its sizes of blocks are floats of numpy, and so is its hash, which Python refuses:
# no adjusted table comes out of a fresh installation. As a whole number the hash is what it was meant to be.
fail_prob.LegalAssignmentKey.__hash__ = lambda key: int(_as_it_comes(key))


def adjust(k, p, alpha):
    """Return what the package finds, as JSON has it."""
    start = time.process_time()
    fair = Fair(k, p, alpha)
    table = fair.create_adjusted_mtable()
    seconds = time.process_time() - start
    return {
        "unadjusted": fair.create_unadjusted_mtable(),
        "adjusted": table,
        "alpha": float(fair.adjust_alpha()),
        "fail_probability": float(fair.compute_fail_probability(table)),
        "seconds": seconds,
    }


if __name__ == "__main__":
    json.dump([adjust(**case) for case in json.load(sys.stdin)], sys.stdout)
