"""What the page and the terminal say alike: which label, how exactly, against what."""

from explain.words import counted, decimals_for, number, signed
from ranker.text.attribution.result import TextAttribution

__all__ = ["against_what", "amount", "how_exact", "percent", "small", "verdict", "what_it_is_not"]

MASKS = {
    "mask": "every word replaced by the token {token}",
    "pad": "every word replaced by the padding token {token}",
    "empty": "every word replaced by a vector of zeros",
}


def verdict(attribution: TextAttribution) -> str:
    """Say which label was explained, and which one the model gives."""
    label, share = attribution.label, percent(attribution.probabilities[attribution.target])
    best = max(range(len(attribution.labels)), key=lambda i: attribution.outputs[i])
    if best == attribution.target:
        return f"The model answers {label}, with a probability of {share}."
    other = f"{attribution.labels[best]}, {percent(attribution.probabilities[best])}"
    return f"The model gives {label} a probability of {share}; its own answer is {other}."


def against_what(attribution: TextAttribution) -> str:
    """Say what the text was compared with."""
    # A model without a tokenizer of its own does not say how the token is written.
    token = attribution.baseline_token or "that the model has for it"
    return MASKS[attribution.baseline].format(token=token)


def amount(attribution: TextAttribution, value: float) -> str:
    """Write an amount with its sign, to a precision that fits the largest one."""
    largest = max((abs(token.amount) for token in attribution.tokens), default=0.0)
    return signed(value, decimals_for(largest))


def how_exact(attribution: TextAttribution) -> str:
    """Say by how much the amounts miss what they should sum to, and whether that is within bounds."""
    if not attribution.tokens:
        return "The text has no words, so that there is nothing to share."
    said = (
        f"The amounts sum to {number(attribution.difference + attribution.delta, 4)}, the text moved the output "
        f"by {number(attribution.difference, 4)}: off by {small(attribution.delta)}, after "
        f"{counted(attribution.steps, 'step')}"
    )
    if attribution.reached:
        return f"{said}, within the bound of {small(attribution.bound)}."
    return (
        f"{said}, which is MORE than the bound of {small(attribution.bound)}: the amounts are approximate. "
        "Allow more steps, or take another baseline."
    )


def what_it_is_not(attribution: TextAttribution) -> str:
    """Say what must not be read into the amounts."""
    return (
        f"Amounts say how this model's output for {attribution.label} came about, against the same text with "
        f"{against_what(attribution)}; another baseline gives other amounts. They do not say what the output "
        "would be without one of the words, nor that a word is a good reason."
    )


def small(value: float) -> str:
    """Write a small number with two digits that count, without an exponent."""
    return number(value, decimals_for(abs(value))) if value else "0"


def percent(share: float) -> str:
    """Write a probability."""
    if share >= 0.9995:
        return "more than 99.9 %" if share < 1 else "100 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 else "less than 0.1 %"
