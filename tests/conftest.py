"""Settings for every test.

Windows are drawn without a screen unless a platform is named. Hypothesis tries the same examples
every time, so that a test that passed passes again; `make nightly` tries others.
"""

import os

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
