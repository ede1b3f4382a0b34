#!/usr/bin/env bash
# The main job in one command: a weather station counts too many frosty days because something changed its limit.
# Debugs examples/station without a human, prints the session, and checks that the culprit found is the bug planted.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
bash scripts/setup.sh --for demo

# The statement to find carries this marker in the source; nothing here knows its line number.
line=$(grep -n '/\* at: bug \*/' examples/station.c | cut -d: -f1)
session=$(mktemp)
trap 'rm -f "$session"' EXIT

commands=(
  "break report"
  "run"
  "print station.frosty_days"
  "print station.frost_limit"
  "fred-reverse-watch station.frost_limit == 0"
  "print station.frost_limit"
  "print hour"
  "backtrace"
  "fred-timeline"
)
arguments=(gdb -q -batch)
shown="./bin/fred-ts gdb -q -batch"
for command in "${commands[@]}"; do
  # What is run is printed before what it prints, as a terminal would show it.
  arguments+=(-ex "echo (gdb) $command\\n" -ex "$command")
  shown+=" -ex '$command'"
done

cat <<INTRO

examples/station.c: a year of minutes. A day is frosty when its average is below 0 degrees, and the report
names 100 of them; 68 would be right. The limit is wrong at the end: which statement changed it?

\$ $shown examples/station
INTRO
status=0
# stdin is not the terminal: nobody types here.
./bin/fred-ts "${arguments[@]}" examples/station </dev/null 2>&1 | tee "$session" || status=$?

echo
if [ "$status" -ne 0 ]; then
  echo "demo: FAILED: fred-ts ended with status $status" >&2
  exit 1
fi
if ! grep -Eq "^culprit: (.*/)?station\.c:$line in store_hour " "$session"; then
  echo "demo: FAILED: the culprit should be station.c:$line in store_hour" >&2
  exit 1
fi
cat <<OUTRO
demo: found. station.c:$line stores hour 24 of the day on which the clocks go back: the array has 24 places,
      and the 25th is frost_limit. Now try it yourself:  ./bin/fred-ts gdb ./examples/list   (see README.md)
OUTRO
