"""Speed of the hot path beside its peers: one table of rows that tests and benchmarks read."""
