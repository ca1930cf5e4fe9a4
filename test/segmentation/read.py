"""What highdicom reads of segmentation files: one line of JSON a file, masks of each segment on the given images.

usage: read.py <file with SOP Instance UIDs of the images, in order> <segmentation>...
"""

import base64
import json
import sys
import warnings

warnings.filterwarnings("ignore")

import highdicom as hd  # noqa: E402
import numpy as np  # noqa: E402


def read(path, uids):
    seg = hd.seg.segread(path)
    numbers = [n for n in seg.segment_numbers if n != 0]
    pixels = seg.get_pixels_by_source_instance(
        uids,
        segment_numbers=numbers,
        assert_missing_frames_are_empty=True,
        ignore_spatial_locations=True,
        rescale_fractional=False,
        **({"skip_overlap_checks": True} if seg.segmentation_type.value != "LABELMAP" else {}),
    )
    least = 128 if seg.segmentation_type.value == "FRACTIONAL" else 1
    described = [seg.get_segment_description(n) for n in numbers]
    return {
        "type": seg.segmentation_type.value,
        "segments": [
            {
                "number": int(n),
                "label": d.segment_label,
                "trackingUid": str(d.tracking_uid),
                "code": d.segmented_property_type.value,
                # [frame, row, column]
                "mask": base64.b64encode((np.asarray(pixels)[..., at] >= least).astype(np.uint8).tobytes()).decode(),
            }
            for at, (n, d) in enumerate(zip(numbers, described, strict=True))
        ],
    }


with open(sys.argv[1], encoding="utf-8") as listed:
    images = json.load(listed)
for name in sys.argv[2:]:
    print(json.dumps(read(name, images)), flush=True)
