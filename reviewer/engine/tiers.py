"""The three tiers of one side, asked in order (S-52): admin, NetworkPolicies, baseline.

For every column this finds what decides over it as a destination and as a source, as small
interned numbers; columns with equal numbers share every result. A *side row* then says, for one
destination, what its own ingress allows from each source (`ingress`), and what each source's
egress allows towards it (`egress`); a flow needs both (S-51).

Egress is turned round: a rule towards a set of destinations is kept as "these sources may", once
for all rules with equal peers and ports, and each destination knows the peer sets it is in. So
nothing here walks pairs.

Example: 800 namespaces each with "all pods may ask DNS" are one egress entry: peers {coredns},
ports {53}, sources the union of 800 subjects; coredns alone has it in its `reached` list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reviewer.base.addresses import union
from reviewer.base.ports import ALL_PORTS, PortSet
from reviewer.manifests import Action, Direction, Policy, Rule, Tier

from . import outside, rows
from .applying import Applying, Entries
from .bits import bits_of, ones
from .classes import Universe
from .deciding import Destination, Origin, Toward
from .kept import Kept
from .ordered import Ordered
from .outside import Sweep
from .places import Place, Places
from .rows import Row
from .rules import Compiler, Entry, Sending, Signature, Tables

IN, OUT = Direction.INGRESS, Direction.EGRESS


class Side:
    """The policies of one side over the universe's columns."""

    def __init__(
        self,
        universe: Universe,
        policies: Sequence[Policy],
        compiler: Compiler,
        tables: Tables,
        places: Places,
    ) -> None:
        self.universe = universe
        self.tables = tables
        self.places = places
        self.compiler = compiler
        self.families = places.families
        self.everyone = universe.all
        self.isolated: dict[Direction, int] = {IN: 0, OUT: 0}
        self._applying = {IN: Applying(), OUT: Applying()}
        egress = self._namespaced(policies, compiler)
        readied = {
            tier: [compiler.ready(p) for p in policies if p.tier is tier]
            for tier in (Tier.ADMIN, Tier.BASELINE)
        }
        self.admin = Ordered(readied[Tier.ADMIN], tables, places)
        self.base = Ordered(readied[Tier.BASELINE], tables, places)
        self._to_everyone: tuple[int, ...] = ()
        self._reached: dict[int, list[int]] = {}
        self._turn_round(egress)
        self._addressed = self._by_address()
        self._open = self.everyone & ~self.isolated[OUT]
        self._outward = tables.number((self._to_everyone, self._open))
        self._destinations: dict[int, Destination] = {}
        self._addressed_names = any(map(self._names, self._addressed))
        self._places_met: dict[object, tuple[int, Row]] = {}
        self._ordered = bool(self.admin or self.base)
        self._nobody: Toward = tuple(((), ()) for _ in places.families)
        self._beyond_pods: dict[Entries, Entries] = {}
        # Where no ordered tier speaks a row follows from what its key holds, on either side.
        self._rows = Kept() if self._ordered else tables.rows
        self._sweeps: dict[tuple[object, ...], Sweep] = {}

    def _namespaced(self, policies: Sequence[Policy], compiler: Compiler) -> Mapping[Entry, int]:
        """Sort the rules of NetworkPolicies by the columns they apply to; those of egress with
        all their sources."""
        egress: dict[Entry, int] = {}
        for policy in policies:
            if policy.tier is not Tier.NAMESPACED:
                continue
            ready = compiler.ready(policy)
            if not ready.subject:
                continue
            for direction in policy.isolates:
                self.isolated[direction] |= ready.subject
                entries = ready.entries[direction]
                self._applying[direction].add(ready.subject, entries)
                if direction is OUT:
                    for entry in entries:
                        sources = egress.get(entry)
                        egress[entry] = sources | ready.subject if sources else ready.subject
        for applying in self._applying.values():
            applying.settle()
        return egress

    def _turn_round(self, egress: Mapping[Entry, int]) -> None:
        """For each destination the egress rules that mean it, by number."""
        by_peers: dict[int, list[Sending]] = {}
        for (met, ports), sources in egress.items():
            by_peers.setdefault(met, []).append((ports, sources))
        everyone: list[int] = []
        for number, found in by_peers.items():
            sending = self.tables.sending_id(tuple(sorted(found)))
            peers = self.tables.peers[number]
            if peers.everyone:
                everyone.append(sending)
                continue
            for column in ones(peers.bits):
                self._reached.setdefault(column, []).append(sending)
        self._to_everyone = tuple(everyone)

    def _by_address(self) -> dict[Entries, int]:
        """The sources by the egress rules with blocks that they have."""
        found: dict[Entries, list[int]] = {}
        peers = self.tables.peers
        for entries, columns in self._applying[OUT].classes():
            blocks = frozenset(entry for entry in entries if peers[entry[0]].blocks)
            if blocks:
                found.setdefault(blocks, []).extend(columns)
        return {entries: bits_of(columns) for entries, columns in found.items()}

    # -- what decides over a column --------------------------------------------------------

    def entries(self, column: int, direction: Direction) -> Entries | None:
        """The rules of the NetworkPolicies that isolate this column, None where none does."""
        if not self.isolated[direction] >> column & 1:
            return None
        return self._applying[direction].entries(column)

    def destination(self, column: int) -> Destination:
        """What decides over this column as a destination; found once."""
        found = self._destinations.get(column)
        if found is None:
            found = self._destinations[column] = self._destination(column)
        return found

    def _destination(self, column: int) -> Destination:
        return Destination(
            self.entries(column, IN),
            tuple(sorted(set(self._reached.get(column, ())))),
            self.tables.signature(self.universe.ports_of(column)),
            self.admin.subject_of[IN].get(column, ()),
            self.base.subject_of[IN].get(column, ()),
            self._towards(column) if self._ordered else self._nobody,
            self.places.of[column],
        )

    def _towards(self, column: int) -> Toward:
        return tuple(
            (self.admin.towards(column, f), self.base.towards(column, f)) for f in self.families
        )

    def origin(self, column: int) -> Origin:
        """What decides over this column's flows to outside addresses."""
        entries = self.entries(column, OUT)
        if entries is not None:
            beyond = self._beyond_pods.get(entries)
            if beyond is None:
                peers = self.tables.peers
                beyond = frozenset(e for e in entries if peers[e[0]].everyone or peers[e[0]].blocks)
                self._beyond_pods[entries] = beyond
            entries = beyond
        return Origin(
            entries,
            self.admin.subject_of[OUT].get(column, ()),
            self.base.subject_of[OUT].get(column, ()),
        )

    def subject(self, policy: Policy) -> int:
        """The columns that a policy of this side applies to."""
        return self.compiler.ready(policy).subject

    def meant(self, rule: Rule) -> int:
        """The columns that a rule's peers mean, by selectors or by address."""
        number = self.compiler.peers(rule.peers, rule.action is Action.ALLOW)
        peers = self.tables.peers[number]
        found = peers.bits
        for family in self.families:
            found |= self.places.within(union(family, peers.blocks).spans, family)
        return found

    def peer_columns(self, rule: Rule, peer: int) -> int:
        """The columns that one peer of a rule means, by its selectors alone."""
        certain = rule.action is Action.ALLOW
        number = self.compiler.peers((rule.peers or ())[peer : peer + 1], certain)
        return self.tables.peers[number].bits

    # -- rows of pods ----------------------------------------------------------------------

    def row(self, to: Destination, present: int) -> Row:
        """Who of those present may reach this destination on which ports (S-51, S-53)."""
        families = self.places.families
        found: list[Row] = []
        for at, family in enumerate(families):
            if not self._has(to.place, family):
                continue
            both = rows.meet(self.ingress(to, family), self.egress(to, at))
            found.append(rows.within(both, present & self.places.members[family]))
        return found[0] if len(found) == 1 else rows.union(found)

    def _has(self, place: Place, family: int) -> bool:
        if place.known:
            return any(known == family for known, _ in place.known)
        return bool(self.places.ranges(place.host, family))

    def ingress(self, to: Destination, family: int) -> Row:
        """What the destination's own side allows from each source."""
        key = ("in", to.entries, to.signature, to.admin, to.base, family)
        found = self._rows.get(key)
        return self._rows.keep(key, self._ingress(to, family)) if found is None else found

    def _ingress(self, to: Destination, family: int) -> Row:
        if to.entries is not None:
            inner = self.admitted(to.entries, to.signature, family)
        elif to.base:
            inner = rows.union(self.base.ingress(to.base, to.signature, self.everyone))
        else:
            inner = {ALL_PORTS: self.everyone}
        if not to.admin:
            return inner
        allowed, left = self.admin.ingress(to.admin, to.signature, self.everyone)
        return rows.union((allowed, rows.meet(left, inner)))

    def admitted(self, entries: Iterable[Entry], signature: Signature, family: int) -> Row:
        """What these ingress rules admit at a destination with these named ports (S-42 to S-46)."""
        by_ports: dict[PortSet, int] = {}
        blocks: list[Entry] = []
        for entry in entries:
            peers = self.tables.peers[entry[0]]
            if peers.blocks:
                blocks.append(entry)
            ports = self.tables.resolve(entry[1], signature)
            by_ports[ports] = by_ports.get(ports, 0) | peers.bits
        if blocks:
            sweep = self._swept(frozenset(blocks), signature, family)
            for ports, bits in self.places.met(sweep, family):
                by_ports[ports] = by_ports.get(ports, 0) | bits
        return rows.of(by_ports)

    def egress(self, to: Destination, at: int) -> Row:
        """What each source's side allows towards the destination; `at` numbers the family."""
        met, _ = self._by_place(to, at)
        key = ("out", self._outward, to.reached, to.signature, to.towards[at], met)
        found = self._rows.get(key)
        return self._rows.keep(key, self._toward(to, at)) if found is None else found

    def _toward(self, to: Destination, at: int) -> Row:
        admin, base = to.towards[at]
        inner = dict(self._admitting(to, at))
        if base:
            free = rows.union(self.base.egress(base, to.signature, self._open))
            for ports, bits in free.items():
                rows.add(inner, ports, bits)
        elif self._open:
            rows.add(inner, ALL_PORTS, self._open)
        if not admin:
            return inner
        allowed, left = self.admin.egress(admin, to.signature, self.everyone)
        return rows.union((allowed, rows.meet(left, inner)))

    def _admitting(self, to: Destination, at: int) -> Row:
        """The isolated sources whose own rules admit the destination."""
        kept = self.tables.rows
        met, by_place = self._by_place(to, at)
        key = ("admitting", self._to_everyone, to.reached, to.signature, met)
        found = kept.get(key)
        if found is not None:
            return found
        by_ports = dict(by_place)
        resolve = self.tables.resolve
        for number in (*to.reached, *self._to_everyone):
            for spec, sources in self.tables.sending[number]:
                ports = resolve(spec, to.signature)
                by_ports[ports] = by_ports.get(ports, 0) | sources
        return kept.keep(key, rows.of(by_ports))

    def _by_place(self, to: Destination, at: int) -> tuple[int, Row]:
        """The isolated sources whose rules with blocks certainly mean this place (S-54), and a
        number that equal ones share."""
        key = (to.place, to.signature if self._addressed_names else None, at)
        found = self._places_met.get(key)
        if found is None:
            family = self.families[at]
            by_ports: Row = {}
            for entries, sources in self._addressed.items():
                sweep = self._swept(entries, to.signature, family)
                ports = self.places.ports_at(sweep, to.place, family)
                if ports:
                    by_ports[ports] = by_ports.get(ports, 0) | sources
            number = self.tables.number(frozenset(by_ports.items()))
            found = self._places_met[key] = number, by_ports
        return found

    def _swept(self, entries: Entries, signature: Signature, family: int) -> Sweep:
        """What rules with blocks allow at each address, for a pod with these named ports."""
        key = ("pods", entries, signature if self._names(entries) else frozenset(), family)
        found = self.tables.sweeps.get(key)
        if found is None:
            found = outside.sweep_of(
                (
                    union(family, self.tables.peers[peers].blocks).spans,
                    self.tables.resolve(ports, signature),
                )
                for peers, ports in entries
            )
            self.tables.sweeps[key] = found
        return found

    def _names(self, entries: Entries) -> bool:
        return any(self.tables.ports[ports].names for _, ports in entries)

    # -- outside addresses -----------------------------------------------------------------

    def from_outside(self, to: Destination, family: int) -> Sweep:
        """What outside addresses may reach here; admin ingress never matches them (S-63)."""
        if to.entries is None:
            return outside.everywhere(family, ALL_PORTS)
        return self._beyond(to.entries, to.signature, family)

    def to_outside(self, source: Origin, family: int) -> Sweep:
        """What this source may reach of outside addresses; they have no named ports (S-46)."""
        key = (source, family)
        found = self._sweeps.get(key)
        if found is None:
            found = self._sweeps[key] = self._to_outside(source, family)
        return found

    def _to_outside(self, source: Origin, family: int) -> Sweep:
        if source.entries is not None:
            inner = self._beyond(source.entries, frozenset(), family)
        elif source.base:
            inner = outside.merge(self.base.outside(source.base, family))
        else:
            inner = outside.everywhere(family, ALL_PORTS)
        if not source.admin:
            return inner
        allowed, left = self.admin.outside(source.admin, family)
        return outside.merge((allowed, outside.combine(left, inner, PortSet.__and__)))

    def _beyond(self, entries: Entries, signature: Signature, family: int) -> Sweep:
        """What NetworkPolicy rules allow at each outside address."""
        key = ("outside", entries, signature, family)
        found = self.tables.sweeps.get(key)
        if found is None:
            full = outside.everywhere(family, ALL_PORTS)
            spans = ((full[0][0], full[0][1]),)
            allowed = []
            for number, spec in entries:
                peers = self.tables.peers[number]
                blocks = spans if peers.everyone else union(family, peers.blocks).spans
                allowed.append((blocks, self.tables.resolve(spec, signature)))
            found = self.tables.sweeps[key] = outside.sweep_of(allowed)
        return found
