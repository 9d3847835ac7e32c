"""Turns a result into text; every untrusted string goes through `markup`."""

from .envelope import (
    ANSWER_BYTES,
    SEVERITIES,
    VERDICTS,
    CheckText,
    Counts,
    Dossier,
    EnvelopeError,
    Note,
    Refusal,
    read_answer,
    read_dossier,
    write_answer,
)
from .markup import span
from .question import Links, Question, Settings, Side, read_question, write_question
from .registry import FORMATS, formats_of, render, renderer, write
from .types import ASSET_FILES, Assets, Audit, Display, Explained, FlowMap, Result, Review

__all__ = [
    "ANSWER_BYTES",
    "ASSET_FILES",
    "FORMATS",
    "SEVERITIES",
    "VERDICTS",
    "Assets",
    "Audit",
    "CheckText",
    "Counts",
    "Display",
    "Dossier",
    "EnvelopeError",
    "Explained",
    "FlowMap",
    "Links",
    "Note",
    "Question",
    "Refusal",
    "Result",
    "Review",
    "Settings",
    "Side",
    "formats_of",
    "read_answer",
    "read_dossier",
    "read_question",
    "render",
    "renderer",
    "span",
    "write",
    "write_answer",
    "write_question",
]
