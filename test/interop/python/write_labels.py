"""Labels as independent libraries write them: python write_labels.py FOLDER; prints what each file is to be read as.

FOLDER/KIND/images has the images, FOLDER/KIND/labels the labels; each entry has the names of both, the names of the
classes, and the digest of the stored values as 32-bit numbers, [pages, height, width].
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

import h5py
import numpy as np
import tifffile
import zipfile

root = Path(sys.argv[1])
height, width = 83, 101
random = np.random.default_rng(7)
entries = []
rows, columns = np.mgrid[0:height, 0:width] + 0.5


def place(kind):
    for part in ("images", "labels"):
        (root / kind / part).mkdir(parents=True, exist_ok=True)
    return root / kind / "images", root / kind / "labels"


def expect(kind, image, label, values, names=()):
    values = np.ascontiguousarray(np.asarray(values, np.uint32).reshape(-1, height, width))
    entries.append(
        {
            "kind": kind,
            "image": image,
            "label": label,
            "pages": len(values),
            "names": list(names),
            "found": int((values > 0).sum()),
            "digest": hashlib.sha256(values.tobytes()).hexdigest(),
        }
    )


def write_image(folder, name, pages=1):
    pixels = random.integers(0, 4000, (pages, height, width)).astype(np.uint16)
    if pages == 1:
        tifffile.imwrite(folder / name, pixels[0])
    else:
        tifffile.imwrite(folder / name, pixels, imagej=True, metadata={"axes": "TYX"})


def objects(count=30, pages=1):
    """Discs, numbered."""
    values = np.zeros((pages, height, width), np.int64)
    for number in range(1, count + 1):
        page = random.integers(0, pages)
        x, y, radius = random.uniform(0, width), random.uniform(0, height), random.uniform(1, 12)
        values[page][(columns - x) ** 2 + (rows - y) ** 2 < radius**2] = number
    return values


# Cellpose: np.save of a dictionary, as cellpose.io.masks_flows_to_seg makes it (versions 2 to 4).
images, labels = place("cellpose")
for name, type_, layout in (("two", np.uint16, "C"), ("three", np.uint32, "F")):
    write_image(images, f"{name}.tif")
    masks = objects(300 if name == "three" else 30)[0].astype(type_, order=layout)
    dictionary = {
        "outlines": (masks * (random.random(masks.shape) < 0.1)).astype(type_),
        "colors": random.integers(0, 255, (masks.max(), 3)),
        "masks": masks,
        "chan_choose": [0, 0],
        "ismanual": np.zeros(masks.max(), bool),
        "filename": f"/data/{name}.tif",
        "flows": [random.integers(0, 255, (1, height, width, 3)).astype(np.uint8), np.zeros(0), [], None],
        "est_diam": np.float64(17.3),
        "normalize_params": {"lowhigh": None, "percentile": [1.0, 99.0], "invert": False},
    }
    np.save(labels / f"{name}_seg.npy", dictionary)
    expect("cellpose", f"{name}.tif", f"{name}_seg.npy", masks)
write_image(images, "stack.tif", 4)
stack = objects(80, 4).astype(np.uint16)
np.save(labels / "stack_seg.npy", {"masks": stack, "outlines": stack * 0, "filename": "stack.tif", "ismanual": np.zeros(80, bool)})
expect("cellpose", "stack.tif", "stack_seg.npy", stack)

# ImageJ's regions.
import roifile

images, labels = place("imagej")


def inside(rings):
    """Even-odd, at the pixels' centres."""
    found = np.zeros((height, width), bool)
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, np.roll(ring, -1, axis=0)):
            if y1 != y2:
                found ^= (columns < x1 + (rows - y1) * (x2 - x1) / (y2 - y1)) & ((y1 < rows) != (y2 < rows))
    return found


polygon = np.array([[10, 5], [60, 12], [44, 70], [12, 51]])
freehand = np.array([[20.25, 20.5], [33.75, 22.1], [60.3, 40.7], [50.9, 66.6], [30.1, 60.2], [22.5, 35.3]])


def region(type_, **values):
    one = roifile.ImagejRoi(roitype=getattr(roifile.ROI_TYPE, type_), name=type_.lower())
    for key, value in values.items():
        setattr(one, key, value)
    return one


