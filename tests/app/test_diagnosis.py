"""What `pandanet doctor` finds, on this machine and where things go wrong."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from pandanet_app.diagnosis.examination import Probe, examine, examine_one
from pandanet_app.diagnosis.probes import PROBES
from pandanet_app.system_libraries import PACKAGE_OF_LIBRARY, install_line, missing_packages


def finds_something() -> str:
    return "something"


def raises() -> str:
    raise RuntimeError("it is not there")


def aborts() -> str:
    os.write(2, b"no such plugin\n")
    os.abort()


def hangs() -> str:
    time.sleep(600)
    return "never said"


def test_findings_come_in_the_order_of_the_probes() -> None:
    probes = [Probe("one", finds_something, ""), Probe("two", raises, "")]
    findings = examine(probes, timeout_s=60)
    assert [(f.probe.name, f.works, f.says) for f in findings] == [
        ("one", True, "something"),
        ("two", False, "it is not there"),
    ]


def test_a_library_that_aborts_is_a_finding_with_its_last_words() -> None:
    finding = examine_one(Probe("plugin", aborts, ""), timeout_s=60)
    assert not finding.works
    assert "no such plugin" in finding.says


def test_a_probe_that_hangs_is_ended() -> None:
    start = time.monotonic()
    finding = examine_one(Probe("driver", hangs, ""), timeout_s=1)
    assert not finding.works
    assert "no answer" in finding.says
    assert time.monotonic() - start < 30


def test_everything_works_on_a_machine_that_is_set_up() -> None:
    broken = [f for f in examine(PROBES, timeout_s=120) if not (f.works or f.probe.optional)]
    assert not broken


@pytest.mark.skipif(not shutil.which("ldconfig"), reason="needs ldconfig, the loader's own list")
def test_missing_libraries_agree_with_the_loader() -> None:
    listed = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    expected = {pkg for lib, pkg in PACKAGE_OF_LIBRARY.items() if f"\t{lib} " not in listed}
    assert set(missing_packages()) & set(PACKAGE_OF_LIBRARY.values()) == expected


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="apt-get is Linux's")
def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    missing = missing_packages({"libnowhere.so.7": "libnowhere7", "libc.so.6": "libc6"})
    assert missing == ("libnowhere7",)
    assert install_line(missing).endswith("apt-get install --no-install-recommends libnowhere7")
