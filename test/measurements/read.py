"""Reads a TID 1500 report with highdicom and prints what it found as JSON: groups by kind, values, coordinates."""

import json
import sys

import highdicom as hd
from highdicom.sr import ImageRegion3D


def number(item):
    return {
        "concept": item.name.value,
        "value": item.value,
        "unit": item.unit.value,
        "derivation": item.derivation.value if item.derivation else None,
    }


def main(path):
    report = hd.sr.srread(path)
    content = report.content
    planar = []
    for group in content.get_planar_roi_measurement_groups():
        region = group.roi
        planar.append(
            {
                "tracking": group.tracking_identifier,
                "uid": group.tracking_uid,
                "graphic": region.graphic_type.value,
                "points": region.value.tolist(),
                "frame": region.frame_of_reference_uid if isinstance(region, ImageRegion3D) else None,
                "values": [number(m) for m in group.get_measurements()],
            }
        )
    others = []
    for group in content.get_image_measurement_groups():
        others.append(
            {
                "tracking": group.tracking_identifier,
                "uid": group.tracking_uid,
                "values": [number(m) for m in group.get_measurements()],
            }
        )
    ellipses = content.get_planar_roi_measurement_groups(graphic_type=hd.sr.GraphicTypeValues.ELLIPSE)
    observers = [c.observer_type.value for c in content.get_observer_contexts()]
    print(
        json.dumps(
            {
                "class": type(report).__name__,
                "planar": planar,
                "others": others,
                "ellipses": len(ellipses),
                "observers": observers,
                "title": report.content[0].name.value,
            }
        )
    )


main(sys.argv[1])
