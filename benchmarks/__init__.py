"""Benchmarks: ``python -m benchmarks`` compares with JAX and NumPy, ``python -m benchmarks chain`` times compiling."""
