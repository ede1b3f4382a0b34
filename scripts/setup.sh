#!/usr/bin/env bash
# Installs and builds whatever is missing, says what it does, and does nothing when all is there.
#
#   scripts/setup.sh [--for run|demo|test|bench]     (default: run)
#
# Steps: Debian packages, npm packages, native engine, compiled TypeScript, examples. Each step has a check that costs
# milliseconds; a step whose check holds is skipped. Nothing is fetched when nothing is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

purpose=run
case "${1-}" in
  "") ;;
  --for) purpose=${2-} ;;
  --for=*) purpose=${1#--for=} ;;
  *) purpose=unknown ;;
esac
case "$purpose" in
  run | demo | test | bench) ;;
  *)
    echo "usage: scripts/setup.sh [--for run|demo|test|bench]" >&2
    exit 2
    ;;
esac

say() { echo "setup: $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}

# --- what must be on the machine -----------------------------------------------------------------------------------

has_command() { command -v "$1" >/dev/null 2>&1; }
has_file() { [ -e "$1" ]; }
has_gxx() { has_command g++ && [ "$(g++ -dumpversion | cut -d. -f1)" -ge 11 ]; }
has_libc_headers() { has_command gcc && echo '#include <stdio.h>' | gcc -E -x c - >/dev/null 2>&1; }
# gdb-minimal has no Python, which the shim needs.
has_gdb() { has_command gdb && gdb -nx -q -batch -ex 'python print("python")' 2>/dev/null | grep -q '^python$'; }

# One row per package: package, then the check that says it is there.
packages() {
  cat <<'ROWS'
gdb has_gdb
g++ has_gxx
gcc has_command gcc
make has_command make
python3 has_command python3
libc6-dev has_libc_headers
ROWS
  if [ "$purpose" = test ]; then
    cat <<'ROWS'
tmux has_command tmux
gzip has_command gzip
sqlite3 has_command sqlite3
bc has_command bc
gawk has_command gawk
lua5.4 has_command lua5.4
mawk has_command mawk
perl has_command perl
xz-utils has_command xz
bzip2 has_command bzip2
jq has_command jq
tcl has_command tclsh
git has_command git
curl has_command curl
redis-server has_command redis-server
nginx-light has_file /usr/sbin/nginx
ROWS
  fi
}

missing_packages() {
  local package check
  while read -r package check; do
    $check </dev/null || echo "$package"
  done < <(packages)
}

# As root, or by sudo when that needs no password; otherwise status 1.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif has_command sudo && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

may_be_root() { as_root true 2>/dev/null; }

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1
}

install_packages() {
  local missing
  missing=$(missing_packages | tr '\n' ' ')
  missing=${missing% }
  [ -n "$missing" ] || return 0
  has_command apt-get ||
    fail "these programs are missing: $missing. There is no apt-get here; install them with your package manager and run this again."
  may_be_root ||
    fail "these packages are missing: $missing. Install them with:  sudo apt-get install $missing"
  say "installing Debian packages: $missing"
  # The package lists of a fresh machine may be empty or old: refresh them only when the first try fails.
  # shellcheck disable=SC2086
  apt_install $missing || { as_root apt-get update -q >"$log" 2>&1 && apt_install $missing; } || {
    tail -n 15 "$log" >&2
    fail "apt-get could not install: $missing (its last lines are above). Check the network, then run this again."
  }
  missing=$(missing_packages | tr '\n' ' ')
  [ -z "$missing" ] || fail "still missing or too old after the installation: $missing. A newer Debian or Ubuntu has them."
}

check_gdb_version() {
  local version
  version=$(gdb -nx --version | sed -n '1s/.* \([0-9][0-9]*\)\..*/\1/p')
  [ "${version:-0}" -ge 12 ] ||
    fail "gdb 12 or newer is needed and this is $(gdb -nx --version | head -n 1). A newer Debian or Ubuntu has it."
}

