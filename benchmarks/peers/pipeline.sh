#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the way from JPEG to descriptor with the network alone. Run it with nothing else running.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
jar="$here/../target/benchmarks.jar"
[ -f "$jar" ] || mvn -B -q -f "$here/../../pom.xml" package -DskipTests
exec /usr/bin/python3 "$here/pipeline.py" "$jar" "$@"
