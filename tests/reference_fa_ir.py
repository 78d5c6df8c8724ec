"""Plain twins of FA*IR: all lists written out, chances as fractions, one candidate after the other."""

from fractions import Fraction
from itertools import combinations, count, permutations, product
from math import comb, factorial, prod


def fraction(number):
    """The number that was meant: 0.1 is one tenth."""
    return Fraction(str(number))


def binomial_tail(p):
    """``tail(m, i)``: chance of at most m protected among i."""
    return lambda m, i: sum(comb(i, x) * p**x * (1 - p) ** (i - x) for x in range(min(m, i) + 1))


def pool_tail(n, n_protected):
    def tail(m, i):
        ways = sum(comb(n_protected, x) * comb(n - n_protected, i - x) for x in range(min(m, i) + 1))
        return Fraction(ways, comb(n, i))

    return tail


def all_lists(k, p):
    """Every list of k, 1 for the protected, with its chance."""
    for members in product((0, 1), repeat=k):
        yield members, p ** sum(members) * (1 - p) ** (k - sum(members))


def all_lists_of_a_pool(k, n, n_protected):
    """Every order of who is protected in a pool, cut at k; all are as likely."""
    for places in combinations(range(n), n_protected):
        yield tuple(int(place in places) for place in range(k)), Fraction(1, comb(n, n_protected))


def table_reference(k, tail, level):
    return [next(m for m in count() if tail(m, i) >= level) for i in range(1, k + 1)]


def fails_reference(members, table):
    return any(sum(members[: i + 1]) < least for i, least in enumerate(table))


def fail_probability_reference(table, lists):
    return sum(chance for members, chance in lists if fails_reference(members, table))


def fail_probability_by_counts(table, chance):
    """As above, walking over counts: ``chance(i, c)`` of a protected one after c among i."""
    counts, failed = {0: 1}, 0
    for i, least in enumerate(table):
        new = {}
        for c, mass in counts.items():
            new[c] = new.get(c, 0) + mass * (1 - chance(i, c))
            new[c + 1] = new.get(c + 1, 0) + mass * chance(i, c)
        failed += sum(mass for c, mass in new.items() if c < least)
        counts = {c: mass for c, mass in new.items() if c >= least}
    return failed


def adjusted_reference(k, tail, lists, alpha):
    """Level, table and fail probability of the largest level that keeps alpha, and the next larger table."""
    tails = {tail(m, i) for i in range(1, k + 1) for m in range(i + 1)}
    next_table = None
    for level in sorted({alpha, *(t for t in tails if 0 < t < alpha)}, reverse=True):
        table = table_reference(k, tail, level)
        chance = fail_probability_reference(table, lists)
        if chance <= alpha:
            return level, table, chance, next_table
        next_table = table
    raise AssertionError("the lowest tail fails nobody")


def fa_ir_reference(protected, table):
    """Algorithm 2 of the paper: old positions in the new order; flags in the order of the scores."""
    ours = [at for at, flag in enumerate(protected) if flag]
    others = [at for at, flag in enumerate(protected) if not flag]
    order, n_protected = [], 0
    for place in range(len(protected)):
        needed = place < len(table) and n_protected < table[place]
        if ours and (needed or not others or ours[0] < others[0]):
            order.append(ours.pop(0))
            n_protected += 1
        else:
            order.append(others.pop(0))
    return order


def best_order_reference(kinds, passes):
    """First order, by who stands at the first rank, then the second, ..., of all that pass.

    ``passes(i, counts)`` judges the counts of kinds 0, 1, ... among the first i. Members of a kind
    keep their order. None where no order passes.
    """
    n_kinds = max(max(kinds) + 1, 1)
    best = None
    for pattern in set(permutations(kinds)):
        queues = {kind: [at for at, one in enumerate(kinds) if one == kind] for kind in set(kinds)}
        order = [queues[kind].pop(0) for kind in pattern]
        counts = [[pattern[:i].count(kind) for kind in range(n_kinds)] for i in range(1, len(kinds) + 1)]
        if all(passes(i, c) for i, c in enumerate(counts, 1)) and (best is None or order < best):
            best = order
    return best


def multinomial_tail(counts, i, shares):
    """Chance of at most these counts of each protected group among i; None is no bound."""
    total = 0
    for drawn in product(*(range(i + 1 if most is None else min(most, i) + 1) for most in counts)):
        others = i - sum(drawn)
        if others >= 0:
            ways = factorial(i) // (factorial(others) * prod(factorial(x) for x in drawn))
            chance = prod(share**x for share, x in zip(shares, drawn, strict=True))
            total += ways * chance * (1 - sum(shares)) ** others
    return total


def multinomial_fail_reference(k, shares, level):
    """Chance that a list of k drawn by chance fails at some place; every list is written out."""
    tails = {}

    def passes(counts, i):
        if (counts, i) not in tails:
            tails[counts, i] = multinomial_tail(counts, i, shares)
        return tails[counts, i] >= level

    kinds = range(-1, len(shares))
    chance_of = {-1: 1 - sum(shares), **dict(enumerate(shares))}
    failed = 0
    for members in product(kinds, repeat=k):
        counts = [tuple(members[:i].count(j) for j in range(len(shares))) for i in range(1, k + 1)]
        # A list, so that the tails of all places are found.
        if not all([passes(c, i) for i, c in enumerate(counts, 1)]):
            failed += prod(chance_of[kind] for kind in members)
    return failed, set(tails.values())
