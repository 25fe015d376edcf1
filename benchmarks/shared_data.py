"""Where benchmarks find third-party data that is no part of this repository."""

import os
from pathlib import Path

SHARED_DATA = Path(os.environ.get("PANDANET_DATA", Path(__file__).parents[2] / "shared" / "data"))
"""The environment variable PANDANET_DATA, or `../shared/data` beside the checkout."""
