"""Parts of the comparison of counterfactuals."""
