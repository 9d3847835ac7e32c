"""Whole sentences of a review: findings, the cause of the gravest row, what was not read (P-2).

Every format says them in the same words; a `Voice` marks names, `Links` says where they lead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reviewer.base.diagnostics import Diagnostic
from reviewer.base.documents import Origin
from reviewer.delta import Cause, Change, PolicyChange, Side
from reviewer.findings import Finding, message

from .digest import Digest, Named, outage_rows
from .links import Links
from .phrases import Happened, Voice, workloads
from .words import counted


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells one review in one voice; `links` is None where the format has none."""

    told: Digest
    voice: Voice
    links: Links | None = None

    @property
    def head(self) -> Side:
        """The side that an audit's places are on."""
        return Side.HEAD

    def linked(self, text: str, origin: Origin | None, side: Side) -> str:
        """Marked-up text, as a link to a place where there is one."""
        found = self.links.place(origin, side) if self.links and origin else None
        return f"[{text}]({found})" if found else text

    def policy(self, change: PolicyChange) -> str:
        """A changed policy's name, linked to its first changed line that the diff shows."""
        side = Side.HEAD if change.head else Side.BASE
        origin = change.policy.origin
        if change.change is Change.MODIFIED and self.links:
            lines = [Origin(origin.file, field.line) for field in change.fields if field.line]
            shown = [each for each in lines if self.links.shows(each, side)]
            origin = shown[0] if shown else origin
        return self.linked(self.name(change.policy.ref.path), origin, side)

    def name(self, text: str) -> str:
        """Any name, marked up; the id of a workload without its kind (P-3)."""
        return self.voice.name(self.told.names.shown(text))

    def phrase(self, finding: Finding) -> str:
        """The sentence of a finding, without a full stop (F-6)."""
        return message(finding.rule, finding.arguments, self.name)

    def full_phrase(self, finding: Finding) -> str:
        """The same with the ids of workloads, kind and all."""
        return message(finding.rule, finding.arguments, self.voice.name)

    def object(self, cause: Cause) -> str:
        """A cause by its object's name, linked to its line."""
        change = self.told.changes.get((cause.kind, cause.object)) if not cause.rule else None
        if change is not None and cause.change is Change.MODIFIED:
            return self.policy(change)
        return self.linked(self.name(cause.object), cause.origin, cause.side)

    def because(self, named: Named, *, event: bool = True) -> str:
        """A cause, what happened to it, and how many others there are (P-7)."""
        said = self.object(named.cause)
        if event:
            said += f" {named.happened.text(self.voice)}{',' if named.others else ''}"
        return f"{said} and {named.others:,} more" if named.others else said

    def line(self, origin: Origin, side: Side) -> str:
        """A line as people say it: "Line 12 of `orders-db.yaml`"."""
        file = self.voice.name(origin.file.rpartition("/")[2])
        return self.linked(f"Line {origin.line} of {file}", origin, side)

    def culprit(self, named: Named) -> str:
        """What the edit did, as a sentence with a full stop (P-14)."""
        cause, what = named.cause, named.happened
        take = "takes" if named.others == 1 else "take"
        edits = f"{counted(named.others, 'more edit')} {take} part"
        others = f" {edits}." if named.others else ""
        if not cause.policy:
            return f"{cause.kind} {self.object(cause)} was {what.verb}.{others}"
        if cause.change is Change.REMOVED:
            return f"Policy {self.object(cause)} was removed.{others}"
        if cause.change is Change.ADDED:
            return f"Policy {self.object(cause)} was added and admits it.{others}"
        line = self.line(cause.origin, cause.side)
        if what.verb in _WIDENED and what.quoted and what.what in _LOST:
            its = f"{what.verb} its {self.voice.name(what.what)} list"
            return f"{line} {its}, {_WIDENED[what.verb]} {_LOST[what.what]}.{others}"
        if what == Happened("gained", "a rule", change=what.change):
            return f"{line} is a new rule of {self.name(cause.object)}.{others}"
        return f"{line} {what.text(self.voice)}.{others}"

    def outage(self, finding: Finding) -> str:
        """An outage as a sentence with a full stop; its place is linked (P-14)."""
        origin, side = finding.origin, finding.side
        if finding.rule == "peer-selects-nothing" and origin:
            peer = _selector(finding)
            if peer:
                said = f"allows that port to {self.voice.name(peer)}, which matches nothing"
                return f"{self.line(origin, side)} {said}."
        if finding.rule == "dns-lost" and (cause := self.dns_cause(finding)):
            them = "it" if len(finding.workloads) == 1 else "them"
            said = f"leaves {them} no egress to port 53"
            return f"{self.dns_victims(finding)}; {self.object(cause)} {said}."
        return self.finding(finding)

    def dns_victims(self, finding: Finding) -> str:
        """Who cannot resolve names any more."""
        who = workloads(finding.workloads, self.told.names, self.voice)
        return f"{who} cannot resolve names any more"

    def finding(self, finding: Finding) -> str:
        """A finding as a sentence with a full stop; its policy or line is linked."""
        origin, side = finding.origin, finding.side
        if origin is None:
            return ended(self.phrase(finding))
        policy = self.told.policy_at(origin, side)
        if policy is None:
            return f"{self.phrase(finding)} ({_lowered(self.line(origin, side))})."
        name = self.linked(self.name(policy.ref.path), origin, side)
        if finding.arguments.get("policy") == policy.ref.path:
            return ended(message(finding.rule, finding.arguments, self._linking(name)))
        return f"{self.phrase(finding)} ({name})."

    def _linking(self, linked: str) -> Callable[[str], str]:
        """A way to write names by which the one that is linked is linked once."""
        left = [linked]

        def write(text: str) -> str:
            name = self.name(text)
            return left.pop() if left and f"[{name}]" in left[0] else name

        return write

    def dns_cause(self, finding: Finding) -> Cause | None:
        """The cause of the closed rows to name servers."""
        rows = outage_rows(self.told, finding)
        if not rows or finding.arguments.get("standing"):
            return None
        return self.told.named(self.told.review.delta.closed[row] for row in rows).cause

    def unread(self, item: Diagnostic) -> str:
        """What could not be read, and where, as a sentence."""
        # NOTE: clause by clause, since a long span is cut in the middle (G-28).
        said = "; ".join(self.voice.name(each) for each in item.message.split("; "))
        if not item.file:
            return said
        side = Side.BASE if item.side == "base" else Side.HEAD
        origin = Origin(item.file, item.line or 1)
        return f"{self.linked(self.voice.name(item.file), origin, side)} line {origin.line}: {said}"


_WIDENED = {"lost": "and a rule without one", "emptied": "and an empty one"}
_LOST = {
    "from": "admits everyone",
    "to": "leads everywhere",
    "ports": "admits every port",
}


def ended(sentence: str) -> str:
    """A sentence with a full stop, unless it ends already."""
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _lowered(text: str) -> str:
    return text.replace("Line", "line", 1)


def _selector(finding: Finding) -> str:
    """The pod selector that matches nothing, as text; "" where the finding does not say it."""
    found = finding.arguments.get("selector") or finding.arguments.get("peer")
    return found if isinstance(found, str) else ""
