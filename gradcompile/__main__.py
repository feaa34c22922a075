"""``python -m gradcompile``: the same program as ``gradcompile``."""

from gradcompile.cli import main

if __name__ == "__main__":
    main()
