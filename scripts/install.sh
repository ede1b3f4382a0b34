#!/usr/bin/env bash
# What npm runs after it has unpacked the package: builds the native engine. In a checkout it does nothing, since
# scripts/setup.sh builds there, and only what has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The package has the compiled dist/, a checkout has the sources.
[ ! -e src/cli ] || exit 0

for program in g++ make python3; do
  command -v "$program" >/dev/null 2>&1 || {
    echo "fred-ts: $program is missing and the native engine is built with it." >&2
    echo "fred-ts: install it (Debian, Ubuntu: sudo apt-get install g++ make python3 gdb), then install fred-ts again." >&2
    exit 1
  }
done
exec bash scripts/build_native.sh fred_addon
