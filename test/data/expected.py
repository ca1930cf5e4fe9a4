"""What pydicom makes of each file of the shared data folder: outcomes, hashes and some samples.

    python test/data/expected.py <shared data folder> test/data/expected.json

Needs pydicom 3.0.2 with pylibjpeg, pylibjpeg-libjpeg, pylibjpeg-openjpeg and pyjpegls. The table is compared with
Sightline's own import by test/data/import.test.ts.
"""

import hashlib
import json
import signal
import sys
import warnings
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, apply_voi, apply_windowing, pixel_array

warnings.simplefilter("ignore")
import logging

logging.disable(logging.CRITICAL)

FOLDERS = ["dicom", "malformed", "ct", "pet"]
LOSSY = {
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.203",
}


def at(pixels: np.ndarray, samples: int) -> np.ndarray:
    """Values at so many places, evenly over the array."""
    flat = pixels.reshape(-1)
    return flat[[int((k + 0.5) * flat.size / samples) for k in range(samples)]]


def group(ds: Dataset, frame: int, name: str):
    """A functional group of a frame, its own before the shared one."""
    for top in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        items = ds.get(top) or []
        item = items[frame if top.startswith("Per") else 0] if len(items) > (frame if top.startswith("Per") else 0) else None
        if item is not None and name in item:
            return item[name].value[0]
    return None


def modality_values(ds: Dataset, stored: np.ndarray, frames: int) -> np.ndarray:
    """float64, by table or slope and intercept of each frame."""
    if "ModalityLUTSequence" in ds:
        return pydicom.pixels.apply_modality_lut(stored, ds).astype(np.float64)
    values = stored.astype(np.float64)
    if ds.get("Modality") == "RTDOSE" and float(ds.get("DoseGridScaling", 0) or 0) > 0:
        return values * float(ds.DoseGridScaling)
    for frame in range(frames):
        source = group(ds, frame, "PixelValueTransformationSequence") or ds
        slope, intercept = source.get("RescaleSlope"), source.get("RescaleIntercept")
        if slope is None or intercept is None or float(slope) == 0:
            continue
        if frames == 1:
            return values * float(slope) + float(intercept)
        values[frame] = values[frame] * float(slope) + float(intercept)
    return values


def shown(ds: Dataset, stored: np.ndarray, values: np.ndarray):
    """Greys 0 to 255 of one frame by the file's own table or first window; None where it has neither."""
    source = group(ds, 0, "FrameVOILUTSequence") or ds
    if "VOILUTSequence" in source and len(source.VOILUTSequence) > 0:
        bits = source.VOILUTSequence[0].LUTDescriptor[2]
        greys = apply_voi(values.astype(np.int32), source).astype(np.float64) / (2**bits - 1)
    elif source.get("WindowCenter") not in (None, "") and source.get("WindowWidth") not in (None, ""):
        plain = Dataset()
        plain.PhotometricInterpretation = "MONOCHROME2"
        plain.BitsStored, plain.PixelRepresentation = 16, 0
        plain.WindowCenter, plain.WindowWidth = source.WindowCenter, source.WindowWidth
        if "VOILUTFunction" in source:
            plain.VOILUTFunction = source.VOILUTFunction
        greys = apply_windowing(values, plain) / 65535
    else:
        return None
    if ds.PhotometricInterpretation == "MONOCHROME1" or ds.get("PresentationLUTShape") == "INVERSE":
        greys = 1 - greys
    if "PixelPaddingValue" in ds and "ModalityLUTSequence" not in ds:
        fill = np.array(ds.PixelPaddingValue).astype(np.int64).astype(stored.dtype)
        greys = np.where(stored == fill, 0, greys)
    return greys * 255


class TooLong(Exception):
    pass


def alarm(*_):
    raise TooLong("more than 30 s")


def reads(path: Path):
    try:
        return pydicom.dcmread(path)
    except Exception:
        ds = pydicom.dcmread(path, force=True)
        if "SOPClassUID" not in ds and "Rows" not in ds:
            raise
        return ds


