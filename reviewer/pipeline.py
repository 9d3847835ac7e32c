"""The order of work: one function per command, nothing clever.

Sources give documents, documents become manifests, manifests a cluster, clusters are answered
together over one universe; what two sides differ in is judged, and the judgement is a result that
`report` turns into text.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from reviewer import cluster, delta, engine, findings, manifests, verdict
from reviewer.base.addresses import AddressSet, read_address
from reviewer.base.diagnostics import Diagnostic, Level, order
from reviewer.base.documents import Document
from reviewer.base.errors import UsageError
from reviewer.base.ports import ALL_PORTS, LAST, PROTOCOLS, PortSet, port_range
from reviewer.base.values import replace
from reviewer.engine import INGRESS_CONTROLLER, ExternalEndpoint, Snapshot, WorkloadEndpoint
from reviewer.findings import Severity
from reviewer.manifests import Memo
from reviewer.options import Options
from reviewer.report import ASSET_FILES, Assets, Audit, Explained, FlowMap, Review
from reviewer.verdict import Case, Gate

if TYPE_CHECKING:
    from reviewer.config import Aside

Known = Container[tuple[str, bytes]]


class Material(NamedTuple):
    """One target's text: its name as given, its commit, and its manifests in order; those whose
    (path, key) the caller knows may come without content."""

    name: str
    commit: str | None
    documents: Callable[[Known], Iterable[Document]]


class Taken(NamedTuple):
    """One side's files: what is in each, and the texts that the other side does not have alike."""

    files: Mapping[str, bytes]
    texts: Mapping[str, bytes]


Progress = Callable[[str, int], None]
"""Called with the name of each stage as it begins, and with the files read so far as they are."""


def quiet(_: str, __: int) -> None:
    """Tell nobody."""


def take_snapshots(
    materials: Sequence[Material], options: Options, progress: Progress = quiet
) -> tuple[tuple[Snapshot, ...], frozenset[str]]:
    """Everything these revisions say, from text to reachability, over one universe; and the paths
    of manifests that are not alike on all of them."""
    memo = Memo()
    read: list[manifests.Manifests] = []
    taken: list[Taken] = []
    asides: list[Aside] = []
    with _CollectorOff():
        for material in materials:
            tell = partial(progress, f"reading {material.name}")
            files: dict[str, bytes] = {}
            texts: dict[str, bytes] = {}
            documents = material.documents(memo)
            if options.scope is not None:
                asides.append(options.scope.aside())
                documents = options.scope.own(documents, asides[-1])
            passing = _noting(documents, memo, files, texts, tell)
            read.append(manifests.read(passing, memo, options.settings.namespace))
            taken.append(Taken(files, texts))
        progress("finding who may reach whom", 0)
        shared: cluster.Known = {}
        clusters = [cluster.assemble(each, options.settings, shared) for each in read]
        reached = engine.reach(clusters, options.exposure)
    outside: tuple[Diagnostic, ...] = ()
    lost: frozenset[str] = frozenset()
    if options.scope is not None:
        outside, lost = options.scope.told(asides, strict=options.strict != "none")
    snapshots = tuple(
        Snapshot(
            name=material.name,
            commit=material.commit,
            cluster=model,
            reachability=reachability,
            diagnostics=_ordered(
                objects.diagnostics, model.diagnostics, reachability.diagnostics, outside
            ),
            texts=side.texts,
        )
        for material, objects, model, reachability, side in zip(
            materials, read, clusters, reached, taken, strict=True
        )
    )
    return snapshots, _differing(taken) | lost


def review(base: Material, head: Material, options: Options, progress: Progress = quiet) -> Review:
    """Judge what head opens and closes compared with base."""
    (before, after), changed = take_snapshots((base, head), options, progress)
    progress("comparing", 0)
    compared = delta.compare(before, after)
    scene = findings.set_scene(before, after, compared, options.preferences, options.settled)
    found = findings.inspect(scene)
    unsearched = findings.notices(scene)
    diagnostics = _sided((*unsearched, *before.diagnostics), (*unsearched, *after.diagnostics))
    ruling = verdict.judge(
        Case(
            findings=found,
            gate=Gate(fail_on=_threshold(options.fail_on)),
            today=options.today,
            delta=compared,
            grades=scene.grades,
            waivers=options.waivers,
            preferences=options.preferences,
            strict=unreadable(diagnostics, options.strict, changed),
            approval=options.approval,
        )
    )
    return Review(
        base=before,
        head=after,
        delta=compared,
        grades=scene.grades,
        findings=findings.arranged((*found, *ruling.notes)),
        verdict=ruling,
        paths=scene.search.paths,
        diagnostics=diagnostics,
        gate_word=options.fail_on,
        changed=changed,
        key=options.key,
    )


def flow_map(target: Material, options: Options, progress: Progress = quiet) -> FlowMap:
    """The connectivity of one target."""
    (snapshot,), _ = take_snapshots((target,), options, progress)
    return FlowMap(snapshot=snapshot)


def audit(target: Material, options: Options, progress: Progress = quiet) -> Audit:
    """The posture of one target."""
    (snapshot,), _ = take_snapshots((target,), options, progress)
    progress("judging", 0)
    scene = findings.set_audit(snapshot, options.preferences)
    found = findings.inspect(scene)
    said = _ordered(findings.notices(scene), snapshot.diagnostics)
    snapshot = replace(snapshot, diagnostics=said)
    ruling = verdict.judge(
        Case(
            findings=found,
            gate=Gate(fail_on=_threshold(options.fail_on)),
            today=options.today,
            waivers=options.waivers,
            preferences=options.preferences,
            strict=unreadable(snapshot.diagnostics, options.strict, frozenset()),
        )
    )
    return Audit(
        snapshot=snapshot,
        figures=findings.measure(scene),
        findings=findings.arranged((*found, *ruling.notes)),
        verdict=ruling,
        gate_word=options.fail_on,
        key=options.key,
    )


