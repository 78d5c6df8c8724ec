"""What workers need, imported once: on Linux they are forked off a process that did nothing but import this."""

import gc
from importlib import import_module

__all__: list[str] = []


def _load() -> None:
    # What is loaded stays, a third of a million objects: to look among them for what may go, while they are
    # being loaded, takes a quarter of the time (0.45 s of 1.9), and would copy their pages into each worker.
    gc.disable()
    for module in ("ranker.app.service.serve_command", "ranker.app.service.api"):
        import_module(module)
    gc.freeze()
    gc.enable()


_load()
