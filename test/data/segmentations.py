"""Where pydicom finds the segments of the shared data folder's segmentations and structure sets: hashes only, no data.

    python test/data/segmentations.py <shared data folder> test/data/segmentations.json

For each segmentation whose images are in the folder: for each segment, by SOP Instance UID of the image it lies on, the
number of its pixels there and a hash of them (one byte a pixel, rows top to bottom). Pixels are carried from the frame to
the image by their places in the patient, one by one; frames without a place go to the image that they name. The table is
compared with Sightline's own import by test/data/segmentations.test.ts.
"""

import hashlib
import json
import sys
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import pydicom

warnings.simplefilter("ignore")
SEGMENTATIONS = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}
STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"


def frame_geometry(ds, n):
    shared = ds.get("SharedFunctionalGroupsSequence", [None])[0]
    own = ds.PerFrameFunctionalGroupsSequence[n] if "PerFrameFunctionalGroupsSequence" in ds else None

    def group(name):
        for where in (own, shared):
            if where is not None and name in where:
                return where[name].value[0]
        return None

    place, plane, measures = (group(f"{n}Sequence") for n in ("PlanePosition", "PlaneOrientation", "PixelMeasures"))
    source = group("DerivationImageSequence")
    uid = None
    if source is not None and len(source.get("SourceImageSequence", [])) == 1:
        uid = source.SourceImageSequence[0].ReferencedSOPInstanceUID
    segment = group("SegmentIdentificationSequence")
    if place is None or plane is None or measures is None or "ImagePositionPatient" not in place:
        return None, uid, segment
    return (
        np.array(place.ImagePositionPatient, float),
        np.array(plane.ImageOrientationPatient, float),
        np.array(measures.PixelSpacing, float),
    ), uid, segment


def to_patient(geometry):
    position, orientation, spacing = geometry
    row, column = orientation[:3], orientation[3:]
    m = np.eye(4)
    m[:3, 0], m[:3, 1], m[:3, 2], m[:3, 3] = row * spacing[1], column * spacing[0], np.cross(row, column), position
    return m


