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

__all__ = [
    "ANSWER_BYTES",
    "SEVERITIES",
    "VERDICTS",
    "CheckText",
    "Counts",
    "Dossier",
    "EnvelopeError",
    "Links",
    "Note",
    "Question",
    "Refusal",
    "Settings",
    "Side",
    "read_answer",
    "read_dossier",
    "read_question",
    "span",
    "write_answer",
    "write_question",
]
