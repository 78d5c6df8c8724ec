"""Plain twins of the swap tests: one person's score replaced, the whole pool sorted again."""

import hashlib
import re


def digest(job, lot):
    return hashlib.blake2b(f"{job}\x1f{lot}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def order_reference(job, scores, labels, lots):
    """Entries of one pool, best first: score, then the lot, then the label."""
    return sorted(range(len(scores)), key=lambda i: (-scores[i], digest(job, lots[i]), labels[i]))


def ranks_one_by_one_reference(jobs, labels, lots, scores, new_scores):
    """Rank each with a new score, the others with their old one."""
    ranks = []
    for i, job in enumerate(jobs):
        pool = [j for j, other in enumerate(jobs) if other == job]
        held = [new_scores[j] if j == i else scores[j] for j in pool]
        order = order_reference(job, held, [labels[j] for j in pool], [lots[j] for j in pool])
        ranks.append(1 + [pool[at] for at in order].index(i))
    return ranks


def first_name_replaced_reference(text, before, after):
    """Replace one word where it stands as a whole token of letters and digits; case is kept."""
    out = []
    for token in re.findall(r"[^\W_]+|[\W_]", text):
        if token.lower() != before.lower():
            out.append(token)
        elif token.isupper() and len(token) > 1:
            out.append(after.upper())
        else:
            out.append(after.lower() if token.islower() else after)
    return "".join(out)
