"""Plain twins of the boosting kernels: pairs, their gradients and losses, Newton steps of tables."""

import math
from itertools import combinations, pairwise

TURN = 7919  # rows that the ladder of opponents moves on with each turn


def jobs_reference(indptr):
    """Rows of each job, as lists of positions."""
    return [list(range(start, end)) for start, end in pairwise(indptr)]


def pairs_met_reference(rows, n_opponents, turn):
    """Pairs of one job that meet, as (row, row, share); all of them where opponents are enough."""
    size, half = len(rows), len(rows) // 2
    if half <= n_opponents:
        return [(a, b, 1.0) for a, b in combinations(rows, 2)]
    met = []
    for k in range(n_opponents):
        stride = 1 + (k * half + turn * TURN) // n_opponents % half
        for i in range(size):
            share = half / n_opponents
            # The row opposite is met from both ends.
            met.append((rows[i], rows[(i + stride) % size], share / 2 if 2 * stride == size else share))
    return met


def push_reference(gradient, hessian, scores, better, worse, weight):
    """Add one pair's part: ``odds`` is the chance that the worse row comes first."""
    odds = 1.0 / (1.0 + math.exp(min(scores[better] - scores[worse], 500.0)))
    gradient[better] -= weight * odds
    gradient[worse] += weight * odds
    hessian[better] += weight * odds * (1.0 - odds)
    hessian[worse] += weight * odds * (1.0 - odds)


def pair_gradients_reference(scores, labels, weights, indptr, n_opponents, turn):
    gradient, hessian = [0.0] * len(scores), [0.0] * len(scores)
    for rows in jobs_reference(indptr):
        for a, b, share in pairs_met_reference(rows, n_opponents, turn):
            better, worse = (a, b) if labels[a] > labels[b] else (b, a)
            weight = share * (labels[better] - labels[worse]) * weights[a] * weights[b]
            push_reference(gradient, hessian, scores, better, worse, weight)
    return gradient, hessian


def lambda_gradients_reference(scores, labels, weights, indptr, top):
    gradient, hessian = [0.0] * len(scores), [0.0] * len(scores)
    for rows in jobs_reference(indptr):
        worth = [1.0 / math.log2(2.0 + r) if r < top else 0.0 for r in range(len(rows))]
        best = sorted((labels[i] for i in rows), reverse=True)
        ideal = sum(w * label for w, label in zip(worth, best, strict=True))
        if ideal <= 0.0:
            continue
        place = {row: r for r, row in enumerate(sorted(rows, key=lambda row: -scores[row]))}
        for a, b in combinations(rows, 2):
            better, worse = (a, b) if labels[a] > labels[b] else (b, a)
            swap = abs(worth[place[a]] - worth[place[b]]) * (labels[better] - labels[worse]) / ideal
            push_reference(gradient, hessian, scores, better, worse, swap * weights[a] * weights[b])
    return gradient, hessian


def pair_loss_reference(scores, labels, weights, indptr, n_opponents):
    loss, total = 0.0, 0.0
    for rows in jobs_reference(indptr):
        for a, b, share in pairs_met_reference(rows, n_opponents, 0):
            better, worse = (a, b) if labels[a] > labels[b] else (b, a)
            weight = share * (labels[better] - labels[worse]) * weights[a] * weights[b]
            margin = scores[better] - scores[worse]
            loss += weight * (max(-margin, 0.0) + math.log1p(math.exp(-abs(margin))))
            total += weight
    return loss / total if total else 0.0


def ndcg_loss_reference(scores, labels, indptr):
    found = []
    for rows in jobs_reference(indptr):
        best = sorted((labels[i] for i in rows), reverse=True)
        ideal = sum(label / math.log2(2.0 + r) for r, label in enumerate(best))
        if ideal <= 0.0:
            continue
        gained = 0.0
        for r, row in enumerate(sorted(rows, key=lambda row: -scores[row])):
            tied = [labels[i] for i in rows if scores[i] == scores[row]]
            gained += sum(tied) / len(tied) / math.log2(2.0 + r)
        found.append(gained / ideal)
    return 1.0 - sum(found) / len(found) if found else 0.0


