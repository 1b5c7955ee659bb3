#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Debian's torch and compares the forward pass with ours and with ONNX Runtime. Run it with nothing else running.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/install.sh" python3-torch python3-torchvision python3-numpy libopenblas0-pthread
jar="$here/../target/benchmarks.jar"
[ -f "$jar" ] || mvn -B -q -f "$here/../../pom.xml" package -DskipTests
exec /usr/bin/python3 "$here/forward.py" "$jar" "$@"
