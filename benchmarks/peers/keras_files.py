# SPDX-License-Identifier: Apache-2.0
"""Runs functional Keras models from .h5 files in torch, layer by layer, without Keras.

The structure comes from the attribute model_config, the weights from the groups of the layers, both by
h5py. FILE OUT.pth LAYER... writes a list of cases {layer, height, width, map, gem}. --golden writes
samples of the same values as JSON, which the tests compare without torch; --make writes the small models
that the tests read. Needs torch, NumPy and h5py (Debian: python3-torch python3-h5py).
Usage: keras_files.py FILE OUT.pth LAYER...
       keras_files.py --golden SHARED_WEIGHTS RESOURCES
       keras_files.py --make RESOURCES
"""
import json
import pathlib
import sys

import h5py
import numpy as np
import torch
import torch.nn.functional as F

import parity

REAL = {"mobilenet_v2_notop.h5": ["block_13_expand_relu", "out_relu"],
        "inception_v3_mixed7.h5": ["mixed2", "mixed7"]}
SMALL = {"small.h5": ["joined", "out"], "small-top.h5": ["out"]}


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def read(path):
    """Layers by name, in the order of the file, each with its own weights by short name."""
    with h5py.File(path, "r") as file:
        config = json.loads(text(file.attrs["model_config"]))
        layers = {}
        for layer in config["config"]["layers"]:
            weights = {}
            group = file["model_weights"].get(layer["name"])
            if group is not None:
                for name in group.attrs["weight_names"]:
                    short = text(name).rsplit("/", 1)[-1].split(":")[0]
                    weights[short] = torch.from_numpy(np.array(group[text(name)], dtype=np.float32))
            inbound = [node[0] for node in layer["inbound_nodes"][0]] if layer["inbound_nodes"] else []
            layers[layer["name"]] = (layer["class_name"], layer["config"], inbound, weights)
    return layers


def pair(value):
    return list(value) if isinstance(value, (list, tuple)) else [value, value]


