"""The published bias audits: read, and their rates and ratios held against their counts."""
