"""`python -m reviewer` and the `netpol-reviewer` script."""

import sys

from reviewer.cli import main

if __name__ == "__main__":
    sys.exit(main())
