# SPDX-License-Identifier: Apache-2.0
"""Makes the pickles of this directory; see README.md."""
import os
import pickle
import sys

import numpy as np

OUT = sys.argv[1] if len(sys.argv) > 1 else "."
TRAIN = {
    "cids": ["00aa11", "00aa12", "ffbb2101", "ffbb2102", "ffbb2103", "d_e-f0", "0123456789abcdef"],
    "cluster": [10, 10, 2, 2, 2, 7, 7],
    "qidxs": [0, 1, 2, 4, 5],
    "pidxs": [1, 0, 3, 2, 6],
}
VAL = {"cids": ["aaaaaa", "bbbbbb"], "cluster": [300, 300], "qidxs": [1], "pidxs": [0]}


def arrays(part, number):
    return {k: np.array(v) if k == "cids" else np.array(v, number) for k, v in part.items()}


def scalars(part):
    return {k: [np.str_(x) if k == "cids" else np.int32(x) for x in v] for k, v in part.items()}


class Command:
    def __reduce__(self):
        return os.system, ("touch executed",)


def write(name, value, protocol):
    with open(os.path.join(OUT, name), "wb") as out:
        pickle.dump(value, out, protocol)


for protocol in range(6):
    write(f"lists-{protocol}.pkl", {"train": TRAIN, "val": VAL}, protocol)
for protocol in (2, 4, 5):
    both = {"train": arrays(TRAIN, np.int64), "val": arrays(VAL, np.int64)}
    write(f"arrays-{protocol}.pkl", both, protocol)
write("big-endian-4.pkl", {"train": arrays(TRAIN, ">u2"), "val": arrays(VAL, ">f4")}, 4)
write("objects-2.pkl", {"train": arrays(TRAIN, object), "val": arrays(VAL, "u2")}, 2)
write("scalars-2.pkl", {"train": scalars(TRAIN), "val": scalars(VAL)}, 2)
for protocol in (0, 2, 4):
    write(f"command-{protocol}.pkl", {"train": Command()}, protocol)
