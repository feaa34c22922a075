"""The version of the tool, as stamped into what it generates."""

__version__ = "0.1.0"