def images_of(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            ds = pydicom.dcmread(path, stop_before_pixels=True)
        except Exception:
            continue
        wanted = ("Rows", "Columns", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
        if any(word not in ds for word in wanted) or ds.get("SOPClassUID") in SEGMENTATIONS:
            continue
        if str(ds.get("NumberOfFrames", 1) or 1) != "1":
            continue
        geometry = None
        if "ImagePositionPatient" in ds and "PixelSpacing" in ds:
            words = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
            try:
                geometry = tuple(np.array(ds[word].value, float) for word in words)
            except Exception:
                continue
        found[ds.SOPInstanceUID] = (ds.Rows, ds.Columns, geometry, ds.SeriesInstanceUID, ds.StudyInstanceUID)
    return found


def read(path, images):
    ds = pydicom.dcmread(path)
    pixels = ds.pixel_array
    if pixels.ndim == 2:
        pixels = pixels[None]
    labels = ds.SegmentationType == "LABELMAP"
    least = 1 if ds.SegmentationType != "FRACTIONAL" else max(1, ds.MaximumFractionalValue / 2)
    background = {
        s.SegmentNumber for s in ds.SegmentSequence if labels and s.SegmentLabel.lower() == "background"
    }
    numbers = [s.SegmentNumber for s in ds.SegmentSequence if s.SegmentNumber not in background]
    found = {n: defaultdict(lambda: None) for n in numbers}
    referenced = {s.SeriesInstanceUID for s in ds.get("ReferencedSeriesSequence", [])}
    own = {u: i for u, i in images.items() if i[4] == ds.StudyInstanceUID and (not referenced or i[3] in referenced)}
    lost = 0
    for n, frame in enumerate(pixels):
        geometry, uid, segment = frame_geometry(ds, n)
        target = None
        if geometry is not None:
            here = to_patient(geometry)
            near = []
            for other, (rows, columns, place, *_) in own.items():
                if place is None:
                    continue
                step = np.linalg.inv(to_patient(place)) @ here
                if abs(step[2, 3]) < 0.1 and abs(abs(step[2, 2]) - 1) < 1e-3:
                    near.append((other, step))
            target = next((one for one in near if one[0] == uid), near[0] if len(near) == 1 else None)
        elif uid in own:
            target = (uid, np.eye(4))
        if target is None:
            lost += 1
            continue
        other, step = target
        rows, columns = own[other][:2]
        for number in numbers if labels else [segment.ReferencedSegmentNumber]:
            y, x = np.nonzero(frame == number if labels else frame >= least)
            i, j = (np.round(step @ np.stack([x, y, x * 0, x * 0 + 1]))[:2]).astype(int)
            if (i < 0).any() or (j < 0).any() or (i >= columns).any() or (j >= rows).any():
                raise ValueError("marks outside the image")
            mask = found[number][other]
            if mask is None:
                mask = np.zeros((rows, columns), np.uint8)
            mask[j, i] = 1
            found[number][other] = mask
    return {
        "uid": ds.SOPInstanceUID,
        "type": ds.SegmentationType,
        "frames": len(pixels),
        "lost": lost,
        "segments": {
            str(number): {
                uid: [int(mask.sum()), hashlib.sha256(mask.tobytes()).hexdigest()[:16]]
                for uid, mask in masks.items()
                if mask.any()
            }
            for number, masks in found.items()
        },
    }


def inside(corners, rows, columns):
    """Pixels whose middles lie within, counting crossings of a ray to the right; corners in pixels, first middle at 0."""
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    found = np.zeros((rows, columns), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        found ^= crosses
    return found


def read_structures(path, images):
    ds = pydicom.dcmread(path, force=True)
    named = {
        series.SeriesInstanceUID
        for frame in ds.get("ReferencedFrameOfReferenceSequence", [])
        for study in frame.get("RTReferencedStudySequence", [])
        for series in study.RTReferencedSeriesSequence
    }
    own = {u: i for u, i in images.items() if i[4] == ds.StudyInstanceUID and i[2] is not None}
    contoured = {
        c.ContourImageSequence[0].ReferencedSOPInstanceUID
        for roi in ds.get("ROIContourSequence", [])
        for c in roi.get("ContourSequence", [])
        if len(c.get("ContourImageSequence", [])) == 1
    }
    own = {u: i for u, i in own.items() if i[3] in named or u in contoured}
    segments, placed, lost = {}, 0, 0
    for roi in ds.get("ROIContourSequence", []):
        masks = {}
        for contour in roi.get("ContourSequence", []):
            if contour.ContourGeometricType != "CLOSED_PLANAR" or len(contour.ContourData) < 9:
                continue
            points = np.array(contour.ContourData, float).reshape(-1, 3)
            best = None
            for uid, (_rows, _columns, place, *_rest) in own.items():
                local = np.linalg.inv(to_patient(place)) @ np.c_[points, np.ones(len(points))].T
                distance = np.abs(local[2]).max()
                if distance <= 0.2 and (best is None or distance < best[0]):
                    best = (distance, uid, local[:2].T)
            if best is None:
                lost += 1
                continue
            placed += 1
            rows, columns = own[best[1]][:2]
            masks[best[1]] = masks.get(best[1], np.zeros((rows, columns), bool)) ^ inside(best[2], rows, columns)
        segments[str(roi.ReferencedROINumber)] = {
            uid: [int(mask.sum()), hashlib.sha256(mask.astype(np.uint8).tobytes()).hexdigest()[:16]]
            for uid, mask in masks.items()
            if mask.any()
        }
    return {
        "uid": ds.SOPInstanceUID,
        "type": "RTSTRUCT",
        "frames": placed + lost,
        "lost": lost,
        "segments": {number: found for number, found in segments.items() if found},
    }


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    table = {}
    for top in ["dicom", "pet", "ct"]:
        images = images_of(data / top)
        for path in sorted((data / top).rglob("*")):
            if not path.is_file():
                continue
            try:
                ds = pydicom.dcmread(path, stop_before_pixels=True)
            except Exception:
                continue
            if ds.get("SOPClassUID") not in SEGMENTATIONS | {STRUCTURES}:
                continue
            name = str(path.relative_to(data))
            try:
                table[name] = (read_structures if ds.SOPClassUID == STRUCTURES else read)(path, images)
            except Exception as error:
                table[name] = {"error": f"{type(error).__name__}: {error}"[:120]}
    out.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")


main()
