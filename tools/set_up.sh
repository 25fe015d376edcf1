#!/usr/bin/env bash
# set_up.sh VENV: makes the virtual environment and installs PandaNet into it, editable.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1

works() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
        if works "$candidate"; then echo "$candidate" && return; fi
    done
    return 1
}

install_python() {
    local line="apt-get install --no-install-recommends python3 python3-venv"
    if [ -z "${PYTHON:-}" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get --quiet update && DEBIAN_FRONTEND=noninteractive $line --yes
    else
        echo "PandaNet needs Python 3.11, 3.12 or 3.13, and ${PYTHON:-python3} is none of them." >&2
        echo "Install one (Debian: sudo $line) or name one: make setup PYTHON=/path/to/python3.12" >&2
        exit 1
    fi
}

pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

find_python >/dev/null || install_python
python=$(find_python)
"$python" app/pandanet_app/system_libraries.py --install

works "$venv/bin/python" || "$python" -m venv --clear "$venv"
echo "Installing into $venv. The first time takes a few minutes and about 3 GB."
# torch comes first and alone: nothing that follows may then choose another build of it.
pip install --constraint constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch
pip install --constraint constraints.txt hatchling
pip install --constraint constraints.txt --no-build-isolation --editable ".[crowd,train,speed,notebook,dev]"
# anny declares warp-lang, a large package that nothing here uses.
pip install --constraint constraints.txt --no-deps anny
