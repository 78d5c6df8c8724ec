"""The parts of `benchmarks/posthoc.py`."""
