"""Texts of the configuration as values: ports, blocks, selectors, days, globs (F-20, R-20).

Each function raises ValueError with what is wrong; the place is added by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from reviewer.base.addresses import AddressSet, read_cidr, union
from reviewer.base.labels import Operator, Requirement, Selector, requirement, selector
from reviewer.base.ports import LAST, PROTOCOLS, PortSet, port_range

_PORT = re.compile(r"(TCP|UDP|SCTP)(?:/(\d{1,5})(?:-(\d{1,5}))?)?")
_KEY = r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?"
_EQUAL = re.compile(rf"({_KEY})\s*(==|=|!=)\s*({_VALUE})")
_SET = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)")
_EXISTS = re.compile(rf"(!?)\s*({_KEY})")
_WORKLOAD = re.compile(r"[a-z0-9][-a-z0-9.]*/[^\[\]/]+\[[A-Za-z][A-Za-z0-9]*\]")
_GLOB = re.compile(r"!?[^!\\\0/][^\\\0]*")
_SPLIT = re.compile(r",(?![^()]*\))")


def ports(text: str) -> PortSet:
    """`TCP/443`, `UDP/53`, `TCP/8000-8080`, or a protocol for all of its ports."""
    found = _PORT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no port; write {', '.join(PROTOCOLS)} or TCP/443")
    protocol, first, last = found.groups()
    low = int(first) if first else 1
    high = int(last) if last else (low if first else LAST)
    if not 1 <= low <= high <= LAST:
        raise ValueError(f"{text!r} is no port; ports are 1 to {LAST}, the lower one first")
    return port_range(protocol, low, high)


def cidr(text: str) -> AddressSet:
    """A CIDR, host bits dropped."""
    found = read_cidr(text)
    if found is None:
        raise ValueError(f"{text!r} is no CIDR; write an address and a prefix, as in 10.0.0.0/8")
    return found.block


def workload(text: str) -> str:
    """The id of a workload."""
    if not _WORKLOAD.fullmatch(text):
        raise ValueError(f"{text!r} is no workload; write NAMESPACE/NAME[KIND]")
    return text


def labels(text: str) -> Selector:
    """A selector in kubectl's syntax: `app=web,tier in (a,b),!legacy`."""
    if not text.strip():
        return Selector()
    return selector(each for part in _SPLIT.split(text) for each in _requirement(part.strip()))


def _requirement(part: str) -> Iterator[Requirement]:
    equal = _EQUAL.fullmatch(part)
    if equal:
        operator = Operator.NOT_IN if equal[2] == "!=" else Operator.IN
        yield requirement(equal[1], operator, (equal[3],))
        return
    among = _SET.fullmatch(part)
    if among:
        values = [value.strip() for value in among[3].split(",")]
        if not all(re.fullmatch(_VALUE, value) for value in values):
            raise ValueError(f"{part!r} holds a value that no label can have")
        operator = Operator.IN if among[2] == "in" else Operator.NOT_IN
        yield requirement(among[1], operator, values)
        return
    exists = _EXISTS.fullmatch(part)
    if not exists:
        raise ValueError(f"{part!r} is no selector; write app=web, tier in (a,b), app or !app")
    operator = Operator.DOES_NOT_EXIST if exists[1] else Operator.EXISTS
    yield requirement(exists[2], operator)


def day(text: str) -> str:
    """A day of the calendar, `YYYY-MM-DD`."""
    wrong = f"{text!r} is no day; write YYYY-MM-DD"
    try:
        found = date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(wrong) from error
    if found != text:
        raise ValueError(wrong)
    return text


def glob(text: str) -> str:
    """A glob from the repository's top with `**`, `*`, `?`; `!` takes away (R-20)."""
    parts = text.removeprefix("!").split("/")
    whole = all("**" not in part or part == "**" for part in parts)
    if not _GLOB.fullmatch(text) or not whole or {"", ".", ".."} & set(parts[:-1]):
        raise ValueError(
            f"{text!r} is no glob; write a path from the repository's top with **, * or ?"
        )
    return text


def folder(text: str) -> str:
    """A path from the repository's top."""
    if not text or text.startswith("/") or {"", "..", "."} & set(text.split("/")):
        raise ValueError(f"{text!r} is no path from the repository's top")
    return text


def together(family: int, blocks: Iterable[AddressSet]) -> AddressSet:
    """The blocks of one family as one set."""
    return union(family, blocks)
