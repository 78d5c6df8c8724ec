"""Inner loops on plain arrays: numpy and numba only, nothing is validated here."""
