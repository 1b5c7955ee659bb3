# SPDX-License-Identifier: Apache-2.0
"""Writes small files as torch.save does, for the tests of the reader.

Without an option: its three containers, and what stands beside the network in checkpoints of
cnnimageretrieval-pytorch and deep-image-retrieval, with tiny shapes. With --extractors: whole such
checkpoints of AlexNet and ResNet-18 and the vectors that torch gives for one image. They are small
because their tensors are views of a few numbers, which torch stores once.

Needs torch 1.6 or newer and NumPy (Debian: python3-torch). Keys of storages differ from run to run.
Usage: checkpoints.py DIRECTORY                 (retrieval-dl4j/src/test/resources/torch)
       checkpoints.py --extractors DIRECTORY    (benchmarks/src/test/resources/checkpoints)
"""
import collections
import io
import json
import pathlib
import pickle
import struct
import sys
import tarfile
import types

import numpy as np
import torch

import parity


def numbers(*shape, dtype=torch.float32):
    """0, 0.5, 1, 1.5, ...: exact in every type, and whole where the type is."""
    count = int(np.prod(shape))
    values = torch.arange(count, dtype=torch.float64)
    if dtype.is_floating_point:
        values = values / 2
    return values.reshape(shape).to(dtype)


def content():
    shared = numbers(4, 6)
    state = collections.OrderedDict()
    state["shared"] = shared
    state["row"] = shared[2]
    state["column"] = shared[:, 1]
    state["transposed"] = shared.t()
    state["corner"] = shared[1:3, 2:5]
    state["expanded"] = numbers(3, 1).expand(3, 5)
    state["channels_last"] = numbers(2, 3, 2, 2).contiguous(memory_format=torch.channels_last)
    state["parameter"] = torch.nn.Parameter(numbers(5))
    state["scalar"] = torch.tensor(2.5)
    state["empty"] = torch.zeros(0, 4)
    state["num_batches_tracked"] = torch.tensor(7)
    for dtype in [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
                  torch.int16, torch.int8, torch.uint8]:
        state[str(dtype)[6:]] = numbers(2, 3, dtype=dtype)
    state["bool"] = torch.tensor([True, False, True])
    linear = torch.nn.Linear(2, 3)
    with torch.no_grad():
        linear.weight.copy_(numbers(3, 2))
        linear.bias.copy_(numbers(3))
    return {
        "state_dict": state,
        "module": linear.state_dict(),
        "meta": {
            "architecture": "resnet18",
            "mean": [0.485, 0.456, 0.406],
            "whitening": False,
            "nothing": None,
            "epoch": 30,
            "large": 1 << 40,
            "size": torch.Size([2, 3]),
            "utf8": "B\u00e9zier \u2192",
        },
        "numpy": {
            "rows": np.arange(6, dtype=np.float32).reshape(2, 3) / 2,
            "columns": np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3) / 2),
            "big": (np.arange(3) / 2).astype(">f4"),
            "number": np.float64(1.5),
            "whole": np.int64(-3),
        },
    }


def write_tar(path, state):
    """The layout before 0.1.10, which torch reads still and writes no more."""
    storages, tensors = io.BytesIO(), io.BytesIO()
    keys, ids = {}, {}
    for tensor in state.values():
        keys.setdefault(tensor.storage().data_ptr(), (len(keys) + 1, tensor))
    pickle.dump(len(keys), storages, protocol=2)
    for key, tensor in keys.values():
        storage = tensor.storage()
        pickle.dump((key, "cpu", getattr(torch, storage.pickle_storage_type())), storages, protocol=2)
        storages.write(struct.pack("<q", storage.size()))
        storages.write(np.array(storage.tolist(), dtype=str(tensor.dtype)[6:]).tobytes())
    pickle.dump([], storages, protocol=2)
    pickle.dump(len(state), tensors, protocol=2)
    for name, tensor in state.items():
        ids[id(tensor)] = 100 + len(ids)
        pickle.dump((ids[id(tensor)], keys[tensor.storage().data_ptr()][0],
                     getattr(torch, tensor.type()[6:])), tensors, protocol=2)
        tensors.write(struct.pack("<iI", tensor.dim(), 0))
        tensors.write(struct.pack(f"<{tensor.dim()}q", *tensor.size()))
        tensors.write(struct.pack(f"<{tensor.dim()}q", *tensor.stride()))
        tensors.write(struct.pack("<q", tensor.storage_offset()))

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            return str(ids[id(thing)]) if id(thing) in ids else None

    root = io.BytesIO()
    Pickler(root, protocol=2).dump(state)
    system = io.BytesIO()
    pickle.dump({"protocol_version": 1000, "little_endian": True}, system, protocol=2)
    with tarfile.open(path, "w:", format=tarfile.GNU_FORMAT) as tar:
        for name, data in [("sys_info", system), ("pickle", root), ("tensors", tensors),
                           ("storages", storages)]:
            info = tarfile.TarInfo(name)
            info.size = len(data.getvalue())
            data.seek(0)
            tar.addfile(info, data)


