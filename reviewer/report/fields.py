"""Values of changed policy fields in a few words (P-17): peers as selectors, ports as numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from reviewer.base.labels import NAMESPACE_NAME
from reviewer.delta import FieldChange

from .phrases import WIDE_WITHOUT, Voice, missing_from
from .words import counted

LISTED = 3
"""More items than this are counted."""
_OPERATORS = {"In": "in", "NotIn": "notin"}
_RULES = {"ingress", "egress"}
_PEERS = {"from", "to"}
_RULE = re.compile(r"(?:ingress|egress)\[\d+\]")
_SELECTORS = {"podSelector", "namespaceSelector", "matchLabels"}


def before_and_after(change: FieldChange, voice: Voice, absent: str) -> tuple[str, str]:
    """Both values of a field; `absent` is how a missing value is marked up, such as `*{}*`."""
    name = change.path.rpartition(".")[2]
    base, head = change.base, change.head
    if name in WIDE_WITHOUT and base and head and isinstance(base, list) and isinstance(head, list):
        came, went = missing_from(base, head), missing_from(head, base)
        one = "peer" if name in _PEERS else "port"
        if name in _PEERS and _one_space([*base, *head]):
            came, went = _without_space(came), _without_space(went)
        if came and not went:
            gained = value_text(came, name, voice)
            return counted(len(base), one), f"{counted(len(head), one)}: + {gained}"
        if went and not came:
            lost = value_text(went, name, voice)
            return counted(len(base), one), f"{counted(len(head), one)}: − {lost}"
    return _side(base, name, voice, absent), _side(head, name, voice, absent)


def _one_space(peers: Sequence[Any]) -> bool:
    """Whether all are pods of the same namespaces, which then need not be said."""
    spaces = [
        json.dumps(each.get("namespaceSelector"), sort_keys=True, default=str)
        for each in peers
        if isinstance(each, Mapping) and each.get("podSelector")
    ]
    return len(spaces) == len(peers) and len(set(spaces)) == 1


def _without_space(peers: Sequence[Any]) -> list[Any]:
    return [{"podSelector": each["podSelector"]} for each in peers]


def _side(value: Any, name: str, voice: Voice, absent: str) -> str:
    meaning = {"from": ": everyone", "to": ": everyone", "ports": ": all ports"}.get(name, "")
    if value is None or (meaning and value == []):
        return absent.format(f"{'absent' if value is None else 'empty'}{meaning}")
    return value_text(value, name, voice)


def value_text(value: Any, name: str, voice: Voice) -> str:
    """One value in a few words."""
    if isinstance(value, list):
        return _list_text(value, name, voice)
    if _RULE.fullmatch(name) and isinstance(value, Mapping):
        return _rule_text(value, voice)
    if name in _SELECTORS:
        whole = {"matchLabels": value} if name == "matchLabels" else value
        return voice.name(selector_text(whole) or "everything")
    return voice.name(_item_text(value))


def _rule_text(rule: Mapping[str, Any], voice: Voice) -> str:
    """A whole rule: "`app=web` on `TCP 80`", "everyone on all ports"."""
    peers = next((rule[name] for name in ("from", "to") if isinstance(rule.get(name), list)), None)
    ports = rule.get("ports")
    who = _list_text(peers, "from", voice) if peers else "everyone"
    what = _list_text(ports, "ports", voice) if isinstance(ports, list) and ports else "all ports"
    return f"{who} on {what}"


def _list_text(value: list[Any], name: str, voice: Voice) -> str:
    if name in _RULES and value:
        return counted(len(value), "rule")
    if not value:
        return "an empty list"
    if len(value) > LISTED:
        kinds = {"from": "peer", "to": "peer", "ports": "port"}
        return counted(len(value), kinds.get(name, "item"))
    return ", ".join(voice.name(_item_text(item)) for item in value)


def _item_text(item: Any) -> str:
    """A peer, a port or any other value on one line."""
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        for known, text in (("ipBlock", _block_text), ("port", _port_text)):
            if known in item:
                return text(item)
        if {"podSelector", "namespaceSelector"} & set(item):
            return _peer_text(item)
    return json.dumps(item, sort_keys=True, default=str)


def _block_text(item: Mapping[str, Any]) -> str:
    block = item["ipBlock"]
    if not isinstance(block, Mapping):
        return json.dumps(item, sort_keys=True, default=str)
    excepted = block.get("except")
    without = f" less {len(excepted)}" if isinstance(excepted, Sequence) and excepted else ""
    return f"{block.get('cidr', '')}{without}"


def _port_text(item: Mapping[str, Any]) -> str:
    last = item.get("endPort")
    return f"{item.get('protocol', 'TCP')} {item['port']}{f'–{last}' if last else ''}"


def _peer_text(item: Mapping[str, Any]) -> str:
    """`app=web`, `app=web in monitoring`, `every pod in team=a`."""
    pods, spaces = item.get("podSelector"), item.get("namespaceSelector")
    if spaces is None:
        return selector_text(pods) or "every pod"
    where = _space_text(spaces)
    return f"{selector_text(pods) or 'every pod'} in {where or 'every namespace'}"


def _space_text(selector: Any) -> str:
    """A namespace selector; one that asks for the name alone is the name, or the names."""
    text = selector_text(selector)
    several = re.fullmatch(rf"{re.escape(NAMESPACE_NAME)} in \(([^()]*)\)", text)
    return several[1] if several else text.removeprefix(f"{NAMESPACE_NAME}=")


def selector_text(selector: Any) -> str:
    """A label selector as written, in kubectl's syntax; "" matches everything."""
    if not isinstance(selector, Mapping):
        return ""
    labels, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    parts = [f"{k}={v}" for k, v in labels.items()] if isinstance(labels, Mapping) else []
    if isinstance(expressions, list):
        parts += [_expression(each) for each in expressions if isinstance(each, Mapping)]
    return ",".join(sorted(parts))


def _expression(each: Mapping[str, Any]) -> str:
    key, operator, values = each.get("key"), each.get("operator"), each.get("values")
    if operator in _OPERATORS and isinstance(values, list):
        return f"{key} {_OPERATORS[operator]} ({','.join(sorted(map(str, values)))})"
    return f"!{key}" if operator == "DoesNotExist" else str(key)
