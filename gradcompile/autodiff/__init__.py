"""Differentiation as graph transforms: a graph in, a larger graph out."""
