"""Run the proxy: `python -m srs_conformance.proxy`."""

import sys

from srs_conformance.proxy.main import main

sys.exit(main())
