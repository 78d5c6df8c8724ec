"""Plain twins of matching: sets of skills, people one by one."""

import math


def counts_reference(people, jobs):
    """Count for each job and person the wanted skills that the person has; lists of lists of ids."""
    return [[len(set(has) & set(wants)) for has in people] for wants in jobs]


def coverage_reference(people, jobs, weights):
    """Sum the weights of the wanted skills that a person has, in the job's order, over their whole sum."""
    out = []
    for wants, sizes in zip(jobs, weights, strict=True):
        whole = 0.0
        for size in sizes:
            whole += size
        row = []
        for has in people:
            found = 0.0
            for skill, size in zip(wants, sizes, strict=True):
                if skill in has:
                    found += size
            row.append(found / whole if whole else math.nan)
        out.append(row)
    return out
