"""What numpy makes of regions on real images: voxels, mean, deviation, extremes, area, a length, and the factor of SUV.

    python test/data/measurements.py <shared data folder> test/data/measurements.json

Inside is decided by winding numbers (outline) and the equation (ellipse) at pixel centres; values are pydicom's stored ones
after slope and intercept. Compared with Sightline's own by test/data/measurements.test.ts.
"""

import json
import sys
import warnings
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pydicom

warnings.simplefilter("ignore")

FILES = [
    "ct/lidc-idri-0314/000040.dcm",
    "ct/lidc-idri-0314/000140.dcm",
    "ct/lidc-idri-0314/000240.dcm",
    "ct/variable-gap/GE/09.dcm",
    "ct/variable-gap/GE/21.dcm",
    "pet/qin-headneck/PET/000040.dcm",
    "pet/qin-headneck/PET/000200.dcm",
    "dicom/pydicom/test_files/MR_small.dcm",
    "dicom/pydicom/test_files/CT_small.dcm",
]
ULTRASOUND = [
    "dicom/pydicom-data/data_store/data/JPGLosslessP14SV1_1s_1f_8b.dcm",
    "dicom/pydicom-data/data_store/data/OBXXXX1A.dcm",
    "dicom/pydicom/test_files/examples_ybr_color.dcm",
]
# In parts of columns and rows.
OUTLINE = np.array(
    [[0.31, 0.22], [0.52, 0.33], [0.74, 0.21], [0.63, 0.51], [0.77, 0.79], [0.51, 0.62], [0.28, 0.81], [0.39, 0.5]]
)
CENTER = np.array([0.47, 0.52])
HALF = np.array([0.21, 0.13])
LINE = np.array([[0.21, 0.27], [0.68, 0.83]])


def in_outline(points, x, y):
    total = np.zeros(x.shape)
    for a, b in zip(points, np.roll(points, -1, 0)):
        turn = np.arctan2(b[1] - y, b[0] - x) - np.arctan2(a[1] - y, a[0] - x)
        total += np.mod(turn + np.pi, 2 * np.pi) - np.pi
    return np.abs(total) > np.pi


def statistics(values):
    return {
        "voxels": int(values.size),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        "minimum": float(values.min()),
        "maximum": float(values.max()),
    }


def suv_factor(ds):
    """Body weight; QIBA's vendor-neutral algorithm, decay corrected to the start of the series."""
    dose = ds.RadiopharmaceuticalInformationSequence[0]
    moment = lambda date, time: datetime.strptime(date + str(time).split(".")[0], "%Y%m%d%H%M%S") + timedelta(
        seconds=float("0." + (str(time).split(".") + ["0"])[1])
    )
    start = moment(ds.SeriesDate, ds.SeriesTime)
    injected = moment(ds.SeriesDate, dose.RadiopharmaceuticalStartTime)
    left = float(dose.RadionuclideTotalDose) * 2 ** (
        -(start - injected).total_seconds() / float(dose.RadionuclideHalfLife)
    )
    return float(ds.PatientWeight) * 1000 / left


def of_file(path):
    ds = pydicom.dcmread(path)
    values = ds.pixel_array.astype(np.float64) * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
    rows, columns = values.shape
    size = np.array([columns, rows])
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    across, down = float(ds.PixelSpacing[1]), float(ds.PixelSpacing[0])
    outline, line = OUTLINE * size, LINE * size
    z = outline[:, 0] * across + 1j * outline[:, 1] * down
    center, half = CENTER * size, HALF * size
    ellipse = ((x - center[0]) / half[0]) ** 2 + ((y - center[1]) / half[1]) ** 2 <= 1
    found = {
        "uid": ds.SOPInstanceUID,
        "columns": columns,
        "rows": rows,
        "outline": {
            "points": outline.tolist(),
            "area": float(0.5 * abs(np.imag(np.sum(np.conj(z) * np.roll(z, -1))))),
            **statistics(values[in_outline(outline, x, y)]),
        },
        "ellipse": {
            "points": [
                [center[0] - half[0], center[1]],
                [center[0] + half[0], center[1]],
                [center[0], center[1] - half[1]],
                [center[0], center[1] + half[1]],
            ],
            "area": float(np.pi * half[0] * across * half[1] * down),
            **statistics(values[ellipse]),
        },
        "line": {
            "points": line.tolist(),
            "length": float(np.hypot((line[1, 0] - line[0, 0]) * across, (line[1, 1] - line[0, 1]) * down)),
        },
        "suv": suv_factor(ds) if ds.Modality == "PT" else None,
    }
    return found


def of_ultrasound(path):
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    regions = ds.SequenceOfUltrasoundRegions
    fits = all(r.RegionLocationMaxX1 <= ds.Columns + 1 and r.RegionLocationMaxY1 <= ds.Rows + 1 for r in regions)
    tissue = next(r for r in regions if r.RegionSpatialFormat == 1)
    a = [tissue.RegionLocationMinX0 + 10.5, tissue.RegionLocationMinY0 + 20.5]
    b = [a[0] + 100, a[1] + 60]
    return {
        "uid": ds.SOPInstanceUID,
        "points": [a, b],
        "length": float(np.hypot(100 * tissue.PhysicalDeltaX * 10, 60 * tissue.PhysicalDeltaY * 10)) if fits else None,
    }


folder = Path(sys.argv[1])
table = {
    "images": {name: of_file(folder / name) for name in FILES},
    "ultrasound": {name: of_ultrasound(folder / name) for name in ULTRASOUND},
}
Path(sys.argv[2]).write_text(json.dumps(table, indent=1) + "\n")
