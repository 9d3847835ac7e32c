"""Which paths a list of globs takes: `**`, `*`, `?`, from the top, order counts, `!` takes away.

The grammar of roots.md (R-20), for the input `paths` of the Action and for the configuration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence


def choose_paths(globs: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path is taken; the last glob that fits decides.

    No globs take every path; so does a list that begins with `!`, less what that takes away.
    """
    rules = [(not one.startswith("!"), _pattern(one.removeprefix("!"))) for one in globs]
    start = not rules or not rules[0][0]

    def takes(path: str) -> bool:
        taken = start
        for adds, pattern in rules:
            if adds != taken and pattern.fullmatch(path):
                taken = adds
        return taken

    return takes


def _pattern(glob: str) -> re.Pattern[str]:
    """One glob as an expression: `*` stays inside a name, `**` crosses folders.

    `a/**` is everything below `a`, `**/a` is `a` at any depth; a glob that ends in `/` is that
    folder with everything in it.
    """
    glob = glob.strip("/") + ("/**" if glob.endswith("/") else "")
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", glob)
    meaning = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    text = "".join(meaning.get(part, re.escape(part)) for part in parts)
    return re.compile(text, re.DOTALL)
