"""Settings for every test: windows are drawn without a screen unless a platform is named."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
