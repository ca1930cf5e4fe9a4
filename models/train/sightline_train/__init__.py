"""Recipes that train, evaluate and export the model packages. See ../README.md."""

import os

# ONNX Runtime's builds report over the network unless this stands before they are loaded; see models/onnxruntime.ts.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
