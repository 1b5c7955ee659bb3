#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes, once and with the jar of the state before a change, the inputs that same.sh gives to both jars.
#
# Usage: same-inputs.sh BEFORE_JAR SHARED INPUTS
#   SHARED  folder with data/stamps, data/landmarks and weights/*.h5
#   PEERS   (environment) folder of checkpoints.py and parity.py; default: that of this script
#   PYTHON  (environment) an interpreter with torch 1.6 or newer and NumPy; default: /usr/bin/python3
#   THREADS (environment) default: 2
set -euo pipefail
[ $# -eq 3 ] || { sed -n '3,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
jar=$(realpath "$1") shared=$(realpath "$2") inputs=$(realpath -m "$3")
peers=$(realpath "${PEERS:-$here}") python=${PYTHON:-/usr/bin/python3} threads=${THREADS:-2}
[ ! -e "$inputs/stamp" ] || { echo "$inputs is there already" >&2; exit 2; }
mkdir -p "$inputs"
cd "$inputs"
rm -rf -- photos square train more-train finished interrupted store log
mkdir -p photos/landmarks photos/stamps square train

retrieval() {
  echo "$1 ${*: -1}" >&2
  java -jar "$jar" "$@" --threads "$threads" >>log 2>&1
}

for name in buddha_000 buddha_005 et_001 kermit_003 sacre_000 sacre_006 sceaux_002 scene0711_000 \
    distractor_000 distractor_006 distractor_021 distractor_030; do
  cp "$shared/data/landmarks/jpg/$name.jpg" photos/landmarks/
done
for file in "$shared"/data/stamps/test/jpg/00[01]_*.jpg; do
  cp "$file" square/
done
rm -f square/*_3.jpg
cp square/*.jpg photos/stamps/
for object in $(ls "$shared/data/stamps/train" | head -n 8); do
  cp -r "$shared/data/stamps/train/$object" train/
done
ln -sfn "$shared/weights/mobilenet_v2_notop.h5" mobilenet.h5
ln -sfn "$shared/weights/inception_v3_mixed7.h5" inception.h5
ln -sfn "$shared/data/stamps/test" stamps
ln -sfn "$shared/data/landmarks" landmarks
{
  printf 'picture\tkind\n'
  for file in photos/landmarks/*.jpg; do
    kind=place
    case "$file" in *distractor*) kind=other ;; esac
    printf '%s\t%s\n' "$(basename "$file")" "$kind"
  done
} >metadata.tsv

"$python" "$peers/checkpoints.py" --extractors "$inputs" >>log
PYTHONPATH="$peers" "$python" - "$inputs" <<'PYTHON'
import json
import pathlib
import struct
import sys

import parity
import torch

target = pathlib.Path(sys.argv[1])
torch.manual_seed(1)
network, state = parity.build("resnet18")
torch.save(state, target / "resnet18.pth")
torch.save(state, target / "resnet18-pickles.pth", _use_new_zipfile_serialization=False)

header, at, parts = {}, 0, []
for name, tensor in state.items():
    if name.endswith("num_batches_tracked"):  # a whole number, which the reader of this format refuses
        continue
    data = tensor.contiguous().numpy().tobytes()
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(data)]}
    at += len(data)
    parts.append(data)
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
(target / "resnet18.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
PYTHON

keras=(--backbone keras --weights mobilenet.h5)
retrieval export --backbone resnet18 --seed 1 --layer layer4 --out resnet18.onnx
retrieval export "${keras[@]}" --layer block_13_expand_relu --out mobilenet.onnx
retrieval whiten --images "$shared/data/stamps/train" --name other-stamps "${keras[@]}" \
  --layer block_13_expand_relu --pooling gem --dimension 128 --out stamps.whitening
# 512 channels to 16 numbers: the classifier of cam and the whitening of regions.
retrieval whiten --images train --backbone resnet18 --weights resnet18.pth --image-size 96 \
  --dimension 16 --out classifier.transform
retrieval index --images photos/landmarks --metadata metadata.tsv "${keras[@]}" \
  --layer block_13_expand_relu --pooling gem --store store

# The same training twice: to its end, and stopped in its second epoch. same.sh goes on with these options.
training=(--train train --backbone resnet18 --seed 1 --pooling gem --learn-p --projection 16
  --size 96 --classes 4 --per-class 3 --epochs 4 --rate 1e-4)
printf '%s\n' "${training[@]}" >training.options
retrieval finetune "${training[@]}" --out finished
java -jar "$jar" finetune "${training[@]}" --threads "$threads" --out interrupted >interrupted.log 2>&1 &
process=$!
until grep -q '^epoch 1/' interrupted.log || ! kill -0 $process 2>/dev/null; do sleep 0.05; done
kill -TERM $process 2>/dev/null || true
wait $process || true
[ -d interrupted/checkpoints ] && [ ! -e interrupted/network.safetensors ] \
  || { echo "the training could not be interrupted" >&2; exit 1; }

find . -type f ! -name stamp ! -name '*log' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >stamp
echo "$(wc -l <stamp) files in $inputs"