def sum_cells_reference(cells, gradient, hessian, n_cells):
    return [
        [
            sum(gradient[i] for i in range(len(cells)) if cells[i] == cell),
            sum(hessian[i] for i in range(len(cells)) if cells[i] == cell),
            float(sum(1 for c in cells if c == cell)),
        ]
        for cell in range(n_cells)
    ]


def total_reference(bins):
    """Gradient, hessian and rows of several bins together."""
    return [sum(column) for column in zip(*bins, strict=True)] if bins else [0.0, 0.0, 0.0]


def worth_reference(bins, ridge):
    """What one leaf over these bins gains."""
    g, h, _ = total_reference(bins)
    return g * g / (h + ridge)


def leaf_reference(bins, ridge, rate):
    """Newton step of one leaf over these bins."""
    g, h, _ = total_reference(bins)
    return -rate * g / (h + ridge)


def best_cut_reference(bins, least, ridge):
    """Where two leaves gain most over one, or None; and how much."""
    at, most = None, 0.0
    for cut in range(1, len(bins)):
        left, right = bins[:cut], bins[cut:]
        if total_reference(left)[2] < least or total_reference(right)[2] < least:
            continue
        gain = worth_reference(left, ridge) + worth_reference(right, ridge) - worth_reference(bins, ridge)
        if gain > most:
            at, most = cut, gain
    return at, most


def step_of_one_reference(sums, cut, monotone, least, ridge, rate):
    sums = [list(row) for row in sums]
    inner = sums[1:-1]
    missing = leaf_reference(sums[:1], ridge, rate) if sums[0][2] >= least else 0.0
    leaves = [inner] if inner else []
    if cut >= 0.0:
        rows = sum(row[2] for row in inner)
        for at in range(1, len(inner)):
            seen = sum(row[2] for row in inner[:at])
            if seen >= cut * rows and seen >= least:
                if rows - seen >= least:
                    leaves = [inner[:at], inner[at:]]
                break
    else:
        at, _ = best_cut_reference(inner, least, ridge)
        if at is not None:
            low, high = inner[:at], inner[at:]
            low_at, low_gain = best_cut_reference(low, least, ridge)
            high_at, high_gain = best_cut_reference(high, least, ridge)
            if low_at is not None and low_gain >= high_gain:
                leaves = [low[:low_at], low[low_at:], high]
            elif high_at is not None:
                leaves = [low, high[:high_at], high[high_at:]]
            else:
                leaves = [low, high]
    values = [leaf_reference(leaf, ridge, rate) for leaf in leaves]
    if any(monotone * (b - a) < 0 for a, b in pairwise(values)):
        values = [0.0] * len(leaves)
    steps = [value for value, leaf in zip(values, leaves, strict=True) for _ in leaf]
    return [missing, *steps, 0.0]


def step_of_categories_reference(sums, cut, least, ridge, rate):
    inner = [list(row) for row in sums[1:-1]]
    order = sorted(range(len(inner)), key=lambda k: leaf_reference([inner[k]], ridge, 1.0))
    found = step_of_one_reference([sums[0], *(inner[k] for k in order), sums[-1]], cut, 0, least, ridge, rate)
    step = [found[0]] + [0.0] * len(inner) + [0.0]
    for place, k in enumerate(order):
        step[k + 1] = found[place + 1]
    return step


def step_of_two_reference(sums, n_first, n_second, least, ridge, rate):
    rows = [[list(sums[a * n_second + b]) for b in range(n_second)] for a in range(n_first)]
    best, cuts = 0.0, None
    for at in range(1, n_first):
        sides = [
            [total_reference([row[b] for row in side]) for b in range(n_second)]
            for side in (rows[:at], rows[at:])
        ]
        if any(total_reference(side)[2] < least for side in sides):
            continue
        (low, low_gain), (high, high_gain) = (best_cut_reference(side, least, ridge) for side in sides)
        gain = low_gain + high_gain + worth_reference(sides[0], ridge) + worth_reference(sides[1], ridge)
        if gain > best:
            best, cuts = gain, (at, low, high, sides)
    step = [0.0] * (n_first * n_second)
    if cuts is None:
        return step
    at, low, high, sides = cuts
    for a in range(n_first):
        side, cut = (sides[0], low) if a < at else (sides[1], high)
        for b in range(n_second):
            leaf = side if cut is None else side[:cut] if b < cut else side[cut:]
            step[a * n_second + b] = leaf_reference(leaf, ridge, rate)
    return step
