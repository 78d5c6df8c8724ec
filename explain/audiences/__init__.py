"""What each audience is told, and in which words."""
