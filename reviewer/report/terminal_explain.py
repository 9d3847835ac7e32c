"""What `explain` says on a terminal: both sides, what decides, and what nearly did (F-50)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.ports import PortSet
from reviewer.engine import SideAnswer
from reviewer.manifests import Policy, Tier

from .lines import DIM, HEADING, OPENED, PASSED, WARNED, Line, Piece, parts
from .markup import safe
from .types import Explained
from .words import FullNames, Names, counted, plain_name, port_text

WHATS = {
    "pod-label": "pod label",
    "namespace-label": "namespace label",
    "namespace": "namespace",
    "port": "port",
    "protocol": "protocol",
    "named-port": "named port",
    "address": "address",
    "subject-label": "label of its own pod",
}
DECIDED = {
    "outside": "outside the cluster, no policy of this side",
    "host-network": "on the host network, where no policy applies",
    "default": "not isolated",
}


def explained_lines(result: Explained) -> Iterator[Line]:
    """All lines of an explanation."""
    answer = result.explanation
    full = FullNames()
    source, target = (safe(plain_name(end, full)) for end in (answer.source, answer.destination))
    word, style = _word(answer.allowed, answer.asked)
    yield parts(
        Piece(f"{source} ", HEADING),
        [
            Piece(f"→ {target}  ", HEADING),
            Piece(f"{port_text(answer.asked)}: "),
            Piece(word, style),
        ],
    )
    if word == "PARTLY":
        denied = f"denied {port_text(answer.denied)}"
        yield parts(f"  allowed {port_text(answer.allowed)}, ", denied)
    names = Names(())
    heads = [
        f"{direction} of {safe(plain_name(end, names))}"
        for direction, end in (("egress", answer.source), ("ingress", answer.destination))
    ]
    wide = max(map(len, heads))
    for head, side in zip(heads, (answer.egress, answer.ingress), strict=True):
        yield from _side(f"{head:<{wide}}", side, answer.asked)


def _word(allowed: PortSet, asked: PortSet) -> tuple[str, str]:
    if not allowed:
        return "DENIED", OPENED
    return ("ALLOWED", PASSED) if allowed == asked else ("PARTLY", WARNED)


def _side(head: str, side: SideAnswer, asked: PortSet) -> Iterator[Line]:
    if side.allowed == asked:
        verdict = "allowed"
    else:
        verdict = f"allowed {port_text(side.allowed)} only" if side.allowed else "denied"
    yield parts(f"  {head}  {verdict}: ", *_why(side, asked), hang=len(head) + 4)
    for decided in side.rules:
        name = f"{safe(decided.policy.ref.path)} {decided.rule.name}"
        yield parts(
            f"    {decided.rule.action.value.lower()}: {name}  {port_text(decided.ports)}  ",
            Piece(_place(decided.rule.origin), DIM),
        )
    fewest = min((len(each.missing) for each in side.nearest), default=0)
    for each in side.nearest if side.allowed != asked else ():
        if len(each.missing) > fewest:  # what is farther off is in the JSON
            continue
        lead = f"    nearest: {safe(each.policy.ref.path)} {each.rule.name} "
        said = ", ".join(_missing(*fact) for fact in each.missing)
        yield parts(lead, Piece(f"({_place(each.rule.origin)}): ", DIM), said, hang=13)


def _why(side: SideAnswer, asked: PortSet) -> Iterator[str]:
    words = [DECIDED[word] for word in side.decided_by if word in DECIDED]
    # NOTE: admin and baseline policies select without isolating (S-62).
    isolating = tuple(each for each in side.selected_by if each.tier is Tier.NAMESPACED)
    if side.isolated and isolating:
        words.append(f"isolated by {_policies(isolating)}")
    elif not words:
        words.append(f"decided by {', '.join(side.decided_by)} policies")
    if side.allowed != asked and not side.rules:
        words.append("no rule matches")
    yield from [f"{word}, " for word in words[:-1]] + words[-1:]


def _policies(policies: tuple[Policy, ...]) -> str:
    """One policy with its place, more are a number."""
    kinds = {each.ref.kind for each in policies}
    kind = kinds.pop() if len(kinds) == 1 else "policy"
    if len(policies) == 1:
        [policy] = policies
        return f"{kind} {safe(policy.ref.path)} ({_place(policy.origin)})"
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return counted(len(policies), kind, plural)


def _missing(what: str, key: str, wanted: str, found: str | None) -> str:
    name = f"{WHATS.get(what, what)} {safe(key)}".rstrip()
    have = "missing" if found is None else f'"{safe(found)}"'
    return f'{name} is {have}, wanted "{safe(wanted)}"'


def _place(origin: tuple[str, int]) -> str:
    return f"{safe(origin[0])}:{origin[1]}"
