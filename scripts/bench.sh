#!/usr/bin/env bash
# Measures what the README promises, all of it in this run, and prints one table. Arguments name single rows.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bash scripts/setup.sh --for bench
make -s -C test/targets build/memory_dirty
make -s -C bench/programs
# Node 20 does not run TypeScript: compile the benchmark itself.
node_modules/.bin/tsc -p bench/tsconfig.json
exec node bench/build/run.js "$@"
