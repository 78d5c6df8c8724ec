"""Parts of the comparison of résumé classifiers."""
