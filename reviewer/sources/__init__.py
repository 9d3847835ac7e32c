"""Reads the text of one target: a folder, a file, or a git revision without a checkout."""

from reviewer.sources.git import (
    environment,
    find_commit,
    git_directory,
    list_files,
    read_blobs,
)
from reviewer.sources.registry import documents, read_file, resolve, resolve_all
from reviewer.sources.selection import choose_paths
from reviewer.sources.types import Entry, Known, Limits, Source, Target, TargetKind

__all__ = [
    "Entry",
    "Known",
    "Limits",
    "Source",
    "Target",
    "TargetKind",
    "choose_paths",
    "documents",
    "environment",
    "find_commit",
    "git_directory",
    "list_files",
    "read_blobs",
    "read_file",
    "resolve",
    "resolve_all",
]
