"""Plain twins of the metrics about shares of prefixes: one list of groups by rank, None where undisclosed."""

import math


def members(one):
    return [group for group in one if group is not None]


def pool_shares(one):
    """Share of each group of the disclosed members; None where there are no two groups to compare."""
    known = members(one)
    return {group: known.count(group) / len(known) for group in set(known)} if len(set(known)) > 1 else None


def skew_reference(one, desired, top_k, smoothing=0.0):
    """Skew of each group that the top holds or should hold; nothing where nobody there is disclosed."""
    top, out = members(one[:top_k]), {}
    for group in {*top, *desired} if top else ():
        held, aim = top.count(group) / len(top), desired.get(group, 0.0)
        if held > 0 or aim > 0:
            above, below = held + smoothing, aim + smoothing
            out[group] = -math.inf if above == 0 else math.inf if below == 0 else math.log(above / below)
    return out


def divergence_reference(known, desired, smoothing=0.0):
    """KL of the shares among these members from the desired ones."""
    total = 0.0
    for group in {*known, *desired}:
        share, aim = known.count(group) / len(known) + smoothing, desired.get(group, 0.0) + smoothing
        if share > 0:
            total += share * math.log(share / aim) if aim > 0 else math.inf
    return total


def ndkl_reference(one, desired, top_k=None, smoothing=0.0):
    total = weights = 0.0
    for i in range(1, len(one[:top_k]) + 1):
        if known := members(one[:i]):
            total += divergence_reference(known, desired, smoothing) / math.log2(i + 1)
            weights += 1 / math.log2(i + 1)
    return total / weights if weights else math.nan


def infeasible_reference(one, shares, top_k=None):
    """Index and count; shares are fractions, so that they are rounded down without error."""
    lacking = [
        sum(known.count(group) < math.floor(share * len(known)) for group, share in shares.items())
        for known in (members(one[:i]) for i in range(1, len(one[:top_k]) + 1))
    ]
    return sum(n > 0 for n in lacking), sum(lacking)


def difference_reference(known, protected, desired):
    return abs(known.count(protected) / len(known) - desired[protected])


def ratio_difference_reference(known, protected, desired):
    def ratio(group, rest):
        return group / rest if rest > 0 else 0.0

    own, aim = known.count(protected), desired[protected]
    return abs(ratio(own, len(known) - own) - ratio(aim, sum(desired.values()) - aim))


def discounted_reference(one, step, top_k, deviation):
    """Sum over the cut points of the deviation of whoever stands above, over log2(rank)."""
    return sum(
        deviation(members(one[:i])) / math.log2(i)
        for i in range(step, len(one[:top_k]) + 1, step)
        if members(one[:i])
    )


def orders(one):
    """Every order of the disclosed members over their places, each once."""
    if not members(one):
        yield list(one)
        return
    at = next(place for place, group in enumerate(one) if group is not None)
    for group in sorted(set(members(one))):
        rest = members(one)
        rest.remove(group)
        fill = iter(rest)
        tail = [None if other is None else next(fill) for other in one[at + 1 :]]
        for order in orders(tail):
            yield [*one[:at], group, *order]


def over_the_worst_reference(one, step, top_k, deviation):
    """The sum over that of the worst of all orders; NaN where no order deviates but by rounding."""
    worst = max(discounted_reference(order, step, top_k, deviation) for order in orders(one))
    if not 1e-9 < worst < math.inf:
        return math.nan
    return discounted_reference(one, step, top_k, deviation) / worst


def mean_reference(values):
    """Mean of those that are not NaN; NaN where there are none."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
