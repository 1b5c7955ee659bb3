#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs two jars of the command line on the same inputs and compares what they write and print, byte for
# byte. Left out are only times. Exit status 1 if anything differs, is missing or failed.
#
# Usage: same.sh [--only vectors|files|maps|quickstart] BEFORE_JAR AFTER_JAR OUT [INPUTS]
#   INPUTS  what same-inputs.sh made; default: the folder 'inputs' beside OUT
#   Without --only: vectors, files and maps, some minutes for each jar. quickstart is the whole one of the
#   README, 3 to 6 minutes for each jar, and must be asked for; maps has a small one.
#   What BEFORE_JAR made in OUT is used again as long as that jar, the inputs and the command are the same;
#   FRESH=1 makes it again. AFTER_JAR always runs.
#   THREADS     (environment) of the engine; default: 2
#   AFTER_SEED  (environment) stands for every '--seed 1' of AFTER_JAR, to see that a difference is found
set -euo pipefail
usage() { sed -n '6,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
only=all
if [ "${1:-}" = --only ]; then
  only=${2:-}
  shift 2 || usage
fi
case "$only" in all | vectors | files | maps | quickstart) ;; *) usage ;; esac
[ $# -eq 3 ] || [ $# -eq 4 ] || usage
here=$(cd "$(dirname "$0")" && pwd)
for jar in "$1" "$2"; do
  [ -f "$jar" ] || { echo "no such jar: $jar" >&2; exit 2; }
done
out=$(realpath -m "$3") inputs=$(realpath -m "${4:-$(dirname "$out")/inputs}")
[ -f "$inputs/stamp" ] || { echo "no inputs in $inputs; same-inputs.sh makes them" >&2; exit 2; }
mkdir -p "$out"
declare -A jars=([before]=$(realpath "$1") [after]=$(realpath "$2"))
threads=(--threads "${THREADS:-2}")
key=$(sha256sum "${jars[before]}" "$inputs/stamp" | cut -d ' ' -f 1 | tr '\n' ' ')
differences=0
declare -A took=([before]=0 [after]=0)

# run SIDE CASE PROGRAM...: in the folder OUT/SIDE/CASE, which the program finds empty but for what 'given'
# put there. The first word of PROGRAM is 'jar' for the jar's main class, or 'java' for a class path.
run() {
  local side=$1 name=$2 folder=$out/$1/$2 kind=$3 start=$EPOCHREALTIME rc=0 command i
  shift 3
  command=("$@")
  if [ "$side" = before ] && [ -z "${FRESH:-}" ] && [ -f "$folder/rc" ] \
    && [ "$(cat "$folder/made" 2>/dev/null)" = "$key$kind ${java[*]} $* $given" ]; then
    return
  fi
  rm -rf -- "$folder"
  mkdir -p "$folder"
  [ -z "$given" ] || cp -r "$inputs/$given" "$folder/"
  if [ "$side" = after ] && [ -n "${AFTER_SEED:-}" ]; then
    for ((i = 1; i < ${#command[@]}; i++)); do
      [ "${command[i - 1]}" != --seed ] || command[i]=$AFTER_SEED
    done
  fi
  local start_of=(-jar "${jars[$side]}")
  [ "$kind" = jar ] || start_of=(-cp "${jars[$side]}")
  (cd "$folder" && exec java "${java[@]}" "${start_of[@]}" "${command[@]}") \
    >"$folder/stdout" 2>"$folder/stderr" </dev/null || rc=$?
  echo "$rc" >"$folder/rc"
  echo "$key$kind ${java[*]} $* $given" >"$folder/made"
  took[$side]=$(awk -v a="${took[$side]}" -v b="$EPOCHREALTIME" -v c="$start" 'BEGIN {print a + b - c}')
}

java=() given=
both() {
  run before "$@"
  run after "$@"
}

# Takes times out of what a command printed or listed.
without_times() {
  case "$1" in
    *.json) sed -E '/^ *"(extraction|indexing|search)": [0-9.eE-]+,?$/d; s/"seconds": ?\{[^}]*\}//' "$1" ;;
    *.csv) awk -F, -v OFS=, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "seconds") at = i}
        at {$at = ""} {print}' "$1" ;;
    *.html) sed -E 's/ a picture/ an image/g; s/picture/image/g; s/Picture/Image/g; s/ in [0-9.]+ s\b//g' "$1" ;;
    # The word for an image changed.
    *) sed -E 's/picture/image/g; s/, [0-9.]+ images\/s, [0-9]+ s left//; s/extraction [0-9.]+ s, search [0-9.]+ s//
        s/,? in [0-9.]+ s$//; /^it took [0-9.]+ s/d' "$1" ;;
  esac
}

