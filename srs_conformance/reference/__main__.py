"""python -m srs_conformance.reference."""

import sys

from srs_conformance.reference.main import main

sys.exit(main())
