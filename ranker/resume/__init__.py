"""The résumé application: labels, balancing, a calibrated glass-box classifier and its answer."""