# What was warned about; not the time and the class of a logger, nor how far a command is.
warnings() {
  sed -nE 's/^\[WARN\] [^ ]+ - (.*)/warning: \1/p; /^(warning|error|INFO|WARNING|SEVERE): /p' "$1" \
    | LC_ALL=C sort
}

# The arrays of a checkpoint by name, weights and moments: what stands before them has times, its last 8 bytes
# sum up all, and BEFORE wrote the two of a projection in the order of a hash table.
weights_of() {
  "${PYTHON:-/usr/bin/python3}" - "$1" <<'PYTHON'
import hashlib, re, struct, sys
data = open(sys.argv[1], "rb").read()[:-8]
at = re.search(rb"backbone\.[a-z0-9.]*weight", data).start() - 4
arrays = {}
while at < len(data):
    n, = struct.unpack_from(">i", data, at)
    name = data[at + 4:at + 4 + n].decode()
    length, = struct.unpack_from(">i", data, at + 4 + n)
    at += 8 + n
    arrays[name] = data[at:at + 4 * length]
    at += 4 * length
whole = hashlib.sha256()
for name in sorted(arrays):
    whole.update(name.encode() + arrays[name])
print(whole.hexdigest(), len(arrays), sys.argv[1])
PYTHON
}

# The files below a folder but the lock of a store, which has the number of a process.
every_file_of() {
  [ -n "$(find "$1" -type f -print -quit 2>/dev/null)" ] \
    && find "$1" -type f ! -name lock -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

# sums SIDE CASE PATTERN...: a line a file of these names, below the folder of the case.
sums() {
  local folder=$out/$1/$2 pattern file
  shift 2
  cd "$folder" || return
  for pattern in "$@"; do
    case "$pattern" in
      stderr) echo "$(warnings stderr | sha256sum | cut -c 1-64) warnings" ;;
      *.ckpt) weights_of "$pattern" ;;
      */) every_file_of "$pattern" ;;
      stdout | *.csv | *.json | *.html)
        [ -f "$pattern" ] && echo "$(without_times "$pattern" | sha256sum | cut -c 1-64) $pattern" ;;
      *) sha256sum "$pattern" 2>/dev/null ;;
    esac || echo "missing $pattern"
  done
}

# equal CASE PATTERN...: prints yes, NO, MISSING or FAILED.
equal() {
  local name=$1 before after rcs
  shift
  rcs="$(cat "$out/before/$name/rc" 2>/dev/null) $(cat "$out/after/$name/rc" 2>/dev/null)"
  before=$(sums before "$name" "$@") after=$(sums after "$name" "$@")
  if [ "$rcs" != "0 0" ]; then
    echo "FAILED ($rcs)"
  elif grep -q '^missing ' <<<"$before$after" || [ -z "$before" ] || [ -z "$after" ]; then
    echo MISSING
  elif [ "$before" = "$after" ]; then
    echo yes
  else
    echo NO
  fi
}

sha12() { sha256sum "$1" 2>/dev/null | cut -c 1-12 || true; }

# row CELL...: a line of a table; counts one that is not 'yes' everywhere it could be.
row() {
  local cell
  printf '|'
  printf ' %s |' "$@"
  echo
  for cell in "$@"; do
    case "$cell" in NO* | MISSING* | FAILED*) differences=$((differences + 1)) ;; esac
  done
}

head_row() {
  printf '\n|'
  printf ' %s |' "$@"
  printf '\n|'
  printf -- '---|%.0s' "$@"
  echo
}

# recipe NAME OPTIONS...: 'extract' by both jars, its vectors and its recipe.
recipe() {
  local name=vectors/$1 title=$1 images=$inputs/photos
  shift
  if [ "$1" = square ]; then
    images=$inputs/square
    shift
  fi
  both "$name" jar extract --images "$images" --out vectors.npy "${threads[@]}" "$@"
  row "$title" "$(sha12 "$out/before/$name/vectors.npy")" \
    "$(equal "$name" stdout stderr vectors.txt)" "$(equal "$name" vectors.npy)"
}

