"""Turns a result into text; every untrusted string goes through `markup`."""

from .dossier import fill_dossier
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
from .links import links_of
from .markup import span
from .question import Links, Question, Settings, Side, read_question, write_question
from .registry import FORMATS, formats_of, render, write
from .types import Audit, Display, Explained, FlowMap, Result, Review

__all__ = [
    "ANSWER_BYTES",
    "FORMATS",
    "SEVERITIES",
    "VERDICTS",
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
    "fill_dossier",
    "formats_of",
    "links_of",
    "read_answer",
    "read_dossier",
    "read_question",
    "render",
    "span",
    "write",
    "write_answer",
    "write_question",
]