def fitted_pca(components, mean, variance):
    """What scikit-learn pickles, by its name: it need not be installed."""
    module = types.ModuleType("sklearn.decomposition._pca")
    module.PCA = type("PCA", (), {"__module__": "sklearn.decomposition._pca"})
    for name in ["sklearn", "sklearn.decomposition"]:
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["sklearn.decomposition._pca"] = module
    pca = module.PCA()
    pca.__dict__.update(n_components=None, whiten=True, mean_=mean, components_=components,
                        explained_variance_=variance, n_samples_=1000, _sklearn_version="0.20.2")
    return pca


def write_parts(target):
    """D = 3; values are quarters and halves, which every step keeps exactly."""
    rows = np.arange(9, dtype=np.float32).reshape(3, 3) / 4
    lw = {name: {scales: {"m": np.full((3, 1), 0.5 * k, np.float32), "P": (k * rows).T}
                 for k, scales in enumerate(["ss", "ms"], start)}
          for start, name in [(1, "retrieval-SfM-30k"), (3, "retrieval-SfM-120k")]}
    state = collections.OrderedDict()
    state["pool.p"] = torch.nn.Parameter(torch.tensor([2.75]))
    state["whiten.weight"] = torch.from_numpy(rows)
    state["whiten.bias"] = torch.tensor([1.0, 2.0, 3.0])
    meta = {"architecture": "resnet101", "pooling": "gem", "whitening": True, "outputdim": 3,
            "mean": [0.5, 0.25, 0.125], "std": [0.25, 0.5, 0.75], "Lw": lw}
    torch.save({"meta": meta, "state_dict": state}, target / "cir.pth")
    torch.save(lw["retrieval-SfM-30k"]["ss"], target / "cir-whiten.pth")

    state = collections.OrderedDict()
    state["module.adpool.p"] = torch.tensor([3.0])
    state["module.fc.weight"] = torch.from_numpy(rows[:2].copy())
    state["module.fc.bias"] = torch.tensor([1.0, 2.0])
    pca = fitted_pca(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), np.array([0.5, 1.5], np.float32),
                     np.array([16.0, 1 / 16]))
    torch.save({"epoch": 200, "state_dict": state, "pca": {"Landmarks_clean": pca},
                "model_options": {"arch": "resnet101_rmac", "out_dim": 2, "pooling": "gem", "gemp": 3},
                "preprocess": {"mean": [0.5, 0.25, 0.125], "std": [0.25, 0.5, 0.75], "input_size": 224}},
               target / "dir.pt", _use_new_zipfile_serialization=False)


class Numbers:
    """Tensors as overlapping views of one row of half floats."""

    def __init__(self, count, low, high):
        self.row = parity.between("row", (count,), low, high).half()
        self.at = 0

    def view(self, *shape):
        strides = [2] + [1] * (len(shape) - 1)
        span = 1 + sum((n - 1) * step for n, step in zip(shape, strides))
        self.at = (self.at + 37) % (len(self.row) - span)
        return self.row.as_strided(shape, strides, self.at)


def one(value, *shape):
    return torch.tensor([value]).expand(shape) if shape else torch.tensor(value)


