"""How many gradients fit into memory at once, measured on the model itself."""

from collections.abc import Callable
from typing import Any

from ranker.text.attribution.extra import load

__all__ = ["rows_within"]

# What a gradient takes beside what its forward pass keeps: the slopes of a layer or two on the way back.
# 128 tokens through MiniLM: bound 512 MiB, 22 rows at once, 423 MiB at the peak.
BESIDE = 2


def rows_within(memory_bytes: int, forward: Callable[[Any], Any], embeds: Any) -> int:
    """Return how many copies of one window can be differentiated together, at least 1.

    Parameters
    ----------
    memory_bytes : int
        Bound on all of them.
    forward : callable
        Input embeddings (b, n, d) to one output of each row, (b,).
    embeds : Tensor of shape (1, n, d)
        One window.
    """
    # Weights are kept by one row as by two; the difference is what a row adds.
    row = _kept(forward, embeds.repeat(2, 1, 1)) - _kept(forward, embeds)
    return max(1, memory_bytes // max(1, BESIDE * row))


def _kept(forward: Callable[[Any], Any], embeds: Any) -> int:
    """Return the bytes that the forward pass keeps for the way back."""
    torch = load("explaining a text", "torch")
    kept: dict[int, int] = {}
    # Held until counted: a freed tensor's address is given to the next one.
    held: list[Any] = []

    def keep(tensor: Any) -> None:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        held.append(tensor.detach())

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda _: None):
        forward(embeds.detach().clone().requires_grad_())
    return sum(kept.values())
