"""Commands of LaTeX that are known, by what they are; any other is refused, since SymPy would read it as a symbol."""

from __future__ import annotations

_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi omicron "
    "varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon "
    "Phi Psi Omega ell hbar"
)
GREEK = frozenset(_GREEK.split())
_SPACES = (
    "thinspace medspace thickspace negthinspace limits nolimits left right middle "
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr mathopen mathclose"
)
SPACES = frozenset(_SPACES.split())
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "dot": "dot", "ddot": "ddot", "vec": "vec", "check": "check", "underline": "under",
}  # fmt: skip
_FONTS = (
    "mathrm mathit mathbf mathsf mathtt mathcal mathbb boldsymbol bm text textrm textit textbf textsf texttt "
    "operatorname"
)
FONTS = frozenset(_FONTS.split())
_OPERATORS = (
    "frac dfrac tfrac sqrt sum prod exp log ln lg sin cos tan csc sec cot arcsin arccos arctan arccsc arcsec arccot "
    "sinh cosh tanh arsinh arcosh artanh times cdot div binom dbinom tbinom lfloor rfloor lceil rceil "
    "lt gt le leq leqslant ge geq geqslant neq infty"
)
OPERATORS = frozenset(_OPERATORS.split())
"""What SymPy's parser knows, handed to it as it is."""

SAME = {
    "ast": r"\cdot", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "ne": r"\neq", "lt": "<", "gt": ">",
    "arcsinh": r"\arsinh", "arccosh": r"\arcosh", "arctanh": r"\artanh",
}  # fmt: skip
CALLED = frozenset(("max", "min", "sech", "csch", "coth"))
"""Commands that are functions of several arguments, or whose arguments stand in parentheses."""

REFUSED = {
    "int": ("an integral", "Integrate first, or write a quadrature as a sum."),
    "iint": ("an integral", "Integrate first, or write a quadrature as a sum."),
    "oint": ("an integral", "Integrate first, or write a quadrature as a sum."),
    "lim": ("a limit", "Take the limit first."),
    "partial": ("a derivative", "Leave it out: the compiled module has the gradient of every input."),
    "nabla": ("a derivative", "Leave it out: the compiled module has the gradient of every input."),
    "begin": ("an environment", "Write a matrix or a case distinction as a formula file."),
    "end": ("an environment", "Write a matrix or a case distinction as a formula file."),
    "Vert": ("a norm", r"Write it out: `\sqrt{\sum_{i=1}^{n} x_i^2}`."),
    "lVert": ("a norm", r"Write it out: `\sqrt{\sum_{i=1}^{n} x_i^2}`."),
    "rVert": ("a norm", r"Write it out: `\sqrt{\sum_{i=1}^{n} x_i^2}`."),
    "|": ("a norm", r"Write it out: `\sqrt{\sum_{i=1}^{n} x_i^2}`."),
    "pm": ("two formulas", "Write one of the two signs."),
    "mp": ("two formulas", "Write one of the two signs."),
    "ldots": ("an omission", r"Write a sum: `\sum_{i=1}^{n} x_i`."),
    "cdots": ("an omission", r"Write a sum: `\sum_{i=1}^{n} x_i`."),
    "dots": ("an omission", r"Write a sum: `\sum_{i=1}^{n} x_i`."),
    "top": ("a transpose", r"Write the product as a sum: `\sum_{j=1}^{m} a_{i,j} x_j`."),
    "intercal": ("a transpose", r"Write the product as a sum: `\sum_{j=1}^{m} a_{i,j} x_j`."),
}  # fmt: skip
