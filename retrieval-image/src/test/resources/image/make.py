# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures of this directory; see README.md."""
import io
import math
import random
import struct
import sys

from PIL import Image

# Six flat blocks of 8x8 pixels, 24x16 in all: no two turns or mirrorings of it are alike.
COLOURS = [(220, 40, 40), (40, 180, 60), (50, 60, 200), (240, 220, 40), (128, 128, 128), (250, 250, 250)]
OUT = sys.argv[1] if len(sys.argv) > 1 else "."


def card(mode="RGB"):
    image = Image.new("RGB", (24, 16))
    for i, colour in enumerate(COLOURS):
        image.paste(colour, (i % 3 * 8, i // 3 * 8, i % 3 * 8 + 8, i // 3 * 8 + 8))
    return image.convert(mode)


def inks():
    """The card in CMYK with as much black as possible."""
    image = Image.new("CMYK", (24, 16))
    for i, (r, g, b) in enumerate(COLOURS):
        light = max(r, g, b)
        ink = tuple(round(255 * (light - v) / light) for v in (r, g, b))
        image.paste((*ink, 255 - light), (i % 3 * 8, i // 3 * 8, i % 3 * 8 + 8, i // 3 * 8 + 8))
    return image


def translucent():
    """The card with opacity 255, 128 and 0 in its three columns."""
    image = card("RGBA")
    alpha = Image.new("L", image.size)
    for x, a in enumerate((255, 128, 0)):
        alpha.paste(a, (x * 8, 0, x * 8 + 8, 16))
    image.putalpha(alpha)
    return image


def speckled():
    """Opacity that does not compress, so that it is stored as it is."""
    image = card("RGBA")
    image.putalpha(Image.frombytes("L", image.size, random.Random(1).randbytes(24 * 16)))
    return image


def wave():
    """Curves in grey: what goes wrong in one block of lossy WebP is handed on to the next ones."""
    image = Image.new("RGB", (96, 128))
    for y in range(image.height):
        for x in range(image.width):
            grey = round(128 + 60 * math.sin((x + 2 * y) / 7) + 50 * math.cos((3 * y - x) / 11))
            image.putpixel((x, y), (grey, grey, grey))
    return image


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def upside_down(orientation):
    """What a camera stores so that the orientation tag makes it the card again."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = card()
    return image.transpose(turns[orientation]) if orientation in turns else image


def profile(kind, colours, connection, name, tags):
    tags = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + bytes(79)),
        (b"cprt", b"text\0\0\0\0public domain\0"),
        (b"wtpt", xyz((0.9642, 1.0, 0.8249))),
        *tags,
    ]
    offset = 128 + 4 + 12 * len(tags)
    table, body, places = struct.pack(">I", len(tags)), b"", {}
    for tag, data in tags:
        if data not in places:
            places[data] = offset + len(body)
            body += data + bytes(-len(data) % 4)
        table += tag + struct.pack(">II", places[data], len(data))
    header = struct.pack(">I4sI4s4s4s6H4s", 128 + len(table) + len(body), b"none", 0x02100000, kind,
                         colours, connection, 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">III", round(0.9642 * 65536), 65536, round(0.8249 * 65536)) + bytes(48)
    return header + table + body


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def monitor_profile(name, primaries, curve):
    tags = [(tag, xyz(primary)) for tag, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)]
    tags += [(tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"mntr", b"RGB ", b"XYZ ", name, tags)


# The primaries of sRGB, adapted to the white of profiles.
RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


def swapped_profile():
    """A monitor whose red and blue are exchanged: nobody can miss whether it was applied."""
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    return monitor_profile(b"red and blue exchanged", (BLUE, GREEN, RED), gamma)


def srgb_profile():
    """sRGB with its curve as a formula."""
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    curve = b"para\0\0\0\0\0\3\0\0" + b"".join(struct.pack(">i", round(n * 65536)) for n in numbers)
    return monitor_profile(b"as sRGB", (RED, GREEN, BLUE), curve)


def grey_profile():
    """A linear grey: middle grey looks lighter than its number."""
    linear = b"curv\0\0\0\0" + struct.pack(">IH", 1, 256)
    return profile(b"mntr", b"GRAY", b"XYZ ", b"linear grey", [(b"kTRC", linear)])


def ink_profile():
    """A printer profile by which cyan alone darkens: nobody can miss whether it was applied."""
    ramp = bytes(range(256))
    corners = b"".join(bytes((0 if i & 8 else 255, 128, 128)) for i in range(16))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0))
    table += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536) + 4 * ramp + corners + 3 * ramp
    return profile(b"prtr", b"CMYK", b"Lab ", b"cyan darkens", [(b"A2B0", table)])


def save(name, image, **options):
    image.save(f"{OUT}/{name}", **options)


best = dict(quality=95, subsampling=0)
save("rgb.jpg", card(), **best)
save("progressive.jpg", card(), progressive=True, **best)
save("subsampled.jpg", card().resize((48, 32), Image.Resampling.NEAREST), quality=95, subsampling=2)
save("grey.jpg", card("L"), quality=95)
save("cmyk.jpg", inks(), quality=95)
save("grey-icc.jpg", card("L"), quality=95, icc_profile=grey_profile())
save("cmyk-icc.jpg", inks(), quality=95, icc_profile=ink_profile())
save("icc.jpg", card(), icc_profile=swapped_profile(), **best)
save("srgb.jpg", card(), icc_profile=srgb_profile(), **best)
for i in range(1, 9):
    save(f"exif-{i}.jpg", upside_down(i), exif=exif(i), **best)

# YCCK is a CMYK file whose first three planes went through YCbCr and whose Adobe segment says so.
cyan, magenta, yellow, black = inks().split()
ycc = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr")
stored = Image.merge("CMYK", (*[plane.point(lambda v: 255 - v) for plane in ycc.split()], black))
buffer = io.BytesIO()
stored.save(buffer, "JPEG", quality=95)  # Pillow inverts all planes of CMYK, as Adobe does
data = bytearray(buffer.getvalue())
data[data.index(b"Adobe") + 11] = 2
with open(f"{OUT}/ycck.jpg", "wb") as file:
    file.write(data)

save("alpha.png", translucent(), optimize=True)
save("exif-6.png", upside_down(6), exif=exif(6))
save("palette-icc.png", card().quantize(6), icc_profile=swapped_profile())
save("icc.png", card(), icc_profile=swapped_profile())

save("lossy.webp", card(), quality=95)
save("lossy-alpha.webp", translucent(), quality=95)
save("lossless.webp", card(), lossless=True)
save("lossless-alpha.webp", translucent(), lossless=True, exact=True)
save("exif-6.webp", upside_down(6), lossless=True, exif=exif(6))
save("raw-alpha.webp", speckled(), quality=95)
save("wave.webp", wave(), quality=60, method=6)
decoded = Image.open(f"{OUT}/wave.webp").convert("RGB")
with open(f"{OUT}/wave.txt", "w", encoding="ascii") as file:
    for y in range(4, decoded.height, 8):
        print(*(decoded.getpixel((x, y))[1] for x in range(4, decoded.width, 8)), file=file)
save("icc.webp", card(), lossless=True, icc_profile=swapped_profile())
save("animated.webp", card(), lossless=True, save_all=True,
     append_images=[card().transpose(Image.Transpose.ROTATE_180)])

save("palette.gif", card(), interlace=0)
save("interlaced.gif", card(), interlace=1)

for name, compression in (("raw", None), ("lzw", "tiff_lzw"), ("deflate", "tiff_adobe_deflate"),
                          ("packbits", "packbits"), ("jpeg", "jpeg")):
    save(f"{name}.tif", card(), compression=compression)
save("alpha.tif", translucent(), compression="tiff_lzw")
premultiplied = Image.frombytes("RGBA", (24, 16), translucent().convert("RGBa").tobytes())
buffer = io.BytesIO()
premultiplied.save(buffer, "TIFF", compression="tiff_lzw")
unassociated, associated = (struct.pack("<HHIH", 338, 3, 1, kind) for kind in (2, 1))
assert unassociated in buffer.getvalue()
with open(f"{OUT}/premultiplied.tif", "wb") as file:
    file.write(buffer.getvalue().replace(unassociated, associated))
save("bilevel.tif", card("L").point(lambda v: 255 * (v > 110)).convert("1"), compression="group4")
save("palette.tif", card().quantize(6), compression="tiff_lzw")
save("cmyk-icc.tif", inks(), compression="tiff_lzw", icc_profile=ink_profile())
save("cmyk.tif", inks(), compression="tiff_lzw")
save("icc.tif", card(), compression="tiff_lzw", icc_profile=swapped_profile())
save("exif-6.tif", upside_down(6), compression="tiff_lzw", tiffinfo={274: 6})

save("rgb.bmp", card())
