"""Random clusters that are dense in edge cases, and random edits of them.

Few label keys, values, namespaces, ports and addresses, so that selectors collide. The same seed
gives the same bytes. `odd` adds what an API server refuses or prunes and unusual spellings.
"""

import copy
import random as randoms
import re
from typing import Any

from tests.properties import admin_parts, parts, spelling
from tests.properties.oddities import make_odd
from tests.properties.spelling import Obj


def objects(random: randoms.Random, flags: dict[str, bool]) -> list[Obj]:
    """The objects of one cluster."""
    spaces = parts.SPACES[: random.choice((1, 2, 2, 3))]
    empty = parts.SPACES[-1:] if flags["exposure"] else ()
    found = [parts.namespace(random, one) for one in (*spaces, *empty) if random.random() < 0.5]
    for index in range(random.randint(0 if flags["exposure"] else 2, 6)):
        name = (
            random.choice(parts.NAMES)
            if random.random() < 0.5
            else f"{random.choice(parts.NAMES)}{index}"
        )
        found.append(parts.workload(random, name, spaces))
    for index in range(random.randint(0, 6)):
        where = empty if empty and random.random() < 0.6 else spaces
        found.append(parts.network_policy(random, f"p{index}", where))
    if flags["admin"]:
        found += admin_parts.policies(random)
    if flags["entries"]:
        found += admin_parts.entries(random, spaces, found)
    return unique(found)


def unique(objs: list[Obj]) -> list[Obj]:
    """Without a second object of the same identity; duplicates are the odd ones' business."""
    seen: dict[tuple[Any, ...], Obj] = {}
    for one in objs:
        meta = one["metadata"]
        group = one["apiVersion"].rpartition("/")[0]
        seen.setdefault((group, one["kind"], meta.get("namespace", "default"), meta["name"]), one)
    return list(seen.values())


def again(random: randoms.Random, obj: Obj) -> Obj:
    """An object of the same identity: equal, odd, or with another spec (S-8)."""
    result = copy.deepcopy(obj)
    chance = random.random()
    if chance < 0.3:
        return make_odd(random, result)
    if chance < 0.7 and obj["kind"] == "NetworkPolicy":
        result["spec"] = parts.network_policy(random, "p", parts.SPACES).get("spec", {})
    elif chance < 0.7 and isinstance(result.get("metadata"), dict):
        result["metadata"]["labels"] = parts.labels(random)
    return result


def render(random: randoms.Random, objs: list[Obj], *, odd: bool) -> dict[str, str]:
    """The objects in a few files."""
    random.shuffle(objs)
    files: dict[str, list[Obj]] = {}
    names = ["a.yaml", "b/c.yaml", "b-c.yml", "z.YAML"]
    for one in objs:
        files.setdefault(random.choice(names), []).append(one)
    result = {path: spelling.file_text(held, random, odd) for path, held in files.items()}
    if odd and random.random() < 0.3:
        plain = [one for one in objs if spelling.strict_json(one)]
        if plain:
            result["more.json"] = spelling.as_json(plain, random)
            result["b/.hidden/x.yaml"] = spelling.piece(plain[0], random)
            result["notes.txt"] = "kind: NetworkPolicy"
    return result


def cluster(
    random: randoms.Random,
    *,
    admin: bool = False,
    entries: bool = False,
    odd: bool = False,
    exposure: bool = False,
) -> dict[str, str]:
    """The files of a random cluster."""
    flags = {"admin": admin, "entries": entries, "odd": odd, "exposure": exposure}
    objs = objects(random, flags)
    if odd:
        objs = [make_odd(random, one) for one in objs]
        if random.random() < 0.3:
            objs.append(again(random, random.choice(objs)))
    return render(random, objs, odd=odd)


def settings(random: randoms.Random) -> dict[str, Any]:
    """What a configuration may say of a cluster, now and then (roots.md section 6)."""
    pools: dict[str, tuple[Any, ...]] = {
        "pod_ranges": (
            ("10.0.0.0/9",),
            ("10.1.0.0/16", "fd00::/8"),
            ("fd00::/16",),
            ("10.0.0.0/8", "10.1.0.0/16"),
            ("0.0.0.0/0",),
        ),
        "node_ranges": (("10.128.0.0/9",), ("203.0.113.0/24", "2001:db8::/32")),
        "ipblock_pods": ("never", "certain"),
        "namespaces": ({"obs": {"team": "a"}, "shop": {"team": "b", "app": "c"}},),
        "namespace": ("shop",),
        "ingress_controllers": (("shop",), ("obs", "openshift-ingress")),
    }
    return {name: random.choice(pool) for name, pool in pools.items() if random.random() < 0.35}


def edit(random: randoms.Random, files: dict[str, str], **flags: bool) -> dict[str, str]:
    """A head made from a base by one to three random edits of the text."""
    held = [
        (path, piece)
        for path, text in sorted(files.items())
        for piece in re.split(r"(?m)^---[^\n]*\n", text)
    ]
    for _ in range(random.randint(1, 3)):
        edit_once(random, held, {**dict.fromkeys(("admin", "entries", "exposure"), False), **flags})
    result: dict[str, str] = {}
    for path, piece in held:
        text = piece if piece.endswith("\n") else piece + "\n"
        result[path] = result[path] + "---\n" + text if path in result else text
    return result


SWAPS = (
    (r"\b(app|tier|x\.io/role|team)\b: (\"\"|[abc])\b", ("a", "b", "c", '""')),
    (r"(?<=port: )(53|80|81|443|8080|http|dns|web)\b", ("53", "80", "81", "http", "web")),
    (r"(?<=containerPort: )\d+", ("53", "80", "81", "8080")),
    (r"(?<=operator: )\w+", ("In", "NotIn", "Exists", "DoesNotExist")),
    (r"(?<=namespace: )\w+", parts.SPACES),
    (r"\b(Ingress|Egress)\b", ("Ingress", "Egress")),
    (r"\"[0-9a-f.:]+/\d+\"", tuple(f'"{one}"' for one in parts.CIDRS)),
    (r"\b(Allow|Deny|Pass|Accept)\b", ("Allow", "Deny", "Pass", "Accept")),
    (r"(?<=name: )(web|api|db|job)\b", parts.NAMES),
)


def edit_once(random: randoms.Random, held: list[tuple[str, str]], flags: dict[str, bool]) -> None:
    """Removes, moves, adds or changes one piece."""
    index = random.randrange(len(held))
    chance = random.random()
    if chance < 0.15 and len(held) > 1:
        del held[index]
    elif chance < 0.25:
        held.append(("moved.yaml", held.pop(index)[1]))
    elif chance < 0.4:
        added = random.choice(objects(random, {"odd": False, **flags}))
        held.append(("added.yaml", spelling.piece(added, random)))
    else:
        path, text = held[index]
        for _ in range(8):
            pattern, words = random.choice(SWAPS)
            places = list(re.finditer(pattern, text))
            if places:
                place = random.choice(places)
                old, new = place[0], random.choice(words)
                if ": " in old:
                    new = old.partition(": ")[0] + ": " + new
                held[index] = (path, text[: place.start()] + new + text[place.end() :])
                return