def stack_state():
    """AlexNet's convolutions; each row of numbers has the size that keeps the maps near 1."""
    state = collections.OrderedDict()
    for index, shape in [(0, (64, 3, 11, 11)), (3, (192, 64, 5, 5)), (6, (384, 192, 3, 3)),
                         (8, (256, 384, 3, 3)), (10, (256, 256, 3, 3))]:
        bound = float(np.sqrt(6 / np.prod(shape[1:])))
        row = Numbers(2 * sum(shape) + 50, -bound, bound)
        state[f"features.{index}.weight"] = row.view(*shape)
        state[f"features.{index}.bias"] = Numbers(shape[0] * 2 + 50, -0.1, 0.2).view(shape[0])
    return state


def residual_state(network):
    """ResNet-18; the variances are those that the maps have, so that they stay near 1."""
    row, positive = Numbers(3000, -0.1, 0.1), Numbers(1500, 0.5, 1.5)
    state = collections.OrderedDict()
    for name, old in network.state_dict().items():
        shape = tuple(old.shape)
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(7)
        elif name.endswith("running_var"):
            state[name] = one(1.0, *shape)
        elif name.endswith(".weight") and len(shape) == 1:
            state[name] = positive.view(*shape)
        elif not name.startswith("fc."):
            state[name] = row.view(*shape)

    def measure(name):
        def hook(module, inputs, output):
            state[name + ".running_var"] = one(float(inputs[0].var()), *module.running_var.shape)
            network.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
        return hook

    # One norm after the other: each changes what the next one sees.
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            network.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
            handle = module.register_forward_hook(measure(name))
            list(network.maps(card()))
            handle.remove()
    return state


