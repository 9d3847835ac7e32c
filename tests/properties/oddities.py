"""What makes a good object odd: spellings, wrong types, unknown or refused fields (S-3 on)."""

import copy
import random as randoms
from collections.abc import Iterator
from typing import Any

from tests.properties.spelling import Obj, Pairs, Raw

Place = tuple[Any, Any]  # a mapping or list and a key or index of it


def places(value: Any) -> Iterator[Place]:
    """Every place of an object at which something stands."""
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from places(value[key])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from places(value[index])


def spelled(random: randoms.Random, number: int) -> Raw:
    """A number in another spelling of the same value (S-3)."""
    return Raw(
        random.choice(
            (
                f"{number}.0",
                f"0x{number:x}",
                f"0o{number:o}",
                f"0{number:o}",
                f"0b{number:b}",
                f"+{number}",
                f"{str(number)[0]}_{str(number)[1:]}" if number > 9 else f"{number}",
                f"{number}e0",
            )
        )
    )


WRONG: tuple[Any, ...] = (
    Raw("yes"),
    Raw("Off"),
    Raw("1.5"),
    Raw("08"),
    Raw("1:20"),
    Raw("2001-01-01"),
    Raw("="),
    Raw("~"),
    99999999999,
    7,
    [],
    {},
    ["Ingress"],
    {"a": "b"},
    "text",
    "80",
    "-",
    "",
    Raw("0o17"),
    Raw(".inf"),
    "Bad_Value_",
    "10.0.0.1/8",
    "010.0.0.0/08",
    "::ffff:10.0.0.0/104",
    "10.0.0.0",
    "10.0.0.0/33",
    70000,
    0,
    -1,
)
UNKNOWN = ("podselector", "namespaceSelectors", "from", "to", "matchlabels", "app", "kind", "x")


def respell(random: randoms.Random, obj: Obj) -> None:
    """Other spellings of the same values."""
    for holder, key in list(places(obj)):
        if type(holder[key]) is int and random.random() < 0.3:
            holder[key] = spelled(random, holder[key])
        elif holder[key] is True and random.random() < 0.5:
            holder[key] = Raw(random.choice(("yes", "On", "y", "TRUE")))


def mistype(random: randoms.Random, obj: Obj) -> None:
    """Another value at some place: of a wrong type, or refused, or fine (S-11, S-13)."""
    found = [one for one in places(obj) if one[1] not in {"apiVersion", "kind"}]
    holder, key = random.choice(found)
    holder[key] = copy.deepcopy(random.choice(WRONG))


def nullify(random: randoms.Random, obj: Obj) -> None:
    """Null at some place (S-10)."""
    holder, key = random.choice(
        [one for one in places(obj) if one[1] not in {"apiVersion", "kind"}]
    )
    holder[key] = None


def prune(random: randoms.Random, obj: Obj) -> None:
    """A field that is not known, or a known one under another name (S-12)."""
    holders = [holder[key] for holder, key in places(obj) if isinstance(holder[key], dict)]
    holder = random.choice([obj, *holders])
    if holder and random.random() < 0.5 and holder is not obj:
        key = random.choice(list(holder))
        holder[key.lower() if random.random() < 0.5 else f"{key}s"] = holder.pop(key)
    else:
        value: Any = random.choice(({}, [], "a", None, {"app": "a"}))
        holder.setdefault(random.choice(UNKNOWN), value)


def drop(random: randoms.Random, obj: Obj) -> None:
    """One field less."""
    found = [one for one in places(obj) if isinstance(one[0], dict)]
    holder, key = random.choice([one for one in found if one[1] not in {"apiVersion", "kind"}])
    del holder[key]


def repeat(random: randoms.Random, obj: Obj) -> None:
    """A key given twice (S-4)."""
    found = [one for one in places(obj) if isinstance(one[0][one[1]], dict) and one[0][one[1]]]
    if found:
        holder, key = random.choice(found)
        pairs = Pairs(holder[key].items())
        name, value = random.choice(pairs)
        pairs.insert(random.randrange(len(pairs)), (name, random.choice((value, "x", None))))
        holder[key] = pairs


def loosen(random: randoms.Random, obj: Obj) -> None:
    """CIDRs that are read leniently, or in admin policies refused (S-15, S-61)."""
    for holder, key in list(places(obj)):
        text = holder[key]
        if not isinstance(text, str) or "/" not in text or not text[0].isdecimal():
            continue
        address, _, length = text.partition("/")
        first, _, rest = address.partition(".")
        if not rest:
            continue
        forms = [f"0{first}.{rest}/0{length}", f"::ffff:{address}/{96 + int(length)}"]
        if length != "32" and obj["kind"] == "NetworkPolicy":  # elsewhere the page is not clear
            forms.append(f"{first}.{rest.removesuffix('0')}1/{length}")
        holder[key] = random.choice([text, *forms])


def unnamed(random: randoms.Random, obj: Obj) -> None:
    """A generated name, a reference instead of a template, no phase (S-9, S-21)."""
    if obj["kind"] == "Rollout":
        obj["spec"]["workloadRef"] = random.choice(({"kind": "Deployment", "name": "web"}, None))
    elif random.random() < 0.7:
        obj["metadata"]["generateName"] = obj["metadata"].pop("name") + random.choice(("-", ""))
    else:
        obj["metadata"]["generateName"] = "x-"


def readdress(random: randoms.Random, obj: Obj) -> None:
    """Another group or version (S-6, S-7)."""
    obj["apiVersion"] = random.choice(
        {
            "NetworkPolicy": (
                "extensions/v1beta1",
                "extensions/v1beta1",
                "networking.k8s.io/v1beta1",
            ),
            "Deployment": ("extensions/v1beta1", "apps/v1beta2"),
            "AdminNetworkPolicy": ("policy.networking.k8s.io/v1alpha2",),
            "ClusterNetworkPolicy": ("policy.networking.k8s.io/v1alpha1",),
        }.get(obj["kind"], (obj["apiVersion"],))
    )


def make_odd(random: randoms.Random, obj: Obj) -> Obj:
    """The object, or an odd copy of it."""
    if random.random() < 0.6:
        return obj
    result = copy.deepcopy(obj)
    if random.random() < 0.3:
        loosen(random, result)
        return result
    changes = (respell, mistype, mistype, nullify, prune, drop, repeat, readdress, unnamed)
    random.choice(changes)(random, result)
    return result
