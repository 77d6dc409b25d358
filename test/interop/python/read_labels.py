"""What independent readers find in files of labels: python read_labels.py KIND FILE...; prints one JSON object a file."""

import hashlib
import io
import json
import sys
import zipfile

import numpy as np


def described(array):
    array = np.ascontiguousarray(array)
    return {
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "digest": hashlib.sha256(array.tobytes()).hexdigest(),
    }


def read_tiff(path):
    import tifffile

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        page = series.keyframe
        found = {**described(series.asarray()), "axes": series.axes, "photometric": page.photometric.name}
        found["imagej"] = {
            key: value for key, value in (file.imagej_metadata or {}).items() if isinstance(value, (str, int, float))
        }
        labels = (file.imagej_metadata or {}).get("Labels")
        found["labels"] = labels if isinstance(labels, list) or labels is None else [labels]
        if 282 in page.tags:
            found["resolution"] = [number / fraction for number, fraction in (page.tags[code].value for code in (282, 283))]
        found["colours"] = (np.array(page.colormap) // 257).T[:4].tolist() if page.colormap is not None else None
        if file.is_ome:
            pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
            found["ome"] = {key: value for key, value in pixels.items() if key not in ("TiffData",)}
            found["levels"] = [described(level.asarray()) for level in series.levels]
        return found


def read_png(path):
    from PIL import Image

    with Image.open(path) as image:
        palette = np.array(image.getpalette()).reshape(-1, 3) if image.mode == "P" else np.zeros((0, 3), int)
        return {**described(np.array(image)), "mode": image.mode, "colours": palette[:4].tolist()}


def read_zarr(path):
    """As ome-zarr-py hands it to napari; the metadata also by the models of the specification."""
    import zarr
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Label, Reader
    from ome_zarr_models.v04 import Image, ImageLabel

    group = zarr.open_group(path, mode="r")
    Image.from_zarr(group)
    ImageLabel.from_zarr(group["labels/classes"])
    found = {}
    for node in Reader(parse_url(path, mode="r"))():
        if not node.data:
            continue
        metadata = node.metadata
        scales = [[each["scale"] for each in level if each["type"] == "scale"][0] for level in metadata["coordinateTransformations"]]
        kind = "labels" if node.load(Label) else "image"
        found[kind] = {
            "axes": "".join(axis["name"] for axis in metadata["axes"]),
            "units": [axis.get("unit") for axis in metadata["axes"]],
            "scales": scales,
            "levels": [described(level.compute()) for level in node.data],
            "name": metadata["name"],
        }
        if kind == "labels":
            found[kind]["colours"] = {value: [round(255 * part) for part in rgba] for value, rgba in metadata["color"].items()}
            found[kind]["properties"] = metadata["properties"]
        else:
            found[kind]["windows"] = metadata["contrast_limits"]
            found[kind]["channels"] = metadata["channel_names"]
            found[kind]["colours"] = [[round(255 * part) for part in bright] for _, bright in metadata["colormap"]]
    return found


def read_hdf5(path):
    import h5py

    with h5py.File(path) as file:
        data = file["exported_data"]
        return {**described(data[()]), "axistags": json.loads(data.attrs["axistags"]), "chunks": list(data.chunks)}


def read_geojson(path):
    import geojson
    from shapely.geometry import shape

    with open(path) as file:
        collection = geojson.load(file)
    assert collection.is_valid, collection.errors()
    objects = []
    for feature in collection["features"]:
        polygon = shape(feature["geometry"])
        assert polygon.is_valid
        objects.append({"properties": feature["properties"], "area": polygon.area, "plane": feature["geometry"].get("plane"), "bounds": polygon.bounds})
    return objects


def read_rois(path):
    import roifile
    from PIL import Image, ImageDraw

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    objects = []
    for roi in roifile.roiread(path):
        rings = [ring.tolist() for ring in roi.coordinates(multi=True)]
        left, top, right, bottom = roi.left, roi.top, roi.right, roi.bottom
        # Even-odd, pixel centre by pixel centre: how ImageJ fills a composite.
        columns, rows = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
        inside = np.zeros(columns.shape, bool)
        for ring in rings:
            for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
                if y1 != y2:
                    inside ^= (x1 < columns) & ((y1 < rows) != (y2 < rows))
        objects.append(
            {
                "name": roi.name,
                "type": roi.roitype.name,
                "position": [roi.position, roi.t_position],
                "colour": list(roi.stroke_color),
                "bounds": [left, top, right, bottom],
                **described(inside.astype(np.uint8)),
            }
        )
    return objects


def read_coco(path):
    from contextlib import redirect_stdout

    from pycocotools.coco import COCO

    with redirect_stdout(io.StringIO()):
        coco = COCO(path)
    images = []
    for image in coco.loadImgs(coco.getImgIds()):
        classes = np.zeros((image["height"], image["width"]), np.uint8)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        for annotation in annotations:
            mask = coco.annToMask(annotation)
            assert mask.sum() == annotation["area"], annotation
            rows, columns = np.nonzero(mask)
            box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
            assert [int(value) for value in box] == annotation["bbox"]
            classes[mask == 1] = annotation["category_id"]
        images.append({"name": image["file_name"], "objects": len(annotations), **described(classes)})
    return {"images": images, "categories": coco.loadCats(coco.getCatIds())}


readers = {
    "tiff": read_tiff,
    "png": read_png,
    "zarr": read_zarr,
    "hdf5": read_hdf5,
    "geojson": read_geojson,
    "rois": read_rois,
    "coco": read_coco,
}
print(json.dumps([readers[sys.argv[1]](path) for path in sys.argv[2:]]))
