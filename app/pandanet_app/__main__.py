"""`python -m pandanet_app` is `pandanet`."""

import sys

from pandanet_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
