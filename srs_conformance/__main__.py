"""`python -m srs_conformance` is the command `srs-conformance`."""

from srs_conformance.cli import main

if __name__ == "__main__":
    main()
