#!/usr/bin/env bash
# Builds the targets of native/binding.gyp that are named, into native/build/Release.
#
#   scripts/build_native.sh fred_addon [engine_tests]
#
# Used by scripts/setup.sh in a checkout and by scripts/install.sh in the npm package.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# In a checkout node-gyp is below us, in somebody's node_modules beside us: Node knows where.
node_gyp=$(node -p 'require.resolve("node-gyp/bin/node-gyp.js")')

# The headers that came with this node, when they did: node-gyp then needs no network.
node_headers=$(node -p 'const { dirname, join } = require("node:path"), fs = require("node:fs");
  const prefix = dirname(dirname(fs.realpathSync(process.execPath)));
  fs.existsSync(join(prefix, "include/node/node_api.h")) ? prefix : ""')

node "$node_gyp" configure -C native ${node_headers:+--nodedir="$node_headers"}
node "$node_gyp" build -C native ${node_headers:+--nodedir="$node_headers"} -j 2 "$@"
