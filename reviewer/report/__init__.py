"""Turns a result into text; every untrusted string goes through `markup`."""

from .markup import fence, safe, span
from .registry import FORMATS, formats_of, render, renderer, write
from .types import ASSET_FILES, Assets, Audit, Display, Explained, FlowMap, Result, Review

__all__ = [
    "ASSET_FILES",
    "FORMATS",
    "Assets",
    "Audit",
    "Display",
    "Explained",
    "FlowMap",
    "Result",
    "Review",
    "fence",
    "formats_of",
    "render",
    "renderer",
    "safe",
    "span",
    "write",
]
