"""The graph: symbolic extents, named axes, hash-consed nodes, their text form and their verifier."""
