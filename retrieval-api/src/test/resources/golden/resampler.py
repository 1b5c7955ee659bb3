# SPDX-License-Identifier: Apache-2.0
# Writes resampler.txt: what Pillow's LANCZOS filter makes of pictures that both sides compute.
import hashlib
import random

import numpy
import PIL
from PIL import Image


def picture(width, height, seed):
    """Noise of a counter-based hash; of odd seeds only black and white channels, so that sums are clipped."""
    i = numpy.arange(width * height * 3, dtype=numpy.uint64)
    v = (i * 2654435761 + seed * 40503) & 0xFFFFFFFF
    v ^= v >> 15
    v = v * 2246822519 & 0xFFFFFFFF
    v ^= v >> 13
    byte = v >> 16 & 0xFF
    if seed % 2:
        byte = numpy.where(byte & 64, 255, 0)
    return Image.fromarray(byte.astype(numpy.uint8).reshape(height, width, 3), "RGB")


draw = random.Random(20261123)
cases = [
    (1, 1, 1, 5), (1, 1, 7, 3), (5, 1, 1, 1), (1, 9, 4, 2), (3, 2, 3, 7), (8, 8, 4, 8), (8, 8, 8, 4), (4, 4, 8, 8),
    (17, 13, 16, 12), (640, 480, 362, 272), (1023, 768, 1024, 769), (1500, 1000, 1024, 683), (4000, 3, 31, 2),
]
while len(cases) < 120:
    w, h = (int(2 ** draw.uniform(0, 8)) for _ in range(2))
    cases.append((w, h, max(1, int(w * 2 ** draw.uniform(-4, 2))), max(1, int(h * 2 ** draw.uniform(-4, 2)))))

with open("resampler.txt", "w") as out:
    for seed, (w, h, tw, th) in enumerate(cases):
        result = picture(w, h, seed).resize((tw, th), Image.LANCZOS).tobytes()
        shown = result.hex() if len(result) <= 120 else "sha256:" + hashlib.sha256(result).hexdigest()
        out.write(f"{seed} {w} {h} {tw} {th} {shown}\n")
print("Pillow", PIL.__version__, "numpy", numpy.__version__)
