"""How random objects are spelled as YAML: block or flow, JSON, lists, odd scalars (S-2 to S-5)."""

import json
import random as randoms
import re
from typing import Any

Obj = dict[str, Any]
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9./-]*")
RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


class Raw(str):
    """Text that is written as it is."""


class Pairs(list[tuple[str, Any]]):
    """A mapping whose keys may be given twice (S-4)."""


def scalar(value: Any) -> str:
    """A scalar that reads as the same value by S-3."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return json.dumps(value)


def entries(value: Any) -> list[tuple[str, Any]] | None:
    """The entries of a mapping, None for anything else."""
    if isinstance(value, Pairs):
        return list(value)
    return list(value.items()) if isinstance(value, dict) else None


def flow(value: Any) -> str:
    """A value in flow style."""
    pairs = entries(value)
    if pairs is not None:
        return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return scalar(value)


def block(value: Any, indent: int, random: randoms.Random) -> str:
    """A value in block style, now and then in flow style."""
    pairs, pad = entries(value), " " * indent
    if not value or random.random() < 0.2 or not isinstance(value, (dict, list)):
        return " " + flow(value)
    if pairs is not None:
        lines = [f"{pad}{scalar(key)}:{block(one, indent + 2, random)}" for key, one in pairs]
    else:
        lines = []
        for one in value:
            text = block(one, indent + 2, random)
            lines.append(f"{pad}-{text}" if text[0] == " " else f"{pad}- {text[1:].lstrip()}")
    return "\n" + "\n".join(lines)


def piece(obj: Any, random: randoms.Random) -> str:
    """The text of one object."""
    pairs = entries(obj) or []
    return "\n".join(f"{scalar(key)}:{block(value, 2, random)}" for key, value in pairs) + "\n"


def strict_json(obj: Any) -> bool:
    """Whether JSON can say the same."""
    if isinstance(obj, (Raw, Pairs)):
        return False
    if isinstance(obj, dict):
        return all(strict_json(key) and strict_json(one) for key, one in obj.items())
    return not isinstance(obj, list) or all(map(strict_json, obj))


def listed(objs: list[Obj], random: randoms.Random) -> Obj:
    """Several objects in one list; a typed one where all are of one kind (S-5)."""
    kinds = {(one.get("apiVersion"), one.get("kind")) for one in objs}
    if len(kinds) == 1 and random.random() < 0.7:
        api, kind = kinds.pop()
        if api and kind:
            bare = [
                {k: v for k, v in one.items() if k not in {"apiVersion", "kind"}} for one in objs
            ]
            return {"apiVersion": api, "kind": f"{kind}List", "items": bare}
    inner: Obj = {"apiVersion": "v1", "kind": "List", "items": list(objs)}
    if random.random() < 0.2:
        return {"apiVersion": "v1", "kind": "List", "items": [inner, {"note": "not ours"}]}
    return inner


def file_text(objs: list[Obj], random: randoms.Random, odd: bool) -> str:
    """The text of a YAML file that holds these objects."""
    if odd and len(objs) > 1 and random.random() < 0.25:
        objs = [listed(objs, random)]
    pieces = [piece(one, random) for one in objs]
    separators = ["---\n"] * 3 + (["--- # next\n", "---   \n", "---\n---\n"] if odd else [])
    text = pieces[0] + "".join(random.choice(separators) + one for one in pieces[1:])
    if odd:
        text = random.choice(["", "", "", "---\n", "# a comment\n", "\ufeff"]) + text
        if random.random() < 0.1:
            text = text.replace("\n", "\r\n")
        if random.random() < 0.1:
            text += random.choice(NOISE)
        if random.random() < 0.1:
            text += "---\n" + MERGED.replace("LABELS", random.choice(MERGES))
    return text


MERGED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: merged}
spec:
  selector: {matchLabels: &own {app: a, x.io/role: b}}
  template:
    metadata: {labels: LABELS}
"""
MERGES = (
    "*own",
    "{<<: *own, tier: b}",
    "{app: b, <<: *own}",
    "{<<: [{app: c}, *own]}",
    "{80: a, y: b, tier: c}",
    "{app: 'b', \"app\": c}",
    "{app: , tier: ~}",
    "{app: null, tier: !!str 1}",
    "{app: ! b, tier: >-\n      c}",
)
NOISE = (
    "---\nkind: [unclosed\n",
    "---\nkind: NetworkPolicy\nspec: {{ .Values.spec }}\n",
    "---\nname: chart\nversion: '1'\n",
    "---\n\tkey: value\n",
    "---\njust words\n",
    "---\n- a\n- list\n",
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: b, a: c}\n",
    "---\nkind: NetworkPolicy\nmetadata: {name: no-version}\n",
    "---\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: c}\n",
    "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c}\n",
    "---\napiVersion: networking.k8s.io/v2\nkind: NetworkPolicy\nmetadata: {name: p0}\n",
    "---\napiVersion: v1\nkind: Pod\nmetadata: {labels: {app: a}}\n",
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 5}\n",
    "---\nkind: Deployment\nmetadata: {name: no-version}\n",
    "---\n--- first\n...\n---\n",
)


def as_json(objs: list[Obj], random: randoms.Random) -> str:
    """A JSON manifest of one or several objects, indented by blanks or not at all."""
    whole = objs[0] if len(objs) == 1 else {"apiVersion": "v1", "kind": "List", "items": objs}
    return json.dumps(whole, indent=random.choice((None, 1, 2)))
