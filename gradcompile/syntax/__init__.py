"""From formula text to a typed graph: names, shapes, spans."""