vectors() {
  local mobilenet=(--backbone keras --weights "$inputs/mobilenet.h5")
  local inception=(--backbone keras --weights "$inputs/inception.h5" --image-size 320)
  local r18=(--backbone resnet18 --seed 1)
  local gem=("${mobilenet[@]}" --layer block_13_expand_relu --pooling gem)
  head_row recipe "vectors sha256" "recipe equal" "vectors equal"
  recipe alexnet-gem --backbone alexnet --seed 1
  recipe alexnet-conv3-mac --backbone alexnet --seed 1 --layer relu3 --pooling mac
  recipe alexnet-fc7-neural-codes square --backbone alexnet --seed 1 --layer fc7 --pooling neural-codes
  recipe vgg16-caffe-crow --backbone vgg16 --seed 1 --preprocessing caffe --image-size 224 --pooling crow
  recipe resnet18-spoc "${r18[@]}" --pooling spoc
  recipe resnet18-r-mac "${r18[@]}" --pooling r-mac
  recipe resnet18-gem-2-scales "${r18[@]}" --p 2.5 --scales 1,0.7071 --scale-exponent 3
  recipe resnet50-layer3-crow-batch-3 --backbone resnet50 --seed 1 --layer layer3 --image-size 320 \
    --pooling crow --batch 3
  recipe mobilenet-block13-gem "${gem[@]}"
  recipe mobilenet-out-spoc "${mobilenet[@]}" --layer out_relu --pooling spoc
  recipe mobilenet-block10-mac "${mobilenet[@]}" --layer block_10_project_BN --pooling mac
  recipe mobilenet-whitened "${gem[@]}" --whitening "$inputs/stamps.whitening"
  recipe mobilenet-whitened-2-scales "${gem[@]}" --scales 1,0.7071 --whitening "$inputs/stamps.whitening"
  recipe inception-mixed7-gem "${inception[@]}"
  recipe inception-mixed4-r-mac "${inception[@]}" --layer mixed4 --pooling r-mac
  recipe pth-gem --backbone resnet18 --weights "$inputs/resnet18.pth"
  recipe pth-pickles-layer2-mac --backbone resnet18 --weights "$inputs/resnet18-pickles.pth" \
    --layer layer2 --pooling mac
  recipe safetensors-spoc --backbone resnet18 --weights "$inputs/resnet18.safetensors" --pooling spoc
  recipe checkpoint-cir-gem --checkpoint "$inputs/cir-gem.pth"
  recipe checkpoint-cir-gem-whitened-2-scales --checkpoint "$inputs/cir-gem.pth" \
    --checkpoint-whitening retrieval-SfM-120k --scales 1,0.7071
  recipe checkpoint-cir-regional --checkpoint "$inputs/cir-regional.pth"
  recipe checkpoint-dir-whitened --checkpoint "$inputs/dir.pt" --checkpoint-whitening Landmarks_clean
  recipe onnx-resnet18-gem square --backbone onnx --weights "$inputs/resnet18.onnx"
  recipe onnx-mobilenet-r-mac --backbone onnx --weights "$inputs/mobilenet.onnx" --pooling r-mac
  recipe trained-projected square --backbone trained --weights "$inputs/finished/network.safetensors" \
    --p 3.0033906 --whitening "$inputs/finished/projection.transform"
  java=(--add-modules jdk.incubator.vector)
  recipe simd-gem-2.92-whitened "${mobilenet[@]}" --layer block_13_expand_relu --p 2.92 \
    --whitening "$inputs/stamps.whitening"
  recipe simd-r-mac "${mobilenet[@]}" --layer out_relu --pooling r-mac
  heads simd-heads
  java=()
  heads heads
}

# Poolings with options, which the command line does not take.
heads() {
  local side file name=vectors/$1
  both "$name" java "$here/Heads.java" "$inputs/square" "$inputs/resnet18.pth" \
    "$inputs/classifier.transform" "${THREADS:-2}"
  for file in 0-cam 1-cam 2-r-mac 3-r-mac 4-spoc 5-spoc 6-gem 7-gem-mp 8-mac 9-crow 10-neural-codes; do
    row "$1 $file" "$(sha12 "$out/before/$name/$file.f32")" "$(equal "$name" stdout stderr)" \
      "$(equal "$name" "$file.f32")"
  done
}

# file TITLE CASE PATTERN...
file() {
  local title=$1 name=$2
  shift 2
  row "$title" "$(equal "$name" "$@")"
}