def page_assets() -> Assets:
    """The files of the HTML page, as they were shipped beside the code (P-39)."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "report", "assets")
    texts: dict[str, str] = {}
    for name, file_name in ASSET_FILES.items():
        with open(os.path.join(folder, file_name), encoding="utf-8") as file:
            texts[name] = file.read()
    return Assets(**texts)


class Question(NamedTuple):
    """What `explain` is asked, as a person wrote it; no port means all of them."""

    source: str
    destination: str
    port: str | None


def explanation(
    target: Material, options: Options, question: Question, progress: Progress = quiet
) -> Explained:
    """Why a flow of one target is allowed or denied.

    Raises: UsageError for an end that does not exist, with near names, or a port that is none.
    """
    (snapshot,), _ = take_snapshots((target,), replace(options, exposure="never"), progress)
    reachability = snapshot.reachability
    source = _end(reachability, question.source, "--from")
    destination = _end(reachability, question.destination, "--to")
    if destination == INGRESS_CONTROLLER:
        raise UsageError(
            "--to cannot be the ingress controller", "it is only where flows come from"
        )
    if isinstance(source, ExternalEndpoint) and isinstance(destination, ExternalEndpoint):
        raise UsageError(
            "--from and --to are both outside addresses", "one of them has to be a workload"
        )
    asked = _port(question.port) if question.port else ALL_PORTS
    return Explained(
        snapshot=snapshot,
        explanation=engine.explain(reachability, source, destination, asked),
    )


def _end(reachability: engine.Reachability, written: str, flag: str) -> engine.Endpoint:
    """A workload id, with or without its kind, an address, or the ingress controller (F-50)."""
    if written == "ingress-controller":
        return INGRESS_CONTROLLER
    address = read_address(written)
    if address is not None:
        family, number = address
        return ExternalEndpoint(AddressSet(family, ((number, number),)))
    names = reachability.workloads
    found = [n for n in names if n == written or n.partition("[")[0] == written]
    if len(found) == 1:
        return WorkloadEndpoint(found[0])
    if found:
        raise UsageError(f"{flag} {written!r} is ambiguous", f"choose one of {', '.join(found)}")
    from difflib import get_close_matches  # only a wrong name needs it

    plain = {n.partition("[")[0]: n for n in names} | {n: n for n in names}
    near = list(dict.fromkeys(plain[n] for n in get_close_matches(written, plain, 5, 0.5)))
    near += [n for n in names if n.partition("[")[0].partition("/")[2] == written and n not in near]
    raise UsageError(
        f"{flag} {written!r} is no workload of {len(names)}, no address and not ingress-controller",
        f"did you mean {', '.join(near[:5])}?" if near else "write NAMESPACE/NAME[KIND]",
    )


def _port(written: str) -> PortSet:
    protocol, slash, number = written.partition("/")
    first, _, last = number.partition("-")
    last = last or first
    digits = first.isascii() and first.isdigit() and last.isascii() and last.isdigit()
    if protocol in PROTOCOLS and not slash:
        return port_range(protocol, 1, LAST)
    if protocol not in PROTOCOLS or not digits or not 1 <= int(first) <= int(last) <= LAST:
        raise UsageError(
            f"--port {written!r} is no port", "write it as TCP/5432, UDP/53 or TCP/8000-8080"
        )
    return port_range(protocol, int(first), int(last))


def unreadable(diagnostics: Iterable[Diagnostic], strict: str, changed: frozenset[str]) -> str:
    """Why `--strict` fails the gate, "" where it does not (S-90)."""
    errors = [each for each in diagnostics if each.level is Level.ERROR]
    if strict == "changed":
        errors = [each for each in errors if each.file in changed]
    if strict == "none" or not errors:
        return ""
    first = errors[0]
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"strict {strict}: {first.code} at {first.file}:{first.line}{more}"


def _threshold(word: str) -> Severity | None:
    return None if word == "never" else Severity[word.upper()]


def _noting(
    documents: Iterable[Document],
    memo: Memo,
    files: dict[str, bytes],
    texts: dict[str, bytes],
    tell: Callable[[int], None],
) -> Iterator[Document]:
    """The documents as they pass; what nobody read before is kept for the lines of its fields."""
    for number, document in enumerate(documents):
        tell(number)
        files[document.path] = document.key
        if (
            memo.found
            and document.content is not None
            and (document.path, document.key) not in memo
        ):
            texts[document.path] = document.content
        yield document


def _differing(taken: Sequence[Taken]) -> frozenset[str]:
    if len(taken) < 2:
        return frozenset()
    return frozenset(path for path, _ in taken[0].files.items() ^ taken[1].files.items())


def _ordered(*lists: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted((each for found in lists for each in found), key=order))


def _sided(base: Iterable[Diagnostic], head: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics of both sides, each once with the side it is of; equal ones are of both."""
    before, after = dict.fromkeys(base), dict.fromkeys(head)
    found = [replace(each, side="both" if each in after else "base") for each in before]
    found += [replace(each, side="head") for each in after if each not in before]
    return tuple(sorted(found, key=lambda each: (*order(each), each.side)))


class _CollectorOff:
    """Cyclic garbage is not looked for while millions of small values are made: none is made."""

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.freeze()
            gc.enable()
