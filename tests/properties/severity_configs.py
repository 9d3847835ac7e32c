"""Random configurations of the base side for random changes: all that findings.md lets one say."""

import random as randoms
from typing import Any

import yaml

Obj = dict[str, Any]
TODAY = "2026-06-15"
LEVELS = ("critical", "high", "medium", "low", "info")
PORTS = ("TCP/5432", "TCP/8080", "TCP", "UDP", "TCP/5400-5499", "UDP/53", "TCP/22", "TCP/1-65535")
REACH = (
    *("new-workload-not-isolated", "policy-deleted-opens", "lost-isolation"),
    *("metadata-service-reachable", "admin-port-open", "world-ingress", "sensitive-open"),
    *("ingress-exposed", "private-range-open", "cross-namespace-open", "world-egress"),
    *("transit-path-opened", "blast-radius-grown"),
)
ADDRESSES = ("203.0.113.0/24", "10.20.0.0/16", "0.0.0.0/1", "44.0.0.0/8", "2001:db8::/32")


def pods(random: randoms.Random) -> Obj:
    """`{namespaces, pods}`, a part of it missing now and then."""
    app = random.choice(("web", "api", "db", "redis", "tool"))
    made: Obj = {
        "pods": random.choice((f"app={app}", f"app in ({app},api)", f"app!={app}", "tier"))
    }
    space = random.choice(("shop", "ops", "kube-system"))
    if random.random() < 0.5:
        made["namespaces"] = random.choice(
            (
                f"kubernetes.io/metadata.name={space}",
                "team=a",
                f"kubernetes.io/metadata.name!={space}",
            )
        )
    if random.random() < 0.2 and len(made) == 2:
        del made["pods"]
    return made


def inner(random: randoms.Random) -> Any:
    """An END that holds workloads."""
    chance = random.random()
    if chance < 0.15:
        name = random.choice(("web", "api1", "db", "db1", "tool2"))
        return {"workload": f"{random.choice(('shop', 'ops'))}/{name}[Deployment]"}
    if chance < 0.3:
        return {"zone": "data"}
    return pods(random)


def end(random: randoms.Random, *, outside: bool = True, controller: bool = True) -> Any:
    """An END of any kind, or a list of two."""
    chance = random.random()
    if outside and chance < 0.25:
        return random.choice(("internet", "private", "trusted"))
    if chance < 0.35:
        return {"cidrs": random.sample(ADDRESSES, random.choice((1, 2)))}
    if chance < 0.5:
        return "workloads"
    if controller and chance < 0.58:
        return "ingress-controller"
    if chance < 0.7:
        return [inner(random), inner(random)]
    return inner(random)


def ports(random: randoms.Random) -> Any:
    """PORT or a list of them."""
    return random.choice((random.choice(PORTS), random.sample(PORTS, 2)))


def sensitive(random: randoms.Random) -> Obj:
    """An entry of `sensitive:`."""
    found = inner(random)
    if random.random() < 0.5:
        found["ports"] = ports(random)
    return dict(found)


def severity(random: randoms.Random) -> Obj:
    """An entry of `severity:` for rows or for a check."""
    if random.random() < 0.35:
        return {"rule": random.choice(REACH), "set": random.choice(LEVELS)}
    made: Obj = {"rule": "flow", "set": random.choice(LEVELS)}
    if random.random() < 0.6:
        made["from"] = end(random)
    if random.random() < 0.6:
        made["to"] = end(random, controller=False)
    if random.random() < 0.5:
        made["ports"] = ports(random)
    return made


def intent(random: randoms.Random, name: str) -> Obj:
    """An intent of either kind."""
    forbid = random.random() < 0.6
    asked: Obj = {
        "from": end(random, outside=forbid),
        "to": end(random, outside=forbid, controller=False),
    }
    if random.random() < 0.6:
        asked["ports"] = ports(random)
    made: Obj = {"name": name, "forbid" if forbid else "require": asked}
    if random.random() < 0.5:
        made["severity"] = random.choice(LEVELS)
    return made


def config(random: randoms.Random, *, intents: bool = False) -> str:
    """The text of a configuration."""
    made: Obj = {"version": 1, "zones": {"data": random.choice((pods(random), [pods(random)]))}}
    if random.random() < 0.5:
        made["sensitive"] = [sensitive(random) for _ in range(random.choice((1, 2)))]
    if random.random() < 0.5:
        made["trusted-cidrs"] = random.sample(ADDRESSES, random.choice((1, 2)))
    if random.random() < 0.25:
        made["metadata-addresses"] = random.choice(
            (["10.20.30.40/32"], ["100.100.100.200/32"], ["203.0.113.7/32", "169.254.169.254/32"])
        )
    if random.random() < 0.6:
        made["severity"] = [severity(random) for _ in range(random.choice((1, 2, 3)))]
    if intents:
        made["intents"] = [intent(random, f"i{n}") for n in range(random.choice((1, 2)))]
        if random.random() < 0.3:
            made["pre-existing"] = "gate"
    if random.random() < 0.2:
        hops = random.choice((2, 3, 4))
        made["transit"] = {"sources": ["internet", "ingress-controller"], "max-hops": hops}
    return yaml.safe_dump(made, sort_keys=False)