def box(left, top, right, bottom):
    return {"left": left, "top": top, "right": right, "bottom": bottom, "n_coordinates": 0}


ellipse = ((columns - 50.5) / 30.5) ** 2 + ((rows - 41) / 19) ** 2 < 1
# A square with a hole, in the segments of Java's shapes.
ring = [[15, 10], [75, 10], [75, 60], [15, 60]]
hole = [[30, 20], [55, 20], [55, 45], [30, 45]]
segments = []
for each in (ring, hole):
    segments += [0, *each[0]]
    for corner in each[1:]:
        segments += [1, *corner]
    segments += [4]
composite = region("RECT", name="composite", **box(15, 10, 75, 60), shape_roi_size=len(segments), multi_coordinates=np.array(segments, ">f4"))
cases = {
    "polygon": (roifile.ImagejRoi.frompoints(polygon), inside([polygon])),
    "rectangle": (region("RECT", **box(7, 9, 80, 44)), (columns > 7) & (columns < 80) & (rows > 9) & (rows < 44)),
    "oval": (region("OVAL", **box(20, 22, 81, 60)), ellipse),
    "freehand": (roifile.ImagejRoi.frompoints(freehand), inside([freehand])),
    "composite": (composite, inside([np.array(ring), np.array(hole)])),
}
cases["freehand"][0].roitype = roifile.ROI_TYPE.FREEHAND
for name, (roi, expected) in cases.items():
    write_image(images, f"{name}.tif")
    roi.tofile(labels / f"{name}.roi")
    expect("imagej", f"{name}.tif", f"{name}.roi", expected)
write_image(images, "set.tif")
roifile.roiwrite(labels / "set_RoiSet.zip", [roi for roi, _ in cases.values()], mode="w")
expect("imagej", "set.tif", "set_RoiSet.zip", np.any([expected for _, expected in cases.values()], axis=0))
write_image(images, "frames.tif", 3)
framed = []
frames = np.zeros((3, height, width), bool)
for position, name in ((1, "polygon"), (2, "oval"), (3, "composite")):
    roi = roifile.ImagejRoi.frombytes(cases[name][0].tobytes())
    roi.name, roi.position = f"{position:04d}", position
    framed.append(roi)
    frames[position - 1] = cases[name][1]
roifile.roiwrite(labels / "frames_RoiSet.zip", framed, mode="w")
expect("imagej", "frames.tif", "frames_RoiSet.zip", frames)
write_image(images, "points.tif")
points = roifile.ImagejRoi.frompoints(freehand)
points.roitype = roifile.ROI_TYPE.POINT
points.tofile(labels / "points.roi")

# GeoJSON as QuPath 0.4 and 0.5 export it, its shapes from shapely.
import shapely

images, labels = place("qupath")
cell = shapely.Point(30.2, 30.4).buffer(14.3)
holed = shapely.box(50, 10, 95, 60).difference(shapely.Point(70, 35).buffer(11.7))
parts = shapely.MultiPolygon([shapely.box(5, 60, 20, 80), shapely.Point(40, 70).buffer(8.1)])


def feature(shape, number, **properties):
    return {"type": "Feature", "id": f"0f7a34d5-0000-4000-8000-{number:012d}", "geometry": shapely.geometry.mapping(shape), "properties": properties}


def covers(shape):
    return shapely.contains_xy(shape, columns, rows)


tumour = {"name": "Tumor", "color": [200, 0, 0]}
features = [
    feature(cell, 1, objectType="annotation", classification=tumour),
    feature(holed, 2, objectType="annotation", classification={"name": "Stroma", "colorRGB": -6895466}, isLocked=False),
    feature(parts, 3, objectType="detection", classification=tumour, measurements={"Area µm^2": 12.5}),
    feature(shapely.box(80, 65, 95, 75), 4, objectType="annotation", name="unclassified"),
]
names = ["Tumor", "Stroma", "object"]
expected = np.zeros((height, width), np.uint32)
for shape, value in ((cell, 1), (holed, 2), (parts, 1), (shapely.box(80, 65, 95, 75), 3)):
    expected[covers(shape)] = value
