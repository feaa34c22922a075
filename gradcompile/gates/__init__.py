"""Gates: one record per gate, and the functions that build graph nodes from them."""
