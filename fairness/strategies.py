"""Ways to train under constraints, by name; a task file is read without what training loads."""

STRATEGIES = ("auto", "response", "refit")
