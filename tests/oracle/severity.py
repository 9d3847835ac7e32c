"""Severity of opened rows, row by row and port by port (F-10 to F-17, F-20, F-21).

Written from section 2 of findings.md alone; it shares no code with the product. Rows, their
causes and the flows of base are taken as printed; workloads, labels and what policies allow come
from this oracle's own reading of the manifests.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.oracle import entries, exposure, rows
from tests.oracle import severity_facts as facts
from tests.oracle.cluster import NAME_LABEL, Settings, build
from tests.oracle.policies import EGRESS, INGRESS
from tests.oracle.severity_facts import End, Known, Piece
from tests.oracle.verdict import Judge, Packet

Row = Mapping[str, Any]
LEVELS = ("critical", "high", "medium", "low", "info")
LINES = dict(
    enumerate(
        "critical high high medium high medium high medium high medium high medium medium low "
        "medium low high high medium medium low low".split(),
        1,
    )
)
BROAD = {4: 2**24, 6: 2**96}


class Grade(NamedTuple):
    """What F-13 to F-15 say of a row."""

    severity: str
    rule: str
    line: int
    context: str


@dataclass(slots=True)
class Side:
    """One side: its workloads and subjects by key, judged."""

    judge: Judge
    known: dict[str, Known]
    unseen: exposure.Unseen
    open: dict[tuple[str, str], bool] = field(default_factory=dict)

    def flows(self, cuts: list[rows.Span]) -> Sequence[Row]:
        """All rows of this side, those too that a broader selector says already."""
        ends = rows.ends_of(self.judge.cluster)
        ends |= {end: [self.unseen.known[end]] for end in self.unseen.subjects}
        found = rows.reach(self.judge, ends, cuts)
        entries.add_rows(self.judge, found)
        exposure.add_rows(self.unseen, self.judge, ends, found)
        return rows.rows(found)

    def unrestricted(self, key: str, direction: str) -> bool:
        """F-14, each asked once."""
        if (key, direction) not in self.open:
            one = self.known[key]
            self.open[key, direction] = facts.unrestricted(self.judge, self.known, one, direction)
        return self.open[key, direction]


def sides(
    snapshots: Sequence[Mapping[str, str | bytes]], mode: str, given: Mapping[str, Any]
) -> list[Side]:
    """The sides of one command with all that counts as a workload on them (F-9)."""
    clusters = [build(files, Settings(**given)) for files in snapshots]
    packets = rows.packets(clusters, entries.numbers(clusters))
    judges = [Judge(cluster, packets) for cluster in clusters]
    unseen = exposure.unseen(judges, mode)
    found = []
    for judge in judges:
        known = facts.workloads(judge.cluster)
        for end in unseen.subjects:
            one = facts.somewhere(end.printed(), judge.cluster, unseen.known[end])
            known[one.key] = one
        found.append(Side(judge, known, unseen))
    return found


def succession(base: Side, head: Side) -> dict[str, str]:
    """F-17: each successor with the one it follows."""
    gone = [one for key, one in base.known.items() if key not in head.known]
    new = [one for key, one in head.known.items() if key not in base.known]
    found: dict[str, str] = {}
    for one in new:
        for old in gone:
            if (one.namespace, one.name) == (old.namespace, old.name):
                found[one.key] = old.key
    for one in new:
        if one.key in found:
            continue
        alike = [old for old in gone if same_containers(old, one)]
        others = [other for other in new if same_containers(other, one)]
        if len(alike) == 1 and len(others) == 1:
            found[one.key] = alike[0].key
    return found


def same_containers(one: Known, other: Known) -> bool:
    """F-17: equal images and container ports, in one namespace."""
    return (one.namespace, one.images, one.declared) == (
        other.namespace,
        other.images,
        other.declared,
    )


@dataclass(slots=True)
class Graded:
    """Both sides of a change, its rows, and the configuration of base."""

    base: Side
    head: Side
    opened: Sequence[Row]
    before: Sequence[Row]
    config: Mapping[str, Any]
    audit: bool = False
    parts: facts.Parts = field(init=False)
    atoms: facts.Atoms = field(init=False)
    old: dict[str, str] = field(init=False)
    gained: dict[tuple[str, str, int], dict[Packet, int]] = field(init=False)
    _sensitive: dict[tuple[str, Packet, bool], bool] = field(init=False)

    def __post_init__(self) -> None:
        """Cuts ports and addresses, and adds up what F-11 asks for."""
        config = self.config
        self.parts = facts.Parts(
            config.get("metadata-addresses", facts.METADATA), config.get("trusted-cidrs", ())
        )
        edges = [*facts.edges(self.opened), *facts.edges(self.before)]
        for side in (self.base, self.head):
            edges += [(n, n) for one in side.known.values() for _, n in one.declared]
            edges += [(n, n) for one in side.known.values() for n in one.scrape]
        for entry in (*config.get("sensitive", ()), *config.get("severity", ())):
            edges += [(low, high) for _, low, high in facts.port_words(entry.get("ports")) or ()]
        for entry in config.get("intents", ()):
            given = entry.get("forbid", entry.get("require")).get("ports")
            edges += [(low, high) for _, low, high in facts.port_words(given) or ()]
        self.atoms = facts.Atoms(edges)
        self.old = succession(self.base, self.head)
        self._sensitive = {}
        self.gained = self._gained()

    def _gained(self) -> dict[tuple[str, str, int], dict[Packet, int]]:
        """F-11: how many public addresses gained an atom, over all rows; those that the one it
        follows had are not gained (F-17)."""
        found: dict[tuple[str, str, int], dict[Packet, int]] = {}
        for row in self.opened:
            for near, far, direction in ((1, 0, INGRESS), (0, 1, EGRESS)):
                ends = (row["source"], row["destination"])
                if "cidrs" not in ends[far]:
                    continue
                pieces = self.parts.pieces(ends[far]["cidrs"])
                taken = [] if self.audit else self._taken(row)
                key = (facts.end_key(ends[near]), direction, pieces[0].family)
                listed = found.setdefault(key, {})
                for packet, _ in self.atoms.of(row["ports"]):
                    left = pieces
                    for held, ports in taken:
                        left = facts.outside(left, held) if packet in ports else left
                    size = sum(one.size for one in left if one.part == "public")
                    listed[packet] = listed.get(packet, 0) + size
        return found

    def standing(self, key: str) -> bool:
        """Whether a workload is on both sides, itself or by succession."""
        return key in self.base.known or key in self.old

    def before_key(self, key: str) -> str:
        """The one on base that it is or follows."""
        return self.old.get(key, key)

    def sensitive(self, key: str, packet: Packet, wide: bool) -> bool:
        """F-12: whether a workload of head is sensitive at a port of a row."""
        asked = (key, packet, wide)
        if asked not in self._sensitive:
            self._sensitive[asked] = self._clause(self.head.known[key], packet, wide) != ""
        return self._sensitive[asked]

    def _clause(self, one: Known, packet: Packet, wide: bool) -> str:
        port = (packet.protocol, packet.low)
        for entry in self.config.get("sensitive", ()):
            if self.within(entry, one) and facts.holds(
                facts.port_words(entry.get("ports")), packet
            ):
                return "a"
        tabled = port in facts.TABLE and packet.low == packet.high
        if tabled and (port in one.declared or not wide):
            return "b"
        scrape = packet.low == packet.high and packet.low in one.scrape
        if not one.declared & facts.FIRST_THREE and not scrape and one.word:
            return "c"
        if one.namespace == "kube-system" and packet.low != 53 and not scrape:
            return "d"
        return ""

    def sensitive_workload(self, key: str) -> bool:
        """F-12: a sensitive workload."""
        one = self.head.known[key]
        listed = any(self.within(entry, one) for entry in self.config.get("sensitive", ()))
        return listed or one.word or bool(one.declared & facts.FIRST_THREE)

    def within(self, entry: Any, one: Known) -> bool:
        """F-20: whether an END of the configuration holds a workload."""
        if isinstance(entry, list):
            return any(self.within(each, one) for each in entry)
        if isinstance(entry, str):
            return entry == "workloads"
        if "zone" in entry:
            return self.within(self.config["zones"][entry["zone"]], one)
        if "workload" in entry:
            return bool(entry["workload"] == one.key)
        return facts.fits(entry, one) if {"namespaces", "pods"} & set(entry) else False

    def end_within(self, entry: Any, end: End, *, source: bool, side: Side | None = None) -> bool:
        """F-20: whether an END holds an end of a row."""
        if isinstance(entry, list):
            return any(self.end_within(one, end, source=source, side=side) for one in entry)
        if isinstance(entry, dict) and "zone" in entry:
            zone = self.config["zones"][entry["zone"]]
            return self.end_within(zone, end, source=source, side=side)
        if "cidrs" in end:
            return self.outside_within(entry, end["cidrs"], source=source)
        if "ingress_controller" in end:
            return bool(entry == "ingress-controller")
        asked = side or self.head
        known = asked.known.get(facts.end_key(end))
        if known is None and "selector" in end:  # the page does not say; so as for F-9
            known = facts.somewhere(end, asked.judge.cluster)
        return known is not None and self.within(entry, known)

    def outside_within(self, entry: Any, cidrs: Iterable[str], *, source: bool) -> bool:
        """F-20: an outside row is in an END by its parts or addresses."""
        pieces = self.parts.pieces(cidrs)
        if isinstance(entry, str):
            word = {"internet": "public"}.get(entry, entry)
            return any(part_of(one, source=source) == word for one in pieces)
        asked = [facts.block(text) for text in entry.get("cidrs", ())]
        return any(
            one.family == family and low <= one.high and one.low <= high
            for one in pieces
            for family, low, high in asked
        )

    def lines(self, row: Row, *, fresh: bool = False) -> dict[int, set[Packet]]:
        """F-13: the lines that parts and ports of a row take; `fresh`: those that the one it
        follows did not have, as if they were the row (F-17)."""
        taken = self._taken(row) if fresh else []
        outer = [row[word] for word in ("source", "destination") if "cidrs" in row[word]]
        whole = self.parts.pieces(outer[0]["cidrs"]) if outer else []
        found: dict[int, set[Packet]] = {}
        for piece in self._alike(whole, taken) if outer else [None]:
            ports = {packet for packet, _ in self.atoms.of(row["ports"])}
            for pieces, others in taken:
                if piece is None or not facts.outside([piece], pieces):
                    ports -= others
            for packet, width in facts.widths(ports):
                if piece is None:
                    line = self._pair_line(row["source"], row["destination"], packet, width > 100)
                else:
                    line = self._outside_line(row, piece, packet, width > 100)
                found.setdefault(line, set()).add(packet)
        return found

    def _alike(
        self, whole: list[Piece], taken: list[tuple[list[Piece], set[Packet]]]
    ) -> Iterable[Piece]:
        """Pieces that those taken hold whole or not at all; with nothing taken one of a part."""
        if not taken:
            return {(one.part, one.family): one for one in whole}.values()
        found = whole
        for pieces, _ in taken:
            rest = facts.outside(found, pieces)
            found = rest + facts.outside(found, rest)
        return found

    def _taken(self, row: Row) -> list[tuple[list[Piece], set[Packet]]]:
        """F-17: what the predecessors of the ends had on base, by port."""
        ends = [self._old_end(row[word]) for word in ("source", "destination")]
        found = []
        for other in self.before:
            pieces: list[Piece] = []
            alike = True
            for end, theirs in zip(ends, (other["source"], other["destination"]), strict=True):
                if end == "outside" and "cidrs" in theirs:
                    pieces = self.parts.pieces(theirs["cidrs"])
                elif end == "outside" or end != facts.end_key(theirs):
                    alike = False
            if alike:
                found.append((pieces, {packet for packet, _ in self.atoms.of(other["ports"])}))
        return found

    def _old_end(self, end: End) -> str:
        return "outside" if "cidrs" in end else self.before_key(facts.end_key(end))

    def _outside_line(self, row: Row, piece: Piece, packet: Packet, wide: bool) -> int:
        """F-13 for a row with an outside end."""
        source = "cidrs" in row["source"]
        key = facts.end_key(row["destination"] if source else row["source"])
        part = part_of(piece, source=source)
        if part == "public":
            direction = INGRESS if source else EGRESS
            gained = self.gained.get((key, direction, piece.family), {}).get(packet, 0)
            part = "internet" if gained > BROAD[piece.family] else "public"
        if source:
            first = {"internet": 1, "public": 3, "private": 7, "trusted": 13}[part]
            return first if self.sensitive(key, packet, wide) else first + 1
        if part == "metadata" and packet.protocol == "TCP" and packet.low == 80:
            return 17
        if part in {"internet", "public"}:
            first = {"internet": 18, "public": 20}[part]
            return first if self.sensitive_workload(key) else first + 1
        return 22

    def _pair_line(self, source: End, destination: End, packet: Packet, wide: bool) -> int:
        """F-13 for a row between pods, or from the ingress controller."""
        key = facts.end_key(destination)
        if key not in self.head.known:
            return 22
        other = facts.end_key(source)
        home = self.head.known[key].namespace
        if "ingress_controller" in source:
            first = 5
        elif other in self.head.known:
            first = 15 if home is not None and self.head.known[other].namespace == home else 11
        else:
            spaces = facts.parse_selector(source["selector"]["namespaces"])
            only = home is not None and facts.single(spaces).get(NAME_LABEL) == home
            first = 15 if only else 9
        return first if self.sensitive(key, packet, wide) else first + 1

    def context(self, row: Row) -> str:
        """F-14: the first context that applies."""
        source, destination = row["source"], row["destination"]
        known = self.head.known
        here, there = facts.end_key(source), facts.end_key(destination)
        new_source = here in known and not self.standing(here)
        new_destination = there in known and not self.standing(there)
        away = "cidrs" in destination
        if new_destination and self.head.unrestricted(there, INGRESS):
            return "C1"
        if away and new_source and self.head.unrestricted(here, EGRESS):
            return "C1"
        if new_source and there in known and not new_destination:
            before = self.base.unrestricted(self.before_key(there), INGRESS)
            if before and self.head.unrestricted(there, INGRESS):
                return "C2"
        if new_destination or (away and new_source):
            return "C3"
        if new_source and not any(
            cause["policy"] is not None or cause["kind"] == "Namespace" for cause in row["because"]
        ):
            return "C4"
        return "C5"

    def follows(self, row: Row) -> bool:
        """F-17: whether an end of a row follows another."""
        return bool(
            {facts.end_key(row["source"]), facts.end_key(row["destination"])} & set(self.old)
        )

    def grade(self, row: Row) -> Grade:
        """F-13 to F-15 and F-17 for one row."""
        found = self.lines(row)
        context = "" if self.audit else self.context(row)
        moved = False
        if not self.audit and self.follows(row):
            fresh = self.lines(row, fresh=True)
            moved = not fresh
            found = fresh or found
        line = min(found, key=lambda one: (LEVELS.index(LINES[one]), one))
        if moved:  # the page names no line for it: the last of its side
            line, context = 22 if "cidrs" in row["destination"] else 16, "F-17"
        severity = LINES[line]
        if context in {"C1", "C2"}:
            severity = "low"
        elif context in {"C3", "C4"} or self.audit:
            severity = step_down(severity)
        for entry in self.config.get("severity", ()):
            if entry["rule"] == "flow" and self.in_entry(entry, row):
                return Grade(entry["set"], "config", line, context)
        return Grade(severity, f"R{line}", line, context)

    def in_entry(self, entry: Mapping[str, Any], row: Row) -> bool:
        """F-21: both ends are in the entry's and the ports inside."""
        if "from" in entry and not self.end_within(entry["from"], row["source"], source=True):
            return False
        if "to" in entry and not self.end_within(entry["to"], row["destination"], source=False):
            return False
        words = facts.port_words(entry.get("ports"))
        return all(facts.holds(words, packet) for packet, _ in self.atoms.of(row["ports"]))


def part_of(piece: Piece, *, source: bool) -> str:
    """F-10: as a source, metadata counts as private."""
    return "private" if source and piece.part == "metadata" else piece.part


def step_down(severity: str) -> str:
    """F-14 C3: critical to high to medium to low."""
    return {"critical": "high", "high": "medium"}.get(severity, "low")


def worst(listed: Iterable[str]) -> str:
    """The gravest of severities."""
    return min(listed, key=LEVELS.index)
