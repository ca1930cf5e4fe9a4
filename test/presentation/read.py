"""Reads a key object selection (highdicom) or a presentation state (pydicom) and prints what it found as JSON."""

import json
import sys

import highdicom as hd
import pydicom


def key_objects(path):
    document = hd.ko.KeyObjectSelectionDocument.from_dataset(pydicom.dcmread(path))
    return {
        "title": document.content[0].name.value,
        "references": [
            [str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID), item.ReferencedSOPSequence[0].get("ReferencedFrameNumber")]
            for item in document.content.get_references()
        ],
        "texts": [str(item.value) for item in document.content[0].ContentSequence if item.ValueType == "TEXT" and item.name.value == "113012"],
        "resolves": [
            [str(part) for part in document.resolve_reference(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)]
            for item in document.content.get_references()
        ],
    }


def numbers(value):
    return [float(v) for v in value] if value is not None and not isinstance(value, (int, float, str)) else float(value)


def presentation(path):
    state = pydicom.dcmread(path)
    return {
        "label": state.ContentLabel,
        "description": state.ContentDescription,
        "creator": str(state.ContentCreatorName),
        "rescale": [float(state.RescaleSlope), float(state.RescaleIntercept), state.RescaleType],
        "images": [[str(i.ReferencedSOPInstanceUID) for i in s.ReferencedImageSequence] for s in state.ReferencedSeriesSequence],
        "windows": [
            [float(w.WindowCenter), float(w.WindowWidth), w.get("VOILUTFunction"), w.get("WindowCenterWidthExplanation")]
            for w in state.get("SoftcopyVOILUTSequence", [])
        ],
        "shape": state.PresentationLUTShape,
        "rotation": state.ImageRotation,
        "flip": state.ImageHorizontalFlip,
        "areas": [
            [list(a.DisplayedAreaTopLeftHandCorner), list(a.DisplayedAreaBottomRightHandCorner), a.PresentationSizeMode, numbers(a.get("PresentationPixelSpacing", 0))]
            for a in state.DisplayedAreaSelectionSequence
        ],
        "shutter": [state.get("ShutterShape"), state.get("ShutterLeftVerticalEdge"), state.get("ShutterPresentationValue")],
        "graphics": [
            {
                "images": [str(i.ReferencedSOPInstanceUID) for i in g.get("ReferencedImageSequence", [])],
                "layer": g.GraphicLayer,
                "shapes": [[o.GraphicType, numbers(o.GraphicData)] for o in g.get("GraphicObjectSequence", [])],
                "texts": [t.UnformattedTextValue for t in g.get("TextObjectSequence", [])],
            }
            for g in state.get("GraphicAnnotationSequence", [])
        ],
    }


print(json.dumps((key_objects if sys.argv[1] == "key-objects" else presentation)(sys.argv[2]), default=int))
