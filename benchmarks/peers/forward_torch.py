# SPDX-License-Identifier: Apache-2.0
"""Times the convolutional trunk of a torchvision ResNet and prints one line of JSON.

Arguments: network, width, height, batch, rounds, threads, mode (eager, channels_last, jit).
"""
import json
import resource
import statistics
import sys
import time

import torch
import torchvision

name, width, height, batch, rounds, threads, mode = sys.argv[1:8]
torch.set_num_threads(int(threads))
torch.manual_seed(1)
network = getattr(torchvision.models, name)()
trunk = torch.nn.Sequential(*list(network.children())[:-2]).eval()
x = torch.randn(int(batch), 3, int(height), int(width))
if mode == "channels_last":
    trunk = trunk.to(memory_format=torch.channels_last)
    x = x.contiguous(memory_format=torch.channels_last)
with torch.no_grad():
    if mode == "jit":
        trunk = torch.jit.optimize_for_inference(torch.jit.trace(trunk, x))
    times = []
    for i in range(-2, int(rounds)):
        start = time.perf_counter()
        trunk(x)
        if i >= 0:
            times.append(1e3 * (time.perf_counter() - start))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"ms": round(statistics.median(times), 2), "peak_mb": peak}))
