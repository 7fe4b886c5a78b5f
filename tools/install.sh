#!/usr/bin/env bash
# Install the site's dependencies into .venv. Usage: tools/install.sh EXTRAS TORCH_VERSION CPU_INDEX
#
# torch first, and on purpose: on a machine without an NVIDIA driver the plain name would bring the CUDA
# build, several gigabytes that no one can use.
set -euo pipefail
extras=$1 version=$2 cpu_index=$3

pip() { .venv/bin/python -m pip --disable-pip-version-check "$@" 2> >(grep -v "^WARNING: Location" >&2); }

fail() { echo "$1" >&2; exit 1; }

have_torch() {
  .venv/bin/python -c "import importlib.metadata as m; exit(m.version('torch').split('+')[0] != '$version')" 2>/dev/null
}

install_torch() {
  if command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1; then
    echo "NVIDIA driver found: installing torch $version with CUDA ..."
    pip install -q "torch==$version"
  else
    echo "Installing torch $version for the CPU ..."
    pip install -q "torch==$version+cpu" 2>/dev/null ||
      pip install -q --retries 1 --index-url "$cpu_index" "torch==$version" 2>/dev/null ||
      pip install -q "torch==$version"
  fi
}

have_torch || install_torch ||
  fail "torch $version could not be installed: see the lines above (is there a network, and room on the disk?)."
echo "Installing the site's packages ($extras) ..."
pip install -q -c constraints.txt ".[$extras]" ||
  fail "The site's packages could not be installed: see the lines above (is there a network, and room on the disk?)."
