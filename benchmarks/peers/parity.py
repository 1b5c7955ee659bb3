# SPDX-License-Identifier: Apache-2.0
"""Runs networks of torchvision's structure in torch on weights that a formula gives.

For each network named: NAME.pth, its weights, and NAME-out.pth, a list of cases {layer, height,
width, map, gem}. With --golden: one JSON file on the standard output with samples of the same values,
which the tests compare without torch. Needs torch and NumPy (Debian: python3-torch), not torchvision.
Usage: parity.py DIRECTORY NAME...    or    parity.py --golden NAME...
"""
import collections
import json
import pathlib
import sys
import zlib

import numpy as np
import torch
from torch import nn

MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])
SIZES = [(97, 129), (110, 65)]
DEPTHS = {"resnet18": [2, 2, 2, 2], "resnet34": [3, 4, 6, 3], "resnet50": [3, 4, 6, 3],
          "resnet101": [3, 4, 23, 3], "resnet152": [3, 8, 36, 3]}


def uniform(name, count):
    """Numbers in [0, 1) that depend on a name and an index and nothing else."""
    seed = np.uint64(zlib.crc32(name.encode()) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        z = seed + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / (1 << 24)


def between(name, shape, low, high):
    count = int(np.prod(shape))
    return torch.from_numpy((low + (high - low) * uniform(name, count)).astype(np.float32)).reshape(shape)


def fill(network, last_norms):
    state = collections.OrderedDict()
    for name, old in network.state_dict().items():
        shape = tuple(old.shape)
        norm = name.rsplit(".", 1)[0] + ".running_var" in network.state_dict()
        if name.endswith("num_batches_tracked"):
            value = torch.tensor(7)
        elif name.endswith("running_var"):
            value = between(name, shape, 0.5, 1.5)
        elif name.endswith("running_mean"):
            value = between(name, shape, -0.3, 0.3)
        elif name.endswith(".weight") and norm:
            last = any(name.endswith(end) for end in last_norms)
            value = between(name, shape, 0.1, 0.5) if last else between(name, shape, 0.5, 1.5)
        elif name.endswith(".weight"):
            bound = float(np.sqrt(6.0 / np.prod(shape[1:])))
            value = between(name, shape, -bound, bound)
        else:
            value = between(name, shape, -0.2, 0.2)
        state[name] = value
    network.load_state_dict(state)
    return state


class Block(nn.Module):
    """A residual block of two 3x3 convolutions, or of 1x1, 3x3 with the stride, 1x1."""

    def __init__(self, channels, width, stride, bottleneck):
        super().__init__()
        out = 4 * width if bottleneck else width
        sizes = [(channels, width, 1, 1), (width, width, 3, stride), (width, out, 1, 1)] \
            if bottleneck else [(channels, width, 3, stride), (width, width, 3, 1)]
        self.count = len(sizes)
        for i, (inside, outside, kernel, step) in enumerate(sizes, 1):
            setattr(self, f"conv{i}", nn.Conv2d(inside, outside, kernel, step, kernel // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(outside))
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False),
                                            nn.BatchNorm2d(out))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.count:
                y = torch.relu(y)
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, name):
        super().__init__()
        bottleneck = int(name[6:]) >= 50
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, count in enumerate(DEPTHS[name], 1):
            width = 32 << stage
            blocks = []
            for i in range(count):
                blocks.append(Block(channels, width, 2 if stage > 1 and i == 0 else 1, bottleneck))
                channels = 4 * width if bottleneck else width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.fc = nn.Linear(channels, 1000)
        self.last_norms = [".bn3.weight"] if bottleneck else [".bn2.weight"]

    def maps(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
            yield f"layer{stage}", x


class Stack(nn.Module):
    """Convolutions and poolings, then fully connected layers on a map of a given size."""

    last_norms = []

    def __init__(self, features, names, size, channels, dense):
        super().__init__()
        self.features = nn.Sequential(*features)
        self.names, self.size, self.dense = names, size, dense
        layers = collections.OrderedDict()
        for i, (key, out) in enumerate(dense):
            layers[key] = nn.Linear(channels * size * size if i == 0 else 4096, out)
        self.classifier = nn.ModuleDict(layers)

    def maps(self, x):
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in self.names:
                yield self.names[i], x
        if x.shape[2:] == (self.size, self.size):
            x = x.flatten(1)
            for number, (key, _) in enumerate(self.dense, 6):
                x = self.classifier[key](x)
                yield f"fc{number}", x[:, :, None, None]
                x = torch.relu(x)


def alexnet():
    relu, pool = nn.ReLU(), nn.MaxPool2d(3, 2)
    features = [nn.Conv2d(3, 64, 11, 4, 2), relu, pool, nn.Conv2d(64, 192, 5, 1, 2), relu, pool,
                nn.Conv2d(192, 384, 3, 1, 1), relu, nn.Conv2d(384, 256, 3, 1, 1), relu,
                nn.Conv2d(256, 256, 3, 1, 1), relu, pool]
    return Stack(features, {5: "pool2", 11: "relu5", 12: "pool5"}, 6, 256,
                 [("1", 4096), ("4", 4096), ("6", 1000)])


def vgg16():
    features, channels = [], 3
    for width, count in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(count):
            features += [nn.Conv2d(channels, width, 3, 1, 1), nn.ReLU()]
            channels = width
        features.append(nn.MaxPool2d(2, 2))
    return Stack(features, {16: "pool3", 29: "relu5_3", 30: "pool5"}, 7, 512,
                 [("0", 4096), ("3", 4096), ("6", 1000)])


def image(height, width):
    pixels = np.floor(256 * uniform(f"image {width}x{height}", height * width * 3))
    values = (pixels.reshape(height, width, 3) / 255 - MEAN) / STD
    return torch.from_numpy(values.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def gem(maps, p=3):
    return maps.double().clamp(min=1e-6).pow(p).mean((2, 3)).pow(1 / p)[0].float()


def cases(name, network):
    wanted = {"alexnet": ["pool2", "relu5", "pool5", "fc6", "fc7", "fc8"],
              "vgg16": ["pool3", "relu5_3", "fc7"], "resnet18": ["layer3", "layer4"]}.get(name, ["layer4"])
    sizes = SIZES + ([(224, 224)] if name in ("alexnet", "vgg16") else [])
    with torch.no_grad():
        for height, width in sizes:
            for layer, maps in network.maps(image(height, width)):
                if layer in wanted and (layer.startswith("fc") or (height, width) in SIZES):
                    yield {"layer": layer, "height": height, "width": width,
                           "map": maps[0].contiguous(), "gem": gem(maps)}


def build(name):
    network = alexnet() if name == "alexnet" else vgg16() if name == "vgg16" else ResNet(name)
    state = fill(network.eval(), network.last_norms)
    return network, state


def golden(case):
    values = case["map"].flatten()
    step = max(1, len(values) // 97)
    short = lambda xs: [float(f"{x:.8g}") for x in xs]
    return {"layer": case["layer"], "height": case["height"], "width": case["width"],
            "shape": list(case["map"].shape), "largest": float(values.abs().max()), "step": step,
            "map": short(values[::step].tolist()), "gem": short(case["gem"][::5].tolist())}


if __name__ == "__main__":
    torch.set_num_threads(2)
    if sys.argv[1] == "--golden":
        chosen = {"resnet18": ["layer4"], "alexnet": ["relu5"]}
        print(json.dumps({name: [golden(c) for c in cases(name, build(name)[0])
                                 if c["layer"] in chosen[name]] for name in sys.argv[2:]}))
    else:
        target = pathlib.Path(sys.argv[1])
        for i, name in enumerate(sys.argv[2:]):
            network, state = build(name)
            torch.save(state, target / f"{name}.pth", _use_new_zipfile_serialization=i % 2 == 0)
            torch.save(list(cases(name, network)), target / f"{name}-out.pth")
            print(name, flush=True)
