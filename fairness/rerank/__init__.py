"""Re-rankers: they read groups at decision time, so they are off unless asked for by name."""
