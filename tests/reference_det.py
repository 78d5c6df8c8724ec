"""Plain twins of the deterministic re-rankers: lists, loops and exact fractions.

``members`` are the groups of one job's candidates, best first, None where undisclosed; ``shares`` maps a
group to a Fraction. Each returns the positions of the old order in the new one.
"""

import math
from fractions import Fraction


def pool_shares(members):
    known = [group for group in members if group is not None]
    return {group: Fraction(known.count(group), len(known)) for group in set(known)}


def in_places_of_the_disclosed(members, chosen):
    """Undisclosed people keep their places; the chosen fill the others, the rest follow as they stood."""
    known = [position for position, group in enumerate(members) if group is not None]
    queue = iter(chosen + [position for position in known if position not in chosen])
    return [position if group is None else next(queue) for position, group in enumerate(members)]


def n_known_places(members, top_k):
    return sum(group is not None for group in members[:top_k])


def queues_of(members):
    return {
        group: [position for position, one in enumerate(members) if one == group]
        for group in set(members) - {None}
    }


def det_selection_reference(members, shares, rule, top_k=None):
    """DetGreedy, DetCons and DetRelaxed (rule "greedy", "cons", "relaxed")."""
    queues, chosen = queues_of(members), []
    counts = dict.fromkeys(queues, 0)
    for k in range(1, n_known_places(members, top_k) + 1):
        left = [group for group in queues if counts[group] < len(queues[group])]
        below_min = [group for group in left if counts[group] < math.floor(k * shares[group])]
        below_max = [group for group in left if counts[group] < math.ceil(k * shares[group])]
        if below_min:
            groups = below_min
        elif not below_max:
            groups = left
        elif rule == "greedy":
            groups = below_max
        else:
            turn = {group: math.ceil(k * shares[group]) / shares[group] for group in below_max}
            if rule == "relaxed":
                turn = {group: math.ceil(turn[group]) for group in below_max}
            groups = [group for group in below_max if turn[group] == min(turn.values())]
        best = min(groups, key=lambda group: queues[group][counts[group]])
        chosen.append(queues[best][counts[best]])
        counts[best] += 1
    return in_places_of_the_disclosed(members, chosen)


def det_const_sort_reference(members, shares, top_k=None):
    queues, placed, latest, k = queues_of(members), [], [], 0
    counts = dict.fromkeys(queues, 0)
    wanted = n_known_places(members, top_k)
    while len(placed) < wanted:
        if all(counts[group] == len(queues[group]) or not shares[group] for group in queues):
            rest = [position for queue in queues.values() for position in queue if position not in placed]
            placed += sorted(rest)[: wanted - len(placed)]
            break
        k += 1
        due = [
            group
            for group in queues
            if counts[group] < len(queues[group]) and counts[group] < math.floor(k * shares[group])
        ]
        for group in sorted(due, key=lambda group: queues[group][counts[group]])[: wanted - len(placed)]:
            placed.append(queues[group][counts[group]])
            latest.append(k)
            counts[group] += 1
            at = len(placed) - 1
            while at > 0 and latest[at - 1] >= at + 1 and placed[at - 1] > placed[at]:
                for column in (placed, latest):
                    column[at - 1], column[at] = column[at], column[at - 1]
                at -= 1
    return in_places_of_the_disclosed(members, placed)


def first_shortfall(members, order, shares):
    """First prefix of the disclosed that holds fewer of a group than it must and could, or None."""
    known = [members[position] for position in order if members[position] is not None]
    for k in range(1, len(known) + 1):
        for group, share in shares.items():
            if known[:k].count(group) < min(math.floor(k * share), known.count(group)):
                return k
    return None


def raises_replayed_reference(order, moves):
    order = list(order)
    for source, target in moves:
        order.insert(target, order.pop(source))
    return order
