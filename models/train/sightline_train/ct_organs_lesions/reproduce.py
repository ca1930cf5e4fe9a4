"""The entry of `reproduce`."""

from .evaluate import reproduce

__all__ = ["reproduce"]