check_machine() {
  [ "$(uname -s) $(uname -m)" = "Linux x86_64" ] ||
    fail "fred-ts runs on Linux x86-64 and this is $(uname -s) $(uname -m)."
  has_command node || fail "Node.js is missing; fred-ts needs Node 20 or newer. Install it and run this again."
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "fred-ts needs Node 20 or newer and this is Node $(node -v). Install a newer one and run this again."
}

# --- stamps --------------------------------------------------------------------------------------------------------

# A stamp is the hash of what a step was made from. It lives inside what the step makes, so both vanish together.
hash_of() { # files and folders
  find "$@" -path native/build -prune -o -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum | cut -d' ' -f1
}

is_stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; } # stamp file, hash

# --- npm packages --------------------------------------------------------------------------------------------------

# npm leaves node_modules/.package-lock.json when it has finished: what was installed, in the form of package-lock.json.
has_npm_packages() {
  node -e '
    const { readFileSync, existsSync } = require("node:fs");
    const read = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const wanted = read("package-lock.json"), present = read("node_modules/.package-lock.json");
    for (const [path, entry] of Object.entries(wanted)) {
      const found = present[path];
      if (path === "" || (!found && entry.optional)) continue;
      if (!found || found.version !== entry.version || found.integrity !== entry.integrity || !existsSync(path)) process.exit(1);
    }' 2>/dev/null
}

# Called from the checkout's root so that a build of node-pty for another machine shows too.
has_node_pty() { node -e 'require("node-pty")' >/dev/null 2>&1; }

install_npm_packages() {
  if ! has_npm_packages; then
    say "installing npm packages (npm ci)"
    npm ci --no-audit --no-fund >"$log" 2>&1 || {
      tail -n 25 "$log" >&2
      fail "npm ci failed (its last lines are above). Check the network, then run this again."
    }
  fi
  if ! has_node_pty; then
    say "building node-pty"
    npm rebuild node-pty >"$log" 2>&1 || true
    has_node_pty || {
      tail -n 25 "$log" >&2
      fail "node-pty could not be built (the last lines are above); remove node_modules and run this again."
    }
  fi
}

# --- native engine -------------------------------------------------------------------------------------------------

build_native() {
  local stamp="native/build/.setup-stamp" hash sources=(native) targets=(fred_addon)
  # Without sources in test/native, binding.gyp has no such target.
  if [ "$purpose" = test ] && compgen -G 'test/native/*.cc' >/dev/null; then
    stamp="native/build/.setup-stamp-tests" sources+=(test/native) targets+=(engine_tests)
  fi
  hash=$(hash_of "${sources[@]}" package-lock.json)-$(node -p process.versions.modules)
  if is_stamped "$stamp" "$hash" && [ -f native/build/Release/fred_addon.node ]; then return 0; fi
  say "building the native engine (a minute or two the first time)"
  bash scripts/build_native.sh "${targets[@]}" >"$log" 2>&1 || {
    grep -E 'error|Error|\*\*\*' "$log" | head -n 20 >&2 || tail -n 25 "$log" >&2
    fail "the native build failed (its errors are above)."
  }
  echo "$hash" >"$stamp"
}

# --- TypeScript and examples ---------------------------------------------------------------------------------------

build_typescript() {
  local hash
  hash=$(hash_of src tsconfig.json tsconfig.build.json package-lock.json)
  if is_stamped dist/.setup-stamp "$hash"; then return 0; fi
  say "compiling TypeScript"
  rm -rf dist
  node_modules/.bin/tsc -p tsconfig.build.json >"$log" 2>&1 || {
    head -n 30 "$log" >&2
    fail "TypeScript did not compile (the errors are above)."
  }
  echo "$hash" >dist/.setup-stamp
}

build_examples() {
  make -q -C examples >/dev/null 2>&1 && return 0
  say "building the examples"
  make -s -C examples
}

# -------------------------------------------------------------------------------------------------------------------

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Two set-ups at once in one checkout would disturb each other; the lock goes when this script ends.
exec 9<package.json
flock 9

started=$(date +%s%N)
check_machine
install_packages
check_gdb_version
install_npm_packages
build_native
build_typescript
build_examples
say "ready ($((($(date +%s%N) - started) / 1000000)) ms)"
