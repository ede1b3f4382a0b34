#!/usr/bin/env bash
# All tests: lint, the engine's own tests, then vitest. Arguments go to vitest (npm test -- test/unit).
# The last line counts the tests that ran; the exit status is 0 only when nothing failed.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bash scripts/setup.sh --for test || exit 1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed_steps=()

# The closing line, from vitest's report and the last line "N passed, N failed" of the native tests when they ran.
count_tests() {
  node -e '
    const { existsSync, readFileSync } = require("node:fs");
    const [vitest, native] = process.argv.slice(1);
    const report = JSON.parse(readFileSync(vitest, "utf8"));
    let passed = report.numPassedTests, failed = report.numFailedTests;
    const skipped = report.numPendingTests + report.numTodoTests;
    // A test file that could not be loaded has no tests to count: it counts as one failure.
    failed += report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
    const summary = existsSync(native) && readFileSync(native, "utf8").match(/(\d+) passed, (\d+) failed/g)?.at(-1);
    if (summary) {
      const [nativePassed, nativeFailed] = summary.match(/\d+/g).map(Number);
      passed += nativePassed;
      failed += nativeFailed;
    }
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  ' "$results/vitest.json" "$results/native.txt"
}

echo "test: lint"
npm run --silent lint || failed_steps+=(lint)

if [ $# -eq 0 ] && [ -x native/build/Release/engine_tests ]; then
  echo "test: native engine"
  timeout --kill-after=10 240 native/build/Release/engine_tests 2>&1 | tee "$results/native.txt"
  [ "${PIPESTATUS[0]}" -eq 0 ] || failed_steps+=("native engine")
fi

echo "test: vitest"
node_modules/.bin/vitest run --reporter=default --reporter=json --outputFile.json="$results/vitest.json" "$@"
vitest_status=$?
[ "$vitest_status" -eq 0 ] || failed_steps+=(vitest)

[ ${#failed_steps[@]} -eq 0 ] || printf 'test: FAILED: %s\n' "${failed_steps[@]}"
count_tests || failed_steps+=(count)
[ ${#failed_steps[@]} -eq 0 ]
