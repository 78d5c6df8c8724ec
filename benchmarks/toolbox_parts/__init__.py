"""The fairness toolbox beside its peers."""