def describe(path: Path) -> dict:
    raw = path.read_bytes()
    entry = {"sha256": hashlib.sha256(raw).hexdigest(), "folder": path.parts[0]}
    try:
        ds = reads(path)
    except Exception as error:
        return entry | {"kind": "no-dicom", "why": type(error).__name__}
    if "DirectoryRecordSequence" in ds:
        return entry | {"kind": "directory"}
    if not any(k in ds for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        return entry | {"kind": "no-pixels"}
    try:
        if "TransferSyntaxUID" not in ds.file_meta:
            ds.file_meta.TransferSyntaxUID = (
                "1.2.840.10008.1.2"
                if ds.original_encoding[0]
                else ("1.2.840.10008.1.2.1" if ds.original_encoding[1] else "1.2.840.10008.1.2.2")
            )
    except AttributeError:
        pass
    try:
        pixels = pixel_array(ds)
        entry |= {"kind": "image"}
        frames = int(ds.get("NumberOfFrames", 1) or 1)
        # More pixel data than the header's frames: pydicom answers them all, a viewer shows what the header says.
        plain = 2 if int(ds.get("SamplesPerPixel", 1)) == 1 else 3
        if pixels.ndim > plain and pixels.shape[0] > frames:
            pixels = pixels[:frames]
        photometric = str(ds.PhotometricInterpretation)
        # The pixels of a label map are labels, whatever colours it gives them.
        if "SegmentSequence" in ds and photometric == "PALETTE COLOR":
            photometric = "MONOCHROME2"
        stored = pixels
        mono = photometric in ("MONOCHROME1", "MONOCHROME2")
        entry["exact"] = True
        syntax = str(ds.file_meta.TransferSyntaxUID)
        if syntax in LOSSY:
            entry["exact"] = False
        # Lossy JPEG in a file that says lossless: two decoders round their transforms differently.
        if syntax in ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70") and b"\xff\xc3\x00" not in ds.PixelData:
            entry["exact"] = False
        if syntax.startswith("1.2.840.10008.1.2.4.81") is False and photometric.startswith("YBR"):
            # Two implementations round the conversion to RGB differently by one.
            entry["exact"] = entry["exact"] and photometric in ("YBR_RCT", "YBR_ICT")
        if photometric == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, ds)
            if pixels.dtype == np.uint16:
                pixels = (pixels >> 8 if pixels.max() > 255 else pixels).astype(np.uint8)
            pixels = pixels[..., :3]
        elif int(ds.get("SamplesPerPixel", 1)) == 3 and pixels.dtype != np.uint8:
            pixels = (pixels >> max(0, int(ds.BitsStored) - 8)).astype(np.uint8)
        elif pixels.dtype == np.float64:
            pixels = pixels.astype(np.float32)
        if "ModalityLUTSequence" in ds:
            pixels = pydicom.pixels.apply_modality_lut(pixels, ds).astype(np.uint16)
        data = np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)).tobytes()
        entry |= {
            "frames": frames,
            "dtype": str(pixels.dtype),
            "pixels": hashlib.sha256(data).hexdigest(),
            "mean": float(np.round(np.nanmean(pixels, dtype=np.float64), 4)),
            "deviation": float(np.round(np.nanstd(pixels, dtype=np.float64), 4)),
        }
        if not entry["exact"]:
            entry["samples"] = [int(value) for value in at(pixels, 256)]
        if mono and np.issubdtype(stored.dtype, np.number) and not np.isnan(stored.astype(np.float64)).any():
            values = modality_values(ds, stored, frames)
            entry |= {
                "values": hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest(),
                "values32": hashlib.sha256(np.ascontiguousarray(values.astype(np.float32)).tobytes()).hexdigest(),
            }
            first = (stored, values) if frames == 1 and stored.ndim == 2 else (stored[0], values[0])
            try:
                greys = shown(ds, *first)
            except Exception as error:
                greys = None
                print(path, "greys:", type(error).__name__, error)
            if greys is not None:
                entry["greys"] = [round(float(value), 1) for value in at(greys, 24)]
        return entry
    except TooLong:
        return entry | {"kind": "undecodable", "why": "TooLong"}
    except Exception as error:
        return entry | {"kind": "undecodable", "why": type(error).__name__}


def main() -> None:
    import os

    top, out = Path(sys.argv[1]), Path(sys.argv[2])
    out = out.resolve()
    os.chdir(top)
    signal.signal(signal.SIGALRM, alarm)
    entries = {}
    for folder in FOLDERS:
        for path in sorted(Path(folder).rglob("*")):
            if not path.is_file():
                continue
            signal.alarm(30)
            try:
                entry = describe(path)
            except TooLong:
                entry = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "kind": "undecodable", "why": "TooLong"}
            finally:
                signal.alarm(0)
            key = entry.pop("sha256")
            entries[key] = entry
    kinds = {}
    for entry in entries.values():
        kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
    print(kinds)
    lines = [f"{json.dumps(k)}: {json.dumps(entries[k], allow_nan=False)}" for k in sorted(entries)]
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
