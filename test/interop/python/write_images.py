"""Images as independent libraries write them: python write_images.py FOLDER; prints what each file is to be read as.

Digests are of the samples as float64, [pages, channels, height, width].
"""

import hashlib
import json
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile

root = Path(sys.argv[1])
random = np.random.default_rng(11)
entries = []
height, width = 75, 90
rows, columns = np.mgrid[0:height, 0:width]
smooth = 1500 + 900 * np.sin(columns / 9) * np.cos(rows / 13)
grey = (smooth + random.normal(0, 20, smooth.shape)).astype(np.uint16)
samples = {
    "uint8": (grey // 16).astype(np.uint8),
    "uint16": grey,
    "int16": (grey.astype(np.int32) - 1500).astype(np.int16),
    "float32": grey.astype(np.float32) / 7,
    "rgb": np.stack([grey // 16, grey // 20, 255 - grey // 16], axis=-1).astype(np.uint8),
}


def expect(name, values, **facts):
    values = np.ascontiguousarray(np.asarray(values, np.float64))
    entries.append({"name": name, "digest": hashlib.sha256(values.tobytes()).hexdigest(), **facts})


def planar(values):
    return np.moveaxis(values, -1, 0) if values.ndim == 3 else values


for compression, kinds in (
    ("JPEG2000", ("uint8", "uint16", "int16", "rgb")),
    ("APERIO_JP2000_RGB", ("uint8", "uint16", "rgb")),
    ("LERC", ("uint8", "uint16", "int16", "float32", "rgb")),
):
    for kind in kinds:
        for layout in ({"tile": (32, 48)}, {"rowsperstrip": 40}):
            name = f"{compression}-{kind}-{next(iter(layout))}.tif"
            values = samples[kind]
            colour = {"photometric": "rgb"} if kind == "rgb" else {"photometric": "minisblack"}
            tifffile.imwrite(root / name, values, compression=compression, **layout, **colour)
            expect(name, planar(values))
for packing in ("deflate", "zstd"):
    name = f"LERC-{packing}.tif"
    tifffile.imwrite(root / name, grey, compression="LERC", compressionargs={"compression": packing})
    expect(name, grey)
for kind in ("uint8", "uint16", "rgb"):
    for container in ("jp2", "j2k"):
        name = f"{kind}.{container}"
        packed = imagecodecs.jpeg2k_encode(samples[kind], level=0, reversible=True, codecformat=container)
        (root / name).write_bytes(packed)
        expect(name, planar(samples[kind]))

# ImageJ's hyperstack as a person left it in Fiji, and a plane in one colour.
stack = random.integers(100, 4000, (3, 4, 2, height, width)).astype(np.uint16)
ramp = np.arange(256, dtype=np.uint8)
magenta = np.stack([ramp, ramp * 0, ramp])
grey_table = np.stack([ramp, ramp, ramp])
tifffile.imwrite(
    root / "hyperstack.tif",
    stack,
    imagej=True,
    resolution=(4, 4),
    metadata={
        "axes": "TZCYX",
        "unit": "um",
        "spacing": 1.5,
        "finterval": 30.0,
        "mode": "composite",
        "Ranges": (200.0, 3000.0, 150.5, 900.0),
        "LUTs": [magenta, grey_table],
        "Info": "a note",
        "Labels": [f"plane {index}" for index in range(24)],
    },
)
expect(
    "hyperstack.tif",
    stack.reshape(12, 2, height, width),
    info={
        "pages": 12,
        "zPlanes": 4,
        "channels": 2,
        "pixelSize": {"x": 0.25, "y": 0.25, "unit": "µm"},
        "pageSpacing": {"z": 1.5, "t": {"value": 30, "unit": "sec"}},
        "channelLooks": [
            {"colour": "#ff00ff", "range": {"low": 200, "high": 3000}},
            {"colour": "#ffffff", "range": {"low": 150.5, "high": 900}},
        ],
    },
)
tifffile.imwrite(root / "range.tif", grey, imagej=True, byteorder=">", metadata={"min": 700.0, "max": 2500.0})
expect("range.tif", grey, info={"channelLooks": [{"range": {"low": 700, "high": 2500}}]})
tifffile.imwrite(root / "untouched.tif", grey, imagej=True, metadata={"min": 0.0, "max": 65535.0})
expect("untouched.tif", grey, without=["channelLooks", "pageSpacing"])

# Several images in an OME-TIFF.
with tifffile.TiffWriter(root / "several.ome.tif", ome=True) as file:
    file.write(stack[0], metadata={"axes": "ZCYX", "Name": "first"}, photometric="minisblack")
    file.write(grey, metadata={"axes": "YX", "Name": "second"})
with tifffile.TiffFile(root / "several.ome.tif") as file:
    assert [series.name for series in file.series] == ["first", "second"]
expect("several.ome.tif", stack[0], info={"pages": 4, "zPlanes": 4, "channels": 2})
expect("several.ome.tif", grey, select=1, info={"pages": 1, "channels": 1})

print(json.dumps(entries))
