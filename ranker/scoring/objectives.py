"""What may be learned, by name; a task file is read without what training loads."""

LOSSES = ("centred", "pointwise", "pairwise", "lambdarank")
CHOICES = (*LOSSES, "blend")  # what "auto" chooses from
OBJECTIVES = ("auto", *CHOICES)
