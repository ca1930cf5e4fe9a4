"""What pydicom makes of each file of the shared data folder: outcomes and hashes only, no data.

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
from pydicom.pixels import apply_color_lut, pixel_array

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
