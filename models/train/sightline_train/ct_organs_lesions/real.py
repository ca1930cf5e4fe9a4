"""Real scans for judging, never for training: read as arrays with their place in the patient."""

import gzip
import re
import struct
from pathlib import Path

import numpy as np


def dicom(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """HU int16 [k, row, column] and affine [3, 4] (i, j, k) to LPS mm of an axial series; pydicom decodes."""
    import pydicom

    slices = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    row, column = (np.array(slices[0].ImageOrientationPatient[n : n + 3], float) for n in (0, 3))
    normal = np.cross(row, column)
    slices.sort(key=lambda s: float(normal @ np.array(s.ImagePositionPatient, float)))
    first, last = (np.array(s.ImagePositionPatient, float) for s in (slices[0], slices[-1]))
    dy, dx = (float(v) for v in slices[0].PixelSpacing)
    affine = np.stack([row * dx, column * dy, (last - first) / (len(slices) - 1), first], 1)
    hu = np.stack([s.pixel_array * np.float32(s.RescaleSlope) + np.float32(s.RescaleIntercept) for s in slices])
    return np.round(hu).astype(np.int16), affine


def nifti(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Values [k, j, i] and affine [3, 4] to LPS mm; NIfTI itself speaks of RAS."""
    raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    shape = struct.unpack("<8h", raw[40:56])
    kind = {2: np.uint8, 4: np.int16, 8: np.int32, 16: np.float32, 64: np.float64, 512: np.uint16}[struct.unpack("<h", raw[70:72])[0]]
    start = int(struct.unpack("<f", raw[108:112])[0])
    slope, intercept = struct.unpack("<2f", raw[112:120])
    if struct.unpack("<h", raw[254:256])[0] <= 0:
        raise ValueError(f"{path.name} has no sform")
    affine = np.array([struct.unpack("<4f", raw[280 + 16 * n : 296 + 16 * n]) for n in range(3)], float)
    affine[:2] *= -1
    size = shape[1] * shape[2] * shape[3]
    values = np.frombuffer(raw, np.dtype(kind).newbyteorder("<"), size, start).reshape(shape[3], shape[2], shape[1])
    if slope not in (0.0, 1.0) or intercept != 0.0:
        values = values * (slope or 1.0) + intercept
    return values, affine


def names(path: Path) -> dict[str, int]:
    """Label values by name, from the XML that a TotalSegmentator map carries in its header."""
    raw = gzip.open(path).read()
    told = re.findall(rb'Key="(\d+)".*?CDATA\[(.*?)\]', raw[352 : int(struct.unpack("<f", raw[108:112])[0])], re.S)
    return {name.decode(): int(value) for value, name in told}
