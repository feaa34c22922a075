"""The loop form: which values are stored, which loops are fused, and the statements inside them."""