collection = {"type": "FeatureCollection", "features": features}
for name, content in (("collection", collection), ("list", features)):
    write_image(images, f"{name}.tif")
    (labels / f"{name}.geojson").write_text(json.dumps(content), encoding="utf-8")
    expect("qupath", f"{name}.tif", f"{name}.geojson", expected, names)
write_image(images, "single.tif")
(labels / "single.geojson").write_text(json.dumps(features[1]))
expect("qupath", "single.tif", "single.geojson", covers(holed), ["Stroma"])
write_image(images, "zipped.tif")
(labels / "zipped.geojson.gz").write_bytes(gzip.compress(json.dumps(collection).encode()))
expect("qupath", "zipped.tif", "zipped.geojson.gz", expected, names)
write_image(images, "archive.tif")
with zipfile.ZipFile(labels / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("archive.geojson", json.dumps(collection))
expect("qupath", "archive.tif", "archive.zip", expected, names)

# COCO, its masks by pycocotools.
from pycocotools import mask as coco_mask

images, labels = place("coco")
write_image(images, "cells.tif")
write_image(images, "more.tif")
categories = [{"id": 3, "name": "nucleus"}, {"id": 8, "name": "debris"}]
star = [12.3, 8.1, 40.6, 15.2, 71.9, 5.5, 60.4, 44.7, 77.2, 70.3, 35.5, 58.8, 9.9, 72.6]
drawn = [(star, 1)] + [
    ([float(c) for xy in zip(x + r * np.cos(a), y + r * np.sin(a)) for c in xy], 1 + i % 2)
    for i, (x, y, r) in enumerate(random.uniform([10, 10, 2], [90, 70, 9], (40, 3)))
    for a in [np.linspace(0, 2 * np.pi, 17)[:-1]]
]
expected = np.zeros((height, width), np.uint32)
annotations = []
for number, (corners, value) in enumerate(drawn):
    annotations.append({"id": number + 1, "image_id": 1, "category_id": categories[value - 1]["id"], "segmentation": [corners], "iscrowd": 0})
    expected[coco_mask.decode(coco_mask.frPyObjects([corners], height, width))[..., 0] == 1] = value
expected_runs = np.zeros((height, width), np.uint32)
for number, value in ((1, 1), (2, 2), (3, 1), (4, 2)):
    mask = np.asfortranarray(objects(4)[0] == number, np.uint8)
    packed = coco_mask.encode(mask)
    if number % 2:
        segmentation = {"size": packed["size"], "counts": packed["counts"].decode("ascii")}
    else:
        flat = mask.ravel(order="F")
        edges = np.flatnonzero(np.diff(flat)) + 1
        counts = np.diff([0, *edges, flat.size]).tolist()
        segmentation = {"size": [height, width], "counts": counts if flat[0] == 0 else [0, *counts]}
    annotations.append({"id": 100 + number, "image_id": 2, "category_id": categories[value - 1]["id"], "segmentation": segmentation, "iscrowd": 1})
    expected_runs[mask == 1] = value
listed = [{"id": index, "file_name": f"{name}.tif", "width": width, "height": height} for index, name in ((1, "cells"), (2, "more"))]
(labels / "instances.json").write_text(json.dumps({"images": listed, "annotations": annotations, "categories": categories}))
expect("coco", "cells.tif", "instances.json", expected, ["nucleus", "debris"])
expect("coco", "more.tif", "instances.json", expected_runs, ["nucleus", "debris"])

# ilastik: exported label images, and the labels in a project.
images, labels = place("ilastik")


def axis_tags(keys):
    kinds = {"c": 1, "t": 8}
    return json.dumps({"axes": [{"key": key, "typeFlags": kinds.get(key, 2), "resolution": 0, "description": ""} for key in keys]})


def write_export(path, values, keys):
    with h5py.File(path, "w") as file:
        data = file.create_dataset("exported_data", data=values, chunks=True, compression="gzip")
        data.attrs["axistags"] = axis_tags(keys)
        data.attrs["display_mode"] = "random-colortable"


write_image(images, "flat.tif")
segmented = random.integers(1, 4, (height, width, 1)).astype(np.uint8)
write_export(labels / "flat_Simple Segmentation.h5", segmented, "yxc")
expect("ilastik", "flat.tif", "flat_Simple Segmentation.h5", segmented)
pixels = random.integers(0, 4000, (2, 3, height, width, 1)).astype(np.uint16)
write_export(images / "five.h5", pixels, "tzyxc")
segmented = random.integers(1, 4, pixels.shape).astype(np.uint8)
write_export(labels / "five_Simple Segmentation.h5", np.transpose(segmented, (0, 4, 1, 2, 3)), "tczyx")
expect("ilastik", "five.h5", "five_Simple Segmentation.h5", segmented)

images, labels = place("ilastik-project")
write_image(images, "flat.tif")
write_image(images, "stack.tif", 3)
write_export(images / "five.h5", pixels, "tzyxc")
with h5py.File(labels / "MyProject.ilp", "w") as file:
    file.create_dataset("ilastikVersion", data=b"1.4.0")
    file.create_dataset("workflowName", data=b"Pixel Classification")
    file.create_dataset("Input Data/StorageVersion", data=b"0.2")
    file.create_dataset("PixelClassification/StorageVersion", data=b"0.1")
    file.create_dataset("PixelClassification/LabelNames", data=[b"Background", "Zelle µ".encode()])
    file.create_dataset("PixelClassification/LabelColors", data=np.array([[255, 225, 25], [0, 130, 200]]))
    lanes = [
        ("../images/flat.tif", "yxc", (height, width, 1)),
        ("C:\\data\\images\\stack.tif", "tyxc", (3, height, width, 1)),
        ("../images/five.h5/exported_data", "tzyxc", (2, 3, height, width, 1)),
    ]
    for lane, (path, keys, shape) in enumerate(lanes):
        information = file.create_group(f"Input Data/infos/lane{lane:04d}/Raw Data")
        information.create_dataset("filePath", data=path.encode())
        information.create_dataset("axistags", data=axis_tags(keys).encode())
        information.create_dataset("shape", data=shape)
        information.create_dataset("allowLabels", data=True)
        strokes = np.zeros(shape, np.uint8)
        sets = file.create_group(f"PixelClassification/LabelSets/labels{lane:03d}")
        for number in range(3):
            start = [int(random.integers(0, size - min(size, 25) + 1)) for size in shape]
            stop = [begin + min(size, 25) for begin, size in zip(start, shape)]
            if lane == 2:
                start[:2] = [number % 2, number]
                stop[:2] = [number % 2 + 1, number + 1]
            slices = tuple(slice(*pair) for pair in zip(start, stop))
            block = random.integers(0, 3, strokes[slices].shape).astype(np.uint8)
            # Blocks of ilastik do not overlap.
            block[strokes[slices] > 0] = strokes[slices][strokes[slices] > 0]
            strokes[slices] = block
            data = sets.create_dataset(f"block{number:04d}", data=block)
            data.attrs["blockSlice"] = ("[" + ",".join(f"{a}:{b}" for a, b in zip(start, stop)) + "]").encode()
            if lane != 1:
                data.attrs["axistags"] = axis_tags(keys)
        expect("ilastik-project", Path(path.replace("/exported_data", "").replace("\\", "/")).name, "MyProject.ilp", strokes, ["Background", "Zelle µ"])

# OME-Zarr: the label image of an image, below it.
import zarr
from ome_zarr.format import FormatV04, FormatV05
from ome_zarr.writer import write_image as write_zarr_image
from ome_zarr.writer import write_labels as write_zarr_labels

images, labels = place("ome-zarr")
for name, format_ in (("two", FormatV04()), ("three", FormatV05())):
    group = zarr.open_group(images / f"{name}.zarr", mode="w", zarr_format=format_.zarr_format)
    pixels = random.integers(0, 4000, (2, height, width)).astype(np.uint16)
    values = objects(40, 2).astype(np.uint16)
    write_zarr_image(pixels, group, axes="tyx", fmt=format_)
    write_zarr_labels(values, group, name="cells", axes="tyx", fmt=format_)
    expect("ome-zarr", f"{name}.zarr", f"{name}.zarr", values)

print(json.dumps(entries))
