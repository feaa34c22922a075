"""What a target hands to the module: the text of one function and of the helpers that it calls."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kernel:
    """A function that takes all arguments and returns one tuple of results.

    ``lines``: decorators, ``def``, body and ``return``, not indented. ``helpers``: source text by name, in the order
    in which the module needs it.
    """

    name: str
    lines: list[str]
    helpers: dict[str, str] = field(default_factory=dict)
