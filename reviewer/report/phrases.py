"""One voice: the words for sets of ends and for what happened to a cause (P-2, P-5, P-7).

Each format brings a `Voice`, which says how a name is marked up; the words around it are the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewer.base.addresses import FAMILIES, everything
from reviewer.base.labels import named_namespaces
from reviewer.base.ports import PortSet
from reviewer.delta import Cause, Change, FieldChange, PolicyChange
from reviewer.engine import Endpoint, ExternalEndpoint, SelectorEndpoint, WorkloadEndpoint

from . import markup
from .groups import Nature, nature
from .words import (
    BLOCKS_SHOWN,
    CONTROLLER,
    INTERNET,
    INTERNET_6,
    Names,
    blocks,
    counted,
    enumerated,
    is_internet,
    kept_together,
    namespace_of,
    port_text,
)

GAPS_AT_MOST = 8
"""All addresses but so many blocks are told by what is missing."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How one format marks names and port texts. `limit` bounds a name in a heading (P-11)."""

    name: Callable[[str], str]
    keep: Callable[[str], str]

    def ports(self, ports: PortSet) -> str:
        """A port set in words (P-4)."""
        return self.keep(port_text(ports))


def _as_it_is(text: str) -> str:
    return text


def bracketed(text: str) -> str:
    """A name in a SARIF message: brackets and backslashes would make a link (P-52)."""
    return "".join(f"\\{c}" if c in "[]\\" else c for c in markup.safe(text))


MARKDOWN = Voice(markup.span, kept_together)
PLAIN = Voice(markup.safe, _as_it_is)
SARIF = Voice(bracketed, _as_it_is)


def who(ends: Sequence[Endpoint], names: Names, voice: Voice, beside: Collection[str] = ()) -> str:
    """A set of ends of one nature in a few words (P-5): a name, or a number and where.

    `beside` are the namespaces of the ends opposite; several namespaces without any of these are
    "other namespaces".
    """
    match nature(ends[0]):
        case Nature.OUTSIDE:
            return outside([end for end in ends if isinstance(end, ExternalEndpoint)], voice)
        case Nature.CONTROLLER:
            return CONTROLLER
        case Nature.SELECTOR:
            return _by_selector([end for end in ends if isinstance(end, SelectorEndpoint)], voice)
        case Nature.WORKLOAD:
            ids = [end.id for end in ends if isinstance(end, WorkloadEndpoint)]
            return workloads(ids, names, voice, beside)


def workloads(ids: Sequence[str], names: Names, voice: Voice, beside: Collection[str] = ()) -> str:
    """Workloads by name or number: `shop/web`, "14 workloads in `shop`"."""
    if len(ids) == 1:
        return voice.name(names.workload(ids[0]))
    spaces = sorted({each.partition("/")[0] for each in ids})
    amount = counted(len(ids), "workload")
    if len(spaces) == 1:
        return f"{amount} in {voice.name(spaces[0])}"
    other = "other " if beside and not set(spaces) & set(beside) else ""
    return f"{amount} in {len(spaces)} {other}namespaces"


def outside(ends: Sequence[ExternalEndpoint], voice: Voice) -> str:
    """Outside addresses: "the internet", up to three blocks, or one and a number (P-3). What is all
    but a few blocks is said by these; IPv6 alone is said to be that, since it is easily missed."""
    items = [INTERNET] if any(map(is_internet, ends)) else []
    if items and not any(end.addresses.family == FAMILIES[0] for end in ends if is_internet(end)):
        items = [INTERNET_6]
    cidrs = blocks([end for end in ends if not is_internet(end)])
    if len(cidrs) <= BLOCKS_SHOWN:
        return enumerated([*items, *map(voice.name, cidrs)])
    if not items and len(ends) == 1:
        gaps = everything(ends[0].addresses.family).difference(ends[0].addresses).cidrs()
        if len(gaps) <= GAPS_AT_MOST:
            return f"{INTERNET} but {_few(gaps, voice)}"
    return f"{enumerated([*items, voice.name(cidrs[0])])} and {len(cidrs) - 1} more blocks"


def _few(cidrs: Sequence[str], voice: Voice) -> str:
    if len(cidrs) <= BLOCKS_SHOWN:
        return enumerated([voice.name(each) for each in cidrs])
    return f"{voice.name(cidrs[0])} and {len(cidrs) - 1} more blocks"


def _by_selector(ends: Sequence[SelectorEndpoint], voice: Voice) -> str:
    """Pods that are not in the manifests."""
    if len(ends) > 1:
        spaces = {namespace_of(end) for end in ends}
        where = (
            f" in {voice.name(spaces.pop() or '')}"
            if len(spaces) == 1 and None not in spaces
            else ""
        )
        return f"{len(ends)} kinds of other pods{where}"
    pods, namespaces = ends[0].pods, ends[0].namespaces
    what = f"other pods {voice.name(str(pods))}" if pods else "other pods"
    named = named_namespaces(namespaces)
    if named:
        return f"{what} in {enumerated([voice.name(each) for each in named])}"
    if namespaces:
        return f"{what} in namespaces {voice.name(str(namespaces))}"
    return f"{what} of any namespace" if pods else "any other pod"


