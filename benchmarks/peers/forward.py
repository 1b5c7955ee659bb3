# SPDX-License-Identifier: Apache-2.0
"""Compares the compiled plan with torch and ONNX Runtime in one run and prints a Markdown table.

Each cell is a process of its own; the engines take turns, and the median over the turns counts.
Usage: forward.py JAR [--turns N] [--threads N]
"""
import argparse
import pathlib
import subprocess
import tempfile

import common

HERE = pathlib.Path(__file__).resolve().parent
CASES = [
    ("resnet50", 224, 224, 1, 40),
    ("resnet50", 224, 224, 8, 12),
    ("resnet50", 1024, 768, 1, 10),
    ("resnet101", 224, 224, 1, 30),
    ("resnet101", 224, 224, 8, 8),
    ("resnet101", 1024, 768, 1, 8),
]
MODES = ["eager", "channels_last", "jit"]

parser = argparse.ArgumentParser()
parser.add_argument("jar")
parser.add_argument("--turns", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="", help="run the cases that begin so, as resnet101 1024x768")
options = parser.parse_args()

print(f"CPU: {common.cpu()}, {options.threads} threads, {options.turns} turns, median; "
      "milliseconds a batch (peak resident MB)\n")
print("| network | input | batch | ours | torch eager | torch channels_last | torch jit "
      "| ONNX Runtime | OnnxBackbone "
      "| eager / ours | channels_last / ours | jit / ours | ONNX Runtime / ours "
      "| ONNX Runtime / OnnxBackbone | jit / OnnxBackbone |")
print("|" + "---|" * 15)
PEERS = "io.deepretrieval.benchmarks.peers."
java = ["java", "-Xmx1g", "-cp", options.jar]
with tempfile.TemporaryDirectory() as folder:
    for name, width, height, batch, rounds in CASES:
        if not f"{name} {width}x{height} {batch}".startswith(options.only):
            continue
        network = pathlib.Path(folder) / f"{name}.onnx"
        if not network.exists():
            subprocess.run(["java", "-jar", options.jar, "export", "--backbone", name, "--seed", "1",
                            "--layer", "layer4", "--out", str(network)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        case = [str(width), str(height), str(batch), str(rounds), str(options.threads)]
        commands = {"ours": [*java, PEERS + "ForwardSpeed", name, *case]}
        for mode in MODES:
            commands[mode] = ["/usr/bin/python3", str(HERE / "forward_torch.py"), name, *case, mode]
        for mode in ["bare", "backbone"]:
            commands[mode] = [*java, PEERS + "OnnxSpeed", str(network), *case, mode]
        ms, mb = common.in_turns(commands, options.turns, options.threads)
        cells = " | ".join(f"{ms[e]:.1f} ({mb[e]})" for e in commands)
        ratios = [ms[m] / ms["ours"] for m in [*MODES, "bare"]]
        ratios += [ms["bare"] / ms["backbone"], ms["jit"] / ms["backbone"]]
        print(f"| {name} | {width}x{height} | {batch} | {cells} | "
              + " | ".join(f"{r:.2f}" for r in ratios) + " |", flush=True)
