"""From graphs to the text of a standalone module: kernels, one file per target, and the wrapper around them."""