def spaces_beside(ends: Iterable[Endpoint]) -> frozenset[str]:
    """The namespaces of some ends."""
    return frozenset(found for end in ends if (found := namespace_of(end)))


# --- what happened -------------------------------------------------------------------------------

_PEERS = {"from", "to"}
WIDE_WITHOUT = _PEERS | {"ports"}
"""Lists that allow everything where they are empty, as where they are absent (S-44, S-45)."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What an edit did to a cause.

    `verb` and `what` are `lost` and `from`, `gained` and `a peer`, `emptied` and `from`, an edit
    that says the same as the first; `what` is "" for "added",
    "removed", "relabelled" and "changed". `quoted` says that `what` is a word of the manifest.
    `change` is the field behind it, if one is.
    """

    verb: str
    what: str = ""
    quoted: bool = False
    change: FieldChange | None = None

    def text(self, voice: Voice) -> str:
        """As it follows the cause's name: "lost `from`"."""
        if not self.what:
            return self.verb
        return f"{self.verb} {voice.name(self.what) if self.quoted else self.what}"

    @property
    def is_clause(self) -> bool:
        """Whether it can follow "which"."""
        return bool(self.what)


def happened(cause: Cause, changes: Mapping[tuple[str, str], PolicyChange]) -> Happened:
    """What the change did to a cause (P-7); `changes` by kind and `NAMESPACE/NAME`."""
    if cause.change is not Change.MODIFIED:
        return Happened(str(cause.change))
    if not cause.policy:
        return Happened("relabelled" if _has_labels(cause.kind) else "changed")
    change = changes.get((cause.kind, cause.object))
    if change is None:
        return Happened("changed")
    for field in _nearest_first(change.fields, cause.rule):
        found = _field_words(field)
        if found:
            return found
    return Happened("changed")


def _has_labels(kind: str) -> bool:
    """Whether what can change about this kind of cause is its labels (S-75)."""
    return kind not in {"Ingress", "Route", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute",
                        "UDPRoute", "Gateway", "Service", "ReferenceGrant"}  # fmt: skip


def _nearest_first(fields: Sequence[FieldChange], rule: str | None) -> list[FieldChange]:
    """The fields of the rule, then of the whole policy, then those of other rules."""

    def distance(field: FieldChange) -> int:
        inside = field.path.removeprefix("spec.")
        if rule and (inside == rule or inside.startswith((f"{rule}.", f"{rule}["))):
            return 0
        return 1 if not inside.startswith(("ingress[", "egress[")) else 2

    near = sorted(fields, key=distance)
    return [field for field in near if distance(field) < 2 or not rule]


def _field_words(field: FieldChange) -> Happened | None:
    """What happened to one field, or None where "changed" says as much."""
    name = field.path.rpartition(".")[2]
    base = name.partition("[")[0]
    if name.endswith("]"):  # one item of a list
        one = {"from": "a peer", "to": "a peer", "ports": "a port"}.get(base, "a rule")
        return _came_or_went(field, one)
    if field.head is None or field.base is None:
        verb = "lost" if field.head is None else "gained"
        return Happened(verb, name, quoted=True, change=field)
    if name in WIDE_WITHOUT and not (field.base and field.head):
        verb = "gained" if field.head else "emptied"
        return Happened(verb, name, quoted=True, change=field)
    if isinstance(field.base, list) and isinstance(field.head, list):
        return _list_words(field, name)
    return _another(field, name)


def _came_or_went(field: FieldChange, one: str) -> Happened | None:
    if field.base is None:
        return Happened("gained", one, change=field)
    if field.head is None:
        return Happened("lost", one, change=field)
    return None


def _list_words(field: FieldChange, name: str) -> Happened:
    """A list that gained or lost items; both at once is "another"."""
    came, went = missing_from(field.base, field.head), missing_from(field.head, field.base)
    if name == "policyTypes" and bool(came) != bool(went):
        verb = "gained" if came else "lost"
        return Happened(verb, str((came or went)[0]), quoted=True, change=field)
    kinds = {"ports": "port", "ingress": "rule", "egress": "rule"}
    one = "peer" if name in _PEERS else kinds.get(name, "item")
    if bool(came) != bool(went):
        items = came or went
        what = f"a {one}" if len(items) == 1 else f"{len(items)} {one}s"
        return Happened("gained" if came else "lost", what, change=field)
    return _another(field, name)


def _another(field: FieldChange, name: str) -> Happened:
    """Another `from`, other `ports`."""
    several = name.endswith("s") and not name.endswith("ss")
    return Happened("has other" if several else "has another", name, quoted=True, change=field)


def missing_from(have: Sequence[Any], want: Sequence[Any]) -> list[Any]:
    """The items of `want` that `have` lacks, each as often as it lacks it."""
    left = list(have)
    out: list[Any] = []
    for item in want:
        if item in left:
            left.remove(item)
        else:
            out.append(item)
    return out
