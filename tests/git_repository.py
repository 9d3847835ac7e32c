"""Real git repositories for the tests, by plumbing: any tree, name and mode, fixed dates."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

Content = str | bytes | tuple[str, bytes]
"""A file's text, or (mode, content): a link is `("120000", b"target")`, a submodule a commit."""

_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "octocat"),
        ("EMAIL", "octocat@example.com"),
        ("DATE", "2026-01-02T03:04:05Z"),
    )
}


class GitRepository:
    """A bare repository `ROOT/OWNER/NAME.git`, as `git http-backend` serves it."""

    def __init__(self, root: Path, name: str = "octo/shop", sha256: bool = False) -> None:
        self.path = root / f"{name}.git"
        self.path.mkdir(parents=True)
        kind = "sha256" if sha256 else "sha1"
        self.git("init", "--quiet", "--bare", f"--object-format={kind}", "--initial-branch=main")

    def git(self, *arguments: str, data: bytes = b"", **variables: str) -> str:
        """Run git here; its output without the line end."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DIR": str(self.path),
            **_WHO,
            **variables,
        }
        done = subprocess.run(
            ["git", *arguments], input=data, env=environment, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def commit(
        self,
        files: Mapping[str | bytes, Content],
        parents: Sequence[str] = (),
        message: str = "change",
    ) -> str:
        """A commit whose tree is exactly these files; its hex name."""
        tree = self._tree({os.fsencode(path): content for path, content in files.items()})
        links = [argument for parent in parents for argument in ("-p", parent)]
        return self.git("commit-tree", tree, *links, "-m", message)

    def ref(self, name: str, commit: str) -> str:
        """Point a ref at a commit."""
        self.git("update-ref", name, commit)
        return commit

    def pull(self, number: int, base: str, head: str, merged: Mapping[str | bytes, Content]) -> str:
        """The refs of a pull request; the commit of its test merge."""
        merge = self.commit(merged, [base, head], "test merge")
        self.ref(f"refs/pull/{number}/head", head)
        return self.ref(f"refs/pull/{number}/merge", merge)

    def _tree(self, files: Mapping[bytes, Content]) -> str:
        """A tree by `mktree`, which takes names that an index would refuse."""
        folders: dict[bytes, dict[bytes, Content]] = {}
        rows: list[bytes] = []
        for path, content in files.items():
            name, slash, rest = path.partition(b"/")
            if slash:
                folders.setdefault(name, {})[rest] = content
            else:
                rows.append(self._row(name, content))
        for name, inner in folders.items():
            rows.append(b"040000 tree %s\t%s" % (self._tree(inner).encode(), name))
        data = b"".join(row + b"\0" for row in rows)
        return self.git("mktree", "-z", "--missing", data=data)

    def _row(self, name: bytes, content: Content) -> bytes:
        mode, data = content if isinstance(content, tuple) else ("100644", content)
        raw = data.encode() if isinstance(data, str) else data
        if mode == "160000":
            return b"160000 commit %s\t%s" % (raw, name)
        blob = self.git("hash-object", "-w", "--stdin", data=raw)
        return b"%s blob %s\t%s" % (mode.encode(), blob.encode(), name)
