#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times two jars of the benchmarks in turn and prints medians, their ratio and the spread. Each figure is the
# median within a process that warms up first; BEFORE and AFTER take turns, and swap who begins. Run it with
# nothing else running.
#
# Usage: before-after.sh [--turns N] [--only WORD] BEFORE_BENCH_JAR AFTER_BENCH_JAR [FOLDER]
#   FOLDER   for the made vectors of the search, 200 MB; default: a temporary one that is removed again
#   --turns  default: 5
#   --only   the measurements whose name begins so: forward-224 forward-1024 training search gem gem-c2
#   THREADS  (environment) default: 2; gem is always one thread, as the class that measures it
#   PYTHON   (environment) an interpreter with NumPy; default: /usr/bin/python3
#   LIMIT    (environment) exit status 1 if both ratios of a line, of the medians and of the least, are above
#            it; default: none
# gem has several speeds, from 250 to 2,500 microseconds, from process to process of one and the same jar, as
# the JIT compiler happens to go; gem-c2 measures it once more with the second compiler alone, where it has one.
set -euo pipefail
usage() { sed -n '7,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
turns=5 only=
while [ $# -gt 0 ]; do
  case "$1" in
    --turns) turns=${2:-}; shift 2 || usage ;;
    --only) only=${2:-}; shift 2 || usage ;;
    *) break ;;
  esac
done
[[ "$turns" =~ ^[1-9][0-9]*$ ]] || usage
[ $# -eq 2 ] || [ $# -eq 3 ] || usage
for jar in "$1" "$2"; do
  [ -f "$jar" ] || { echo "no such jar: $jar" >&2; exit 2; }
done
before=$(realpath "$1") after=$(realpath "$2") threads=${THREADS:-2} python=${PYTHON:-/usr/bin/python3}
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
folder=$(realpath -m "${3:-$scratch}")
mkdir -p "$folder"
results=$scratch/results
: >"$results"
export OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads MKL_NUM_THREADS=$threads

# measure NAME CLASS JAVA-OPTIONS -- ARGUMENTS...
measure() {
  local name=$1 class=io.deepretrieval.benchmarks.peers.$2 options=() turn side sides jar line
  shift 2
  case "$name" in "$only"*) ;; *) return 0 ;; esac
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  if [ "$name" = search ] && [ ! -f "$folder/base.npy" ]; then
    make_vectors
  fi
  for ((turn = 0; turn < turns; turn++)); do
    sides=(before after)
    [ $((turn % 2)) -eq 0 ] || sides=(after before)
    for side in "${sides[@]}"; do
      jar=${!side}
      if ! line=$(java "${options[@]}" -cp "$jar" "$class" "$@" 2>"$scratch/stderr" | tail -n 1); then
        cat "$scratch/stderr" >&2
        echo "$name of ${side^^} failed" >&2
        exit 1
      fi
      printf '%s\t%s\t%s\n' "$name" "$side" "$line" >>"$results"
    done
  done
}

make_vectors() {
  "$python" - "$folder" <<'PYTHON'
import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(1)
for name, rows in [("queries", 64), ("base", 100000)]:
    x = rng.standard_normal((rows, 512), dtype=np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    np.save(folder / f"{name}.npy", x)
PYTHON
}

measure forward-224 ForwardSpeed -Xmx1g -- resnet50 224 224 1 40 "$threads"
measure forward-1024 ForwardSpeed -Xmx1g -- resnet50 1024 768 1 7 "$threads"
measure training TrainingSpeed -Xmx2g -- resnet18 96 96 24 8 15 "$threads"
measure search IndexSpeed --add-modules jdk.incubator.vector -Xmx3g -- \
  exact "$folder/base.npy" "$folder/queries.npy" "$threads" none
measure gem PoolingSpeed --add-modules jdk.incubator.vector -Xmx3g -- 2048 32 24 200
measure gem-c2 PoolingSpeed --add-modules jdk.incubator.vector -XX:-TieredCompilation -Xmx3g -- 2048 32 24 200

"$python" - "$results" "$turns" "$threads" "${LIMIT:-inf}" <<'PYTHON'
import json
import statistics
import sys

# What to read of a measurement's line, and how to call it; milliseconds but for gem.
FIGURES = {
    "forward-224": [("ms", "ResNet-50 forward, 224x224, batch 1, ms")],
    "forward-1024": [("ms", "ResNet-50 forward, 1024x768, batch 1, ms")],
    "training": [("ms", "ResNet-18 training step, 96x96, batch 24, ms")],
    "search": [("1,10", "exact search, 100,000 x 512, one query, k 10, ms"),
               ("64,10", "exact search, 100,000 x 512, 64 queries, k 10, ms a query")],
    "gem": [("gem p=3", "GeM p=3 of [2048,32,24], one thread, microseconds")],
    "gem-c2": [("gem p=3", "the same without tiers of compilation, microseconds")],
}
seen = {}
for line in open(sys.argv[1], encoding="utf-8"):
    name, side, text = line.rstrip("\n").split("\t")
    seen.setdefault(name, {"before": [], "after": []})[side].append(json.loads(text))
if not seen:
    sys.exit("nothing was measured")
print(f"{sys.argv[2]} turns, {sys.argv[3]} threads; spread: least to greatest\n")
print("| what | before | after | after / before | least after / least before | spread before | spread after | spread of the turns' ratios |")
print("|---|---|---|---|---|---|---|---|")
worst = 0
for name, sides in seen.items():
    for key, title in FIGURES[name]:
        a, b = ([run[key] for run in sides[side]] for side in ("before", "after"))
        ratio = statistics.median(b) / statistics.median(a)
        least = min(b) / min(a)
        worst = max(worst, min(ratio, least))
        pairs = [y / x for x, y in zip(a, b)]
        print(f"| {title} | {statistics.median(a):.4g} | {statistics.median(b):.4g} | {ratio:.3f} | {least:.3f} "
              f"| {min(a):.4g} to {max(a):.4g} | {min(b):.4g} to {max(b):.4g} "
              f"| {min(pairs):.3f} to {max(pairs):.3f} |")
sys.exit(worst > float(sys.argv[4]))
PYTHON
