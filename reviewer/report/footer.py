"""The last line: what was compared, in which view, the run, and how to see it locally (P-18)."""

from __future__ import annotations

from .digest import Digest
from .links import Links
from .markup import span
from .types import Review

_VIEWS = {
    "merge": "as merged today",
    "branch": "since the branch left its base",
    "folders": "as folders",
    "audit": "",
}
ACCEPT = "accept: `waivers` of `.github/netpol-reviewer.yml` on the base branch"


def footer(told: Digest, links: Links | None) -> str:
    """One line of Markdown, without its `<sub>`."""
    review = told.review
    parts = [_compared(review, links)]
    if links:
        run = links.run()
        parts += [f"[run]({run})"] if run else []
        command = local_command(review, links)
        # NOTE: made of words of ours, numbers and hex digits: nothing to escape.
        parts += [f"locally: `{command}`"] if command else []
    if review.verdict.failed:
        parts.append(ACCEPT)
    return " · ".join(parts)


def _compared(review: Review, links: Links | None) -> str:
    if links and links.site.view == "audit":
        return f"Audited {_revision(review.head.name, _commits(review, links)[1], links)}"
    base, head = (
        _revision(review.base.name, _commits(review, links)[0], links),
        _revision(review.head.name, _commits(review, links)[1], links),
    )
    return f"Compared {base} with {head}{_view(links)}"


def _view(links: Links | None) -> str:
    """In which view; two commits that an event or a person names are in none."""
    if links is None or (links.site.view == "branch" and not links.site.pull):
        return ""
    missing = ", since there is no test merge" if links.site.fallback else ""
    said = _VIEWS[links.site.view] + missing
    return f" {said}" if said else ""


def _commits(review: Review, links: Links | None) -> tuple[str | None, str | None]:
    """The two commits: the head commit itself, never the test merge (G-25)."""
    if links:
        return links.site.base or review.base.commit, links.site.head or review.head.commit
    return review.base.commit, review.head.commit


def _revision(name: str, commit: str | None, links: Links | None) -> str:
    if commit is None:
        return span(name)
    return f"[{span(commit[:7])}]({links.commit(commit)})" if links else span(commit[:7])


def local_command(review: Review, links: Links) -> str:
    """The command that gives the same result in a fresh clone; "" where there is none."""
    if links.site.view == "merge" and links.site.pull:
        fetch = f"git fetch origin pull/{links.site.pull}/merge"
        return f"{fetch} && netpol-reviewer diff FETCH_HEAD^ FETCH_HEAD"
    base, head = _commits(review, links)
    if links.site.view == "audit":
        return f"netpol-reviewer audit {head}" if head else ""
    if not base or not head:
        return ""
    # NOTE: a fresh clone has the branches alone, and not what a fork wants to have pulled.
    fetch = f"git fetch origin pull/{links.site.pull}/head && " if links.site.pull else ""
    return f"{fetch}netpol-reviewer diff {base} {head}"