def card():
    """The image: byte (7x + 13y + 29c + xy) mod 256 at column x, row y, channel c; 129 x 97."""
    y, x, c = np.meshgrid(np.arange(97), np.arange(129), np.arange(3), indexing="ij")
    pixels = (7 * x + 13 * y + 29 * c + x * y) % 256
    values = (pixels / 255 - parity.MEAN) / parity.STD
    return torch.from_numpy(values.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def norm(x):
    return x / (x.norm(dim=1, keepdim=True) + 1e-6)


def regions(maps):
    """The whole map, then squares of three levels that overlap by about 40 %."""
    height, width = maps.shape[2:]
    short, extra = min(height, width), 0
    if height != width:
        step = (max(height, width) - short) / np.arange(1, 7)
        extra = int(np.argmin(np.abs((short - step) / short - 0.4))) + 1
    yield maps
    for level in range(1, 4):
        side = 2 * short // (level + 1)
        half = side // 2 - 1 if side % 2 == 0 else int(np.floor(side / 2 - 1))

        def starts(length, more):
            count = level + more
            step = 0 if count == 1 else (length - side) / (count - 1)
            return [int(np.floor(half + i * step)) - half for i in range(count)]
        for top in starts(height, extra if height > width else 0):
            for left in starts(width, extra if width > height else 0):
                yield maps[:, :, top:top + side, left:left + side]


def linear(x, weight, bias):
    return torch.nn.functional.linear(x, weight.float(), bias.float())


def gem(maps, p):
    return maps.clamp(min=1e-6).pow(p).mean((2, 3)).pow(1 / p)


def write_extractors(target):
    vectors = {}

    def keep(name, vector):
        vectors[name] = [float(f"{v:.8g}") for v in vector[0].tolist()]

    plain = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "outputdim": 256}
    trunk = parity.alexnet().features[:-1]
    state = stack_state()
    trunk.load_state_dict({k[9:]: v.float() for k, v in state.items()})
    maps = trunk(card())

    whole = collections.OrderedDict(state)
    whole["pool.p"] = torch.tensor([2.92])
    whole["whiten.weight"] = Numbers(900, -0.1, 0.1).view(256, 256)
    whole["whiten.bias"] = Numbers(600, -0.05, 0.05).view(256)
    lw = {k: {"m": Numbers(600, -0.05, 0.05 * i).view(256, 1), "P": Numbers(900, -0.2, 0.1 * i).view(256, 256)}
          for i, k in enumerate(["ss", "ms"], 1)}
    torch.save({"meta": dict(plain, architecture="alexnet", pooling="gem", local_whitening=False,
                             regional=False, whitening=True, Lw={"retrieval-SfM-120k": lw}),
                "state_dict": whole}, target / "cir-gem.pth")
    vector = norm(linear(norm(gem(maps, 2.92)), whole["whiten.weight"], whole["whiten.bias"]))
    keep("cir-gem", vector)
    keep("cir-gem retrieval-SfM-120k",
         norm((vector - lw["ss"]["m"].float().T) @ lw["ss"]["P"].float().T))

    whole = collections.OrderedDict(state)
    for i, layer in enumerate(["lwhiten", "pool.whiten"], 1):
        whole[layer + ".weight"] = Numbers(900, -0.1, 0.1 * i).view(256, 256)
        whole[layer + ".bias"] = Numbers(600, -0.1 * i, 0.1).view(256)
    torch.save({"meta": dict(plain, architecture="alexnet", pooling="mac", local_whitening=True,
                             regional=True, whitening=False),
                "state_dict": whole, "epoch": 7, "min_loss": 0.25,
                "optimizer": {"state": {}, "param_groups": [{"lr": 1e-6, "params": [1, 2]}]}},
               target / "cir-regional.pth", _use_new_zipfile_serialization=False)
    local = linear(maps.permute(0, 2, 3, 1), whole["lwhiten.weight"], whole["lwhiten.bias"]).permute(0, 3, 1, 2)
    keep("cir-regional", norm(sum(
        norm(linear(norm(r.amax((2, 3))), whole["pool.whiten.weight"], whole["pool.whiten.bias"]))
        for r in regions(local))))

    network = parity.ResNet("resnet18").eval()
    state = residual_state(network)
    network.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
    maps = [m for layer, m in network.maps(card()) if layer == "layer4"][0]
    state["adpool.p"] = torch.tensor([2.5])
    state["fc.weight"] = Numbers(700, -0.1, 0.1).view(32, 512)
    state["fc.bias"] = Numbers(150, -0.2, 0.2).view(32)
    components = parity.between("components", (16, 32), -1, 1).numpy()
    mean, variance = np.linspace(-0.1, 0.1, 32, dtype=np.float32), np.linspace(4, 0.1, 16, dtype=np.float32)
    torch.save({"state_dict": state, "pca": {"Landmarks_clean": fitted_pca(components, mean, variance)},
                "model_options": {"arch": "resnet18_rmac", "out_dim": 32, "pooling": "gem", "gemp": 3},
                "preprocess": {"mean": plain["mean"], "std": plain["std"], "input_size": 224}},
               target / "dir.pt")
    vector = torch.nn.functional.normalize(linear(gem(maps, 2.5), state["fc.weight"], state["fc.bias"]))
    keep("dir", vector)
    keep("dir Landmarks_clean", torch.nn.functional.normalize(
        (vector - torch.from_numpy(mean)) @ torch.from_numpy(components).T
        / torch.from_numpy(variance).pow(0.25)))
    (target / "vectors.json").write_text(json.dumps(vectors) + "\n")


def main():
    target = pathlib.Path(sys.argv[-1])
    target.mkdir(parents=True, exist_ok=True)
    if sys.argv[1] == "--extractors":
        with torch.no_grad():
            write_extractors(target)
    else:
        torch.save(content(), target / "zip.pth")
        torch.save(content(), target / "pickles.pth", _use_new_zipfile_serialization=False)
        base = numbers(4, 6)
        old = collections.OrderedDict()
        old["shared"] = base
        old["row"] = base[2]
        old["transposed"] = base.t()
        old["double"] = numbers(2, 3, dtype=torch.float64)
        old["long"] = numbers(2, 3, dtype=torch.int64)
        old["scalar"] = torch.tensor(2.5)
        write_tar(target / "tar.pth", old)
        read = torch.load(target / "tar.pth")
        assert list(read) == list(old) and all(torch.equal(read[k], old[k]) for k in old)
        # A whole model, which a reader of data must refuse.
        torch.save(torch.nn.Linear(1, 1), target / "model.pth")
        write_parts(target)
    for path in sorted(target.glob("*.p*")):
        print(path.name, path.stat().st_size)


main()
