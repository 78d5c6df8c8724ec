"""What is asked of a model now, held against what it was trained on: drift, and fairness over time."""
