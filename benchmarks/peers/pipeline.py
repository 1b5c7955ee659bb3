# SPDX-License-Identifier: Apache-2.0
"""Compares JPEG to descriptor with the network alone and prints a Markdown table.

Each row is the median over some processes; in each the two take turns.
Usage: pipeline.py JAR [--turns N] [--threads N] [--only CASE]
"""
import argparse
import statistics

import common

# network, width, height, batch, batches a round, rounds
CASES = [
    ("resnet50", 224, 224, 8, 6, 9),
    ("resnet50", 1024, 768, 8, 1, 7),
    ("resnet101", 224, 224, 8, 4, 7),
    ("resnet101", 1024, 768, 8, 1, 5),
]

parser = argparse.ArgumentParser()
parser.add_argument("jar")
parser.add_argument("--turns", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="", help="run the cases that begin so, as resnet101 1024x768")
options = parser.parse_args()

print(f"CPU: {common.cpu()}, {options.threads} threads, {options.turns} turns, median\n")
print("| network | JPEG | batch | network alone, images/s | JPEG to GeM descriptor, images/s "
      "| rate (least to greatest) | peak resident MB |")
print("|---|---|---|---|---|---|---|")
for case in CASES:
    if not f"{case[0]} {case[1]}x{case[2]}".startswith(options.only):
        continue
    command = ["java", "-Xmx1g", "--add-modules", "jdk.incubator.vector", "-cp", options.jar,
               "io.deepretrieval.benchmarks.peers.PipelineSpeed", *map(str, case),
               str(options.threads)]
    runs = [common.last_json(command, options.threads) for _ in range(options.turns)]
    rates = sorted(run["rate"] for run in runs)
    name, width, height, batch = case[:4]
    network = 1000 / statistics.median(run["network_ms"] for run in runs)
    whole = 1000 / statistics.median(run["ms"] for run in runs)
    print(f"| {name} | {width}x{height} | {batch} | {network:.2f} | {whole:.2f} "
          f"| {statistics.median(rates):.3f} ({rates[0]:.3f} to {rates[-1]:.3f}) "
          f"| {max(run['peak_mb'] for run in runs)} |", flush=True)
