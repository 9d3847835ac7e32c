"""Names and ports as people read them (P-3, P-4)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.addresses import everything, read_cidr, union
from reviewer.base.labels import EVERYTHING, equals, namespace_named
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PROTOCOLS, PortSet, port_range
from reviewer.base.ports import union as ports_union
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
)
from reviewer.report.phrases import MARKDOWN, PLAIN, who
from reviewer.report.words import Names, counted, enumerated, kept_together, port_text


def ports(text: str) -> PortSet:
    """`TCP 80-90 UDP 53` as a set; a protocol alone is full."""
    found: list[PortSet] = []
    protocol = ""
    for word in text.split():
        if word in PROTOCOLS:
            protocol = word
            found.append(port_range(word, 1, 65535))
            continue
        if found and found[-1] == port_range(protocol, 1, 65535):
            found.pop()
        low, _, high = word.partition("-")
        found.append(port_range(protocol, int(low), int(high or low)))
    return ports_union(found)


@pytest.mark.parametrize(
    ("given_ports", "text"),
    [
        (ALL_PORTS, "all"),
        (ALL_PORTS - ports("TCP 53 UDP 53"), "all but TCP+UDP 53"),
        (ALL_PORTS - ports("TCP 22 23 80-90"), "all but TCP 22–23, 80–90"),
        (
            ALL_PORTS - ports("TCP 22 53 80 443"),
            "TCP 1–21, 23–52, 54–79, 81–442 and 2 more",
        ),
        (ports("TCP"), "TCP"),
        (ports("TCP UDP"), "TCP+UDP"),
        (ports("TCP UDP 53"), "TCP, UDP 53"),
        (ports("TCP 80 443 8000-8080 UDP 53"), "TCP 80, 443, 8000–8080, UDP 53"),
        (ports("TCP 1 3 5 7 9 11"), "TCP 1, 3, 5, 7 and 2 more"),
        (ports("TCP 53 UDP 53"), "TCP+UDP 53"),
        (ports("TCP 80 UDP 80 SCTP 80"), "TCP+UDP+SCTP 80"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_port_text(given_ports: PortSet, text: str) -> None:
    """P-4, the first that fits."""
    assert port_text(given_ports) == text


def test_port_and_protocol_stay_on_one_line() -> None:
    """P-4, Markdown."""
    assert kept_together("TCP 80, 443, UDP 53") == "TCP\u00a080, 443, UDP\u00a053"


def read_back(text: str) -> PortSet:
    """The set that a port text means, where nothing in it is counted."""
    if text == "all":
        return ALL_PORTS
    if text.startswith("all but "):
        return ALL_PORTS - read_back(text.removeprefix("all but "))
    found = NO_PORTS
    protocols: list[str] = []
    for item in text.split(", "):
        head, _, rest = item.rpartition(" ")
        if item[0].isalpha():
            protocols = (head or item).split("+")
            rest = rest if head else "1–65535"
        low, _, high = rest.partition("–")
        for protocol in protocols:
            found |= port_range(protocol, int(low), int(high or low))
    return found


RANGES = st.tuples(
    st.sampled_from(PROTOCOLS),
    st.integers(1, 65535) | st.just(1),
    st.integers(1, 65535) | st.just(65535),
)


@given(st.lists(RANGES, min_size=1, max_size=7), st.booleans())
def test_port_text_reads_back(ranges: list[tuple[str, int, int]], inverted: bool) -> None:
    """P-4: text back to the port set, where nothing is counted."""
    made = ports_union(port_range(name, min(a, b), max(a, b)) for name, a, b in ranges)
    made = ALL_PORTS - made if inverted and made != ALL_PORTS else made
    text = port_text(made)
    counts = re.search(r" and \d+ more$", text)
    assert counts or read_back(text) == made


def outside(*cidrs: str) -> ExternalEndpoint:
    read = [found.block for each in cidrs if (found := read_cidr(each))]
    return ExternalEndpoint(union(read[0].family, read))


def but(*cidrs: str) -> ExternalEndpoint:
    """Everything but these blocks."""
    return ExternalEndpoint(everything(4).difference(outside(*cidrs).addresses))


WEB, DB = (WorkloadEndpoint(f"shop/{each}[Deployment]") for each in ("web", "db"))
TOOL = WorkloadEndpoint("ops/tool[Job]")


@pytest.mark.parametrize(
    ("ends", "beside", "text"),
    [
        ([WEB], (), "`shop/web`"),
        ([WEB, DB], ("ops",), "2 workloads in `shop`"),
        ([WEB, TOOL], ("pay",), "2 workloads in 2 other namespaces"),
        ([WEB, TOOL], ("ops",), "2 workloads in 2 namespaces"),
        ([outside("0.0.0.0/0")], (), "the internet"),
        ([outside("0.0.0.0/0"), outside("::/0")], (), "the internet"),
        ([outside("0.0.0.0/0"), outside("fd00::/8")], (), "the internet and `fd00::/8`"),
        ([outside("10.0.0.0/8", "1.2.3.4/32")], (), "`1.2.3.4/32` and `10.0.0.0/8`"),
        (
            [outside("10.0.0.0/9", "10.200.0.0/16", "1.2.3.4/32", "9.0.0.0/8")],
            (),
            "`1.2.3.4/32` and 3 more blocks",
        ),
        ([outside("::/0")], (), "the internet (IPv6)"),
        ([outside("10.0.0.0/8"), outside("::/0")], (), "the internet (IPv6) and `10.0.0.0/8`"),
        (
            [but("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")],
            (),
            "the internet but `10.0.0.0/8`, `172.16.0.0/12` and `192.168.0.0/16`",
        ),
        (
            [but("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")],
            (),
            "the internet but `10.0.0.0/8` and 3 more blocks",
        ),
        ([but("128.0.0.0/1")], (), "`0.0.0.0/1`"),
        ([INGRESS_CONTROLLER], (), "the ingress controller"),
        ([SelectorEndpoint(EVERYTHING, EVERYTHING)], (), "any other pod"),
        (
            [SelectorEndpoint(namespace_named("shop"), equals("app", "web"))],
            (),
            "other pods `app=web` in `shop`",
        ),
        (
            [SelectorEndpoint(equals("team", "a"), EVERYTHING)],
            (),
            "other pods in namespaces `team=a`",
        ),
    ],
)
def test_sets_of_ends(ends: list[Endpoint], beside: tuple[str, ...], text: str) -> None:
    """P-3, P-5: one is named, several are a number and where."""
    assert who(ends, Names(()), MARKDOWN, beside) == text


def test_kind_only_where_two_differ_in_it_alone() -> None:
    """P-3."""
    names = Names(["a/web[Deployment]", "a/web[Job]", "a/db[StatefulSet]"])
    assert names.workload("a/web[Job]") == "a/web[Job]"
    assert names.workload("a/db[StatefulSet]") == "a/db"
    assert names.inside("a/db[StatefulSet]") == "db"
    assert who([WorkloadEndpoint("a/web[Job]")], names, PLAIN) == "a/web[Job]"


def test_numbers_and_lists() -> None:
    assert (counted(1, "flow"), counted(1204, "flow")) == ("1 flow", "1,204 flows")
    assert [enumerated(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
