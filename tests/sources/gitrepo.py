"""Real git repositories made by plumbing, so that any name and any mode can stand in a tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

FILE, PROGRAM, LINK, SUBMODULE = "100644", "100755", "120000", "160000"
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}
Content = bytes | tuple[str, bytes]
"""What a file holds, or a mode and what it holds (for a submodule the commit in hex)."""


class Repository:
    """A repository in a folder of the test, without anything checked out."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.run("init", "--quiet", "--initial-branch=main", *arguments)

    def run(self, *arguments: str | bytes, stdin: bytes = b"") -> bytes:
        """What a git command prints."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=_ENVIRONMENT,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def hex(self, *arguments: str | bytes, stdin: bytes = b"") -> str:
        """The object name that a git command prints."""
        return self.run(*arguments, stdin=stdin).decode().strip()

    def blob(self, content: bytes) -> str:
        """Store a content."""
        return self.hex("hash-object", "-w", "--stdin", stdin=content)

    def commit(self, files: Mapping[bytes, Content], branch: str = "main") -> str:
        """A commit without parents that holds exactly these files, and the branch on it."""
        records = []
        for path, content in files.items():
            mode, data = content if isinstance(content, tuple) else (FILE, content)
            name = data.decode() if mode == SUBMODULE else self.blob(data)
            records.append(f"{mode} {name}\t".encode() + path + b"\0")
        self.run("read-tree", "--empty")
        self.run("update-index", "--add", "-z", "--index-info", stdin=b"".join(records))
        return self.commit_tree(self.hex("write-tree"), branch)

    def commit_tree(self, tree: str, branch: str = "main") -> str:
        """A commit of a tree that exists."""
        commit = self.hex("commit-tree", "-m", "x", tree)
        self.run("update-ref", f"refs/heads/{branch}", commit)
        return commit
