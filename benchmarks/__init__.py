"""Benchmarks: ``python -m benchmarks NAME``; without a name, value and gradient of all problems against their peers."""