def pad_same(x, kernel, stride, dilation, value):
    """The padding that TensorFlow calls same: the odd row or column is at the end."""
    sides = []
    for size, k, s, d in zip(reversed(x.shape[2:]), reversed(kernel), reversed(stride), reversed(dilation)):
        total = max((-(-size // s) - 1) * s + (k - 1) * d + 1 - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides, value=value)


def activate(x, name):
    return {"linear": lambda: x, "relu": lambda: F.relu(x), "softmax": lambda: F.softmax(x, 1)}[name]()


def convolve(x, config, weights):
    kernel, stride, dilation = (pair(config[key]) for key in ("kernel_size", "strides", "dilation_rate"))
    if config["padding"] == "same":
        x = pad_same(x, kernel, stride, dilation, 0.0)
    if "depthwise_kernel" in weights:
        w = weights["depthwise_kernel"].permute(2, 3, 0, 1)
        groups, w = w.shape[0], w.reshape(-1, 1, *w.shape[2:])
    else:
        groups, w = 1, weights["kernel"].permute(3, 2, 0, 1)
    x = F.conv2d(x, w, weights.get("bias"), stride, 0, dilation, groups)
    return activate(x, config["activation"])


def normalise(x, config, weights):
    mean, variance = weights["moving_mean"].double(), weights["moving_variance"].double()
    scale = weights.get("gamma", torch.ones_like(mean)).double() / torch.sqrt(variance + config["epsilon"])
    shift = weights.get("beta", torch.zeros_like(mean)).double() - mean * scale
    return x * scale.float()[:, None, None] + shift.float()[:, None, None]


def pool(x, config, largest):
    kernel, stride = pair(config["pool_size"]), pair(config["strides"])
    if config["padding"] != "same":
        return (F.max_pool2d if largest else F.avg_pool2d)(x, kernel, stride)
    if largest:
        return F.max_pool2d(pad_same(x, kernel, stride, [1, 1], -float("inf")), kernel, stride)
    # TensorFlow's mean is over the elements within the image.
    area = F.avg_pool2d(pad_same(torch.ones_like(x), kernel, stride, [1, 1], 0.0), kernel, stride)
    return F.avg_pool2d(pad_same(x, kernel, stride, [1, 1], 0.0), kernel, stride) / area


def rectify(x, config):
    assert not config.get("negative_slope") and not config.get("threshold")
    most = config.get("max_value")
    return F.relu(x) if most is None else x.clamp(0.0, most)


def pad_zeros(x, config):
    (top, bottom), (left, right) = config["padding"]
    return F.pad(x, [left, right, top, bottom])


def run(layers, x):
    """Yields name and output of each layer, channels first."""
    values = {}
    for name, (kind, config, inbound, weights) in layers.items():
        inputs = [values[n] for n in inbound]
        if kind == "InputLayer":
            values[name] = x
        elif kind in ("Conv2D", "DepthwiseConv2D"):
            values[name] = convolve(inputs[0], config, weights)
        elif kind == "BatchNormalization":
            values[name] = normalise(inputs[0], config, weights)
        elif kind == "Activation":
            values[name] = activate(inputs[0], config["activation"])
        elif kind == "ReLU":
            values[name] = rectify(inputs[0], config)
        elif kind == "ZeroPadding2D":
            values[name] = pad_zeros(inputs[0], config)
        elif kind in ("MaxPooling2D", "AveragePooling2D"):
            values[name] = pool(inputs[0], config, kind == "MaxPooling2D")
        elif kind == "Add":
            values[name] = sum(inputs[1:], inputs[0])
        elif kind == "Concatenate":
            values[name] = torch.cat(inputs, 1)
        elif kind == "GlobalAveragePooling2D":
            values[name] = inputs[0].mean((2, 3))
        elif kind == "Dense":
            values[name] = activate(inputs[0] @ weights["kernel"] + weights["bias"], config["activation"])
        else:
            raise ValueError(f"layer {name}: kind {kind} is not known here")
        yield name, values[name]


def image(height, width):
    """The image of the tests in [-1, 1], as the preprocessing tf gives it."""
    pixels = np.floor(256 * parity.uniform(f"image {width}x{height}", height * width * 3))
    values = pixels.reshape(height, width, 3) / 127.5 - 1
    return torch.from_numpy(values.astype(np.float32)).permute(2, 0, 1)[None].contiguous()


def cases(path, wanted):
    layers = read(path)
    with torch.no_grad():
        for height, width in parity.SIZES:
            for name, maps in run(layers, image(height, width)):
                if name in wanted:
                    yield {"layer": name, "height": height, "width": width, "map": maps[0].contiguous(),
                           "gem": parity.gem(maps)}


def layer(kind, name, inbound, **config):
    inputs = [[[n, 0, 0, {}] for n in inbound]] if inbound else []
    return {"name": name, "class_name": kind, "config": {"name": name, "trainable": True, **config},
            "inbound_nodes": inputs}


def convolution(name, inbound, filters, size, stride, padding, bias=False, kind="Conv2D"):
    extra = {"depth_multiplier": 1} if kind == "DepthwiseConv2D" else {"filters": filters}
    zeros = {"class_name": "Zeros", "config": {}}
    uniform = {"class_name": "VarianceScaling",
               "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}
    which = "depthwise" if kind == "DepthwiseConv2D" else "kernel"
    return layer(kind, name, inbound, kernel_size=[size, size], strides=[stride, stride], padding=padding,
                 data_format="channels_last", dilation_rate=[1, 1], activation="linear", use_bias=bias,
                 bias_initializer=zeros, bias_regularizer=None, bias_constraint=None,
                 activity_regularizer=None,
                 **{which + "_initializer": uniform, which + "_regularizer": None,
                    which + "_constraint": None}, **extra)


def normalisation(name, inbound):
    zeros, ones = ({"class_name": kind, "config": {}} for kind in ("Zeros", "Ones"))
    return layer("BatchNormalization", name, inbound, axis=3, momentum=0.99, epsilon=0.001, center=True,
                 scale=True, beta_initializer=zeros, gamma_initializer=ones, moving_mean_initializer=zeros,
                 moving_variance_initializer=ones, beta_regularizer=None, gamma_regularizer=None,
                 beta_constraint=None, gamma_constraint=None)


def small(top):
    """A model of ten layers, with each kind of layer that keeps weights, and their shapes."""
    layers = [
        layer("InputLayer", "input_1", [], batch_input_shape=[None, 96, 96, 3], dtype="float32",
              sparse=False),
        layer("ZeroPadding2D", "pad", ["input_1"], padding=[[0, 1], [0, 1]], data_format="channels_last"),
        convolution("stem", ["pad"], 6, 3, 2, "valid"), normalisation("stem_bn", ["stem"]),
        layer("ReLU", "stem_relu", ["stem_bn"], max_value=6.0, negative_slope=0.0, threshold=0.0),
        convolution("deep", ["stem_relu"], 6, 3, 1, "same", kind="DepthwiseConv2D"),
        layer("Add", "sum", ["stem_relu", "deep"]),
        convolution("point", ["sum"], 5, 1, 1, "same", bias=True),
        layer("AveragePooling2D", "mean", ["sum"], pool_size=[3, 3], strides=[1, 1], padding="same",
              data_format="channels_last"),
        layer("Concatenate", "joined", ["point", "mean"], axis=-1),
        convolution("last", ["joined"], 8, 3, 2, "same"),
        layer("Activation", "out", ["last"], activation="relu")]
    shapes = {"stem": {"kernel": (3, 3, 3, 6)}, "deep": {"depthwise_kernel": (3, 3, 6, 1)},
              "stem_bn": {k: (6,) for k in ("gamma", "beta", "moving_mean", "moving_variance")},
              "point": {"kernel": (1, 1, 6, 5), "bias": (5,)}, "last": {"kernel": (3, 3, 11, 8)}}
    end = "out"
    if top:
        layers.append(layer("GlobalAveragePooling2D", "global", ["out"], data_format="channels_last"))
        zeros = {"class_name": "Zeros", "config": {}}
        layers.append(layer("Dense", "predictions", ["global"], units=4, activation="softmax", use_bias=True,
                            kernel_initializer=zeros, bias_initializer=zeros, kernel_regularizer=None,
                            bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
                            bias_constraint=None))
        shapes["predictions"] = {"kernel": (8, 4), "bias": (4,)}
        end = "predictions"
    config = {"class_name": "Model", "config": {"name": "small", "layers": layers,
                                                "input_layers": [["input_1", 0, 0]],
                                                "output_layers": [[end, 0, 0]]}}
    return config, shapes


def make(target, top, whole, **storage):
    config, shapes = small(top)
    with h5py.File(target, "w") as file:
        root = file
        if whole:
            file.attrs["model_config"] = json.dumps(config)
            root = file.create_group("model_weights")
        for place in ([file, root] if whole else [file]):
            place.attrs["backend"] = np.bytes_("tensorflow")
            place.attrs["keras_version"] = np.bytes_("2.2.4")
        names = [entry["name"] for entry in config["config"]["layers"]]
        root.attrs["layer_names"] = [name.encode() for name in names]
        for name in names:
            group = root.create_group(name)
            weights = shapes.get(name, {})
            group.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key in weights]
            for key, shape in weights.items():
                low, high = (0.5, 1.5) if key in ("gamma", "moving_variance") else (-0.4, 0.4)
                values = parity.between(f"{name}/{key}", shape, low, high).numpy()
                group.create_dataset(f"{name}/{key}:0", data=values, **storage)


def make_types(directory):
    """Data sets of other types and filters, values i/2 - 8; some that are refused."""
    values = (np.arange(35).reshape(5, 7) / 2 - 8).astype(np.float32)
    with h5py.File(directory / "types.h5", "w") as file:
        for name, kind in (("half", "<f2"), ("double", "<f8"), ("big", ">f4"), ("whole", "<i4")):
            file.create_dataset(name, data=values.astype(kind))
        file.create_dataset("chunks", data=values, chunks=(5, 7), compression="gzip")
        file.create_dataset("edge", data=values.astype(">f8"), chunks=(2, 3), compression="gzip", shuffle=True,
                            fletcher32=True)
        file.create_dataset("lzf", data=values, chunks=(5, 7), compression="lzf")
        file.create_dataset("scalar", data=np.float32(3.5))
        file.create_dataset("nothing", shape=(0, 3), dtype="<f4")
        file.create_dataset("holes", shape=(4, 4), dtype="<f4", chunks=(2, 2))[:2, :2] = 1
        file.create_dataset("bomb", shape=(1 << 14, 1 << 15), dtype="<f4", chunks=(64, 64), compression="gzip")
    with h5py.File(directory / "latest.h5", "w", libver="latest") as file:
        file.attrs["model_config"] = "{}"


if __name__ == "__main__":
    torch.set_num_threads(2)
    if sys.argv[1] == "--make":
        directory = pathlib.Path(sys.argv[2])
        make(directory / "small.h5", top=False, whole=True)
        make(directory / "small-top.h5", top=True, whole=True, compression="gzip", shuffle=True,
             fletcher32=True)
        make(directory / "small-weights.h5", top=False, whole=False)
        make_types(directory)
    elif sys.argv[1] == "--golden":
        golden = {}
        for directory, files in ((sys.argv[2], REAL), (sys.argv[3], SMALL)):
            for name, wanted in files.items():
                golden[name] = [parity.golden(c) for c in cases(pathlib.Path(directory) / name, wanted)]
        print(json.dumps(golden))
    else:
        torch.save(list(cases(sys.argv[1], sys.argv[3:])), sys.argv[2])
