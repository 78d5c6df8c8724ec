"""Studies that take longer than a test; each has a ``--quick`` form that the tests run."""
