"""The parts of the frontier study: cases, methods, statistics, store and drawing."""