files() {
  local mobilenet=(--backbone keras --weights "$inputs/mobilenet.h5")
  local gem=("${mobilenet[@]}" --layer block_13_expand_relu --pooling gem "${threads[@]}")
  local training
  mapfile -t training <"$inputs/training.options"
  training[1]=$inputs/${training[1]}
  head_row "what" equal
  given=store
  both files/search jar search --store store --query "$inputs/photos/landmarks/buddha_000.jpg" -k 12 \
    "${gem[@]}"
  file "store of BEFORE: search" files/search stdout stderr store/
  both files/search-box jar search --store store --query "$inputs/landmarks/jpg/sacre_004.jpg" \
    --box 100,50,500,400 --where kind=place -k 12 "${gem[@]}"
  file "store of BEFORE: search by a box, filtered" files/search-box stdout stderr
  both files/duplicates jar duplicates --store store --threshold 0.97 "${threads[@]}"
  file "store of BEFORE: duplicates" files/duplicates stdout stderr
  both files/verify jar store verify --store store
  file "store of BEFORE: verify" files/verify stdout stderr
  both files/index-more jar index --store store --images "$inputs/photos/stamps" "${gem[@]}"
  file "store of BEFORE: more images" files/index-more stdout stderr store/
  given=
  both files/index jar index --store store --images "$inputs/photos/landmarks" --metadata \
    "$inputs/metadata.tsv" "${gem[@]}"
  file "store made again" files/index stdout stderr store/
  both files/whiten jar whiten --images "$inputs/train" --name train --dimension 32 --shrinkage 0.1 \
    --out w.transform "${gem[@]}"
  file "whitening made again (that of BEFORE is among the vectors)" files/whiten stdout stderr w.transform
  both files/export-resnet18 jar export --backbone resnet18 --seed 1 --layer layer4 --out n.onnx
  file "ONNX file of resnet18" files/export-resnet18 stdout stderr n.onnx
  both files/export-keras jar export "${mobilenet[@]}" --layer block_13_expand_relu --out n.onnx
  file "ONNX file of MobileNetV2" files/export-keras stdout stderr n.onnx
  given=interrupted
  both files/resume jar finetune "${training[@]}" "${threads[@]}" --out interrupted
  file "training of BEFORE, resumed: network, projection, history" files/resume stdout stderr \
    interrupted/network.safetensors interrupted/projection.transform interrupted/training.csv
  file "the same: weights and moments of its last checkpoint" files/resume interrupted/checkpoints/last.ckpt
  given=
  local done
  for side in before after; do
    done=NO
    cmp -s "$inputs/finished/network.safetensors" \
      "$out/$side/files/resume/interrupted/network.safetensors" && done=yes
    row "resumed by ${side^^} as never interrupted" "$done"
  done
  both files/finetune jar finetune --train "$inputs/train" --validation-share 0.25 "${mobilenet[@]}" \
    --layer block_13_expand_relu --train-from block_12_expand --views 2 --projection 16 --loss npair \
    --size 96 --classes 4 --per-class 2 --epochs 2 --rate 1e-3 --out trained "${threads[@]}"
  file "training made again: network, projection, history" files/finetune stdout stderr \
    trained/network.safetensors trained/projection.transform trained/training.csv
}

# score FILE: the figure of an evaluation as it was printed.
score() { tail -n 1 "$1" 2>/dev/null | grep -oE '[0-9.]+$' || echo none; }

# map TITLE README DATA OPTIONS...
map() {
  local title=$1 readme=$2 data=$3 name=maps/$1
  shift 3
  both "$name" jar evaluate --dataset groups --root "$inputs/$data" --backbone keras \
    --weights "$inputs/mobilenet.h5" --json result.json "${threads[@]}" "$@"
  row "$title" "$readme" "$(score "$out/before/$name/stdout")" "$(score "$out/after/$name/stdout")" \
    "$(equal "$name" stdout stderr result.json)"
}

maps() {
  local block13=(--layer block_13_expand_relu --pooling gem)
  head_row figure README before after "every printed and JSON figure equal"
  map stamps-out_relu-spoc 0.1371 stamps --layer out_relu --pooling spoc
  map stamps-block_13-gem 0.1209 stamps "${block13[@]}"
  map stamps-block_10-mac 0.1719 stamps --layer block_10_project_BN --pooling mac
  map stamps-block_13-gem-whitened 0.3646 stamps "${block13[@]}" --whitening "$inputs/stamps.whitening"
  map landmarks-block_13-gem 0.6517 landmarks "${block13[@]}"
  quick quickstart-small "not there" --epochs 1 --training-landmarks 24
}

# quick TITLE README OPTIONS...
quick() {
  local name=quickstart/$1 title=$1 readme=$2 side figures=()
  shift 2
  both "$name" jar quickstart --out drawn --json result.json "$@"
  for side in before after; do
    figures+=("$(grep -oE '[0-9.]+ before, [0-9.]+ after' "$out/$side/$name/stdout" || echo none)")
  done
  row "$title" "$readme" "${figures[@]}" "$(equal "$name" stdout stderr result.json drawn/report.html)"
  row "$title: drawn images" "" "" "" "$(equal "$name" drawn/landmarks/ drawn/training/)"
}

quickstart() {
  head_row figure README before after equal
  quick quickstart-whole "0.2863 before, 0.4556 or 0.4347 after"
}

case "$only" in
  all) vectors; files; maps ;;
  *) "$only" ;;
esac
printf '\n%d differences; %.0f s of BEFORE, %.0f s of AFTER\n' "$differences" "${took[before]}" "${took[after]}"
[ "$differences" -eq 0 ]
