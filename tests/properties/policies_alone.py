"""A platform team's repository: namespaces with policies, no workload, and edits of known effect.

Every namespace has its Namespace object, a default deny and a few allowances, and files that say
nothing of connectivity. The same numbers give the same bytes.

    python -m tests.properties.policies_alone FOLDER [NAMESPACES [POLICIES [FILES]]]

writes FOLDER/base, FOLDER/head and FOLDER/edits.txt.
"""

from __future__ import annotations

import random as randoms
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

Files = dict[str, str]
APPS = ("api", "web", "worker", "db", "cache", "gateway")
ENVS = ("dev", "test", "prod")
TEAMS = 60


class Size(NamedTuple):
    """How large a repository is; policies are at least one for each namespace."""

    namespaces: int = 1_500
    policies: int = 3_200
    files: int = 9_000


class Edit(NamedTuple):
    """One edit: the file, its text on head (None: removed), the policy, and what it does."""

    path: str
    head: str | None
    policy: str
    does: str


def space_of(number: int) -> str:
    return f"team-{number % TEAMS:02}-{ENVS[number % 3]}-{number:04}"


def folder_of(number: int) -> str:
    return f"clusters/main/{ENVS[number % 3]}/{space_of(number)}"


def policy(space: str, name: str, spec: str) -> str:
    """One NetworkPolicy in block style, as people write them."""
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {name}\n"
        f"  namespace: {space}\n  labels:\n    managed-by: platform\nspec:\n{spec}"
    )


DENY = "  podSelector: {}\n  policyTypes:\n    - Ingress\n    - Egress\n"
DNS = """\
  podSelector: {}
  policyTypes:
    - Egress
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
"""
SAME = """\
  podSelector: {}
  ingress:
    - from:
        - podSelector: {}
  egress:
    - to:
        - podSelector: {}
"""


def inside(one: str, other: str, port: int) -> str:
    """One app of a namespace admits another."""
    return (
        f"  podSelector:\n    matchLabels:\n      app: {one}\n  policyTypes:\n    - Ingress\n"
        f"  ingress:\n    - from:\n        - podSelector:\n            matchLabels:\n"
        f"              app: {other}\n"
        f"      ports:\n        - protocol: TCP\n          port: {port}\n"
    )


def across(one: str, space: str, port: int) -> str:
    """One app admits another namespace."""
    return (
        f"  podSelector:\n    matchLabels:\n      app: {one}\n  policyTypes:\n    - Ingress\n"
        f"  ingress:\n    - from:\n        - namespaceSelector:\n            matchLabels:\n"
        f"              kubernetes.io/metadata.name: {space}\n"
        f"      ports:\n        - protocol: TCP\n          port: {port}\n"
    )


def beyond(one: str, cidr: str, port: int) -> str:
    """One app may call out to a block."""
    return (
        f"  podSelector:\n    matchLabels:\n      app: {one}\n  policyTypes:\n    - Egress\n"
        f"  egress:\n    - to:\n        - ipBlock:\n            cidr: {cidr}\n"
        f"      ports:\n        - protocol: TCP\n          port: {port}\n"
    )


def allowances(random: randoms.Random, number: int, size: Size) -> Iterator[tuple[str, str]]:
    """The policies that a namespace may have beside its default deny, by name."""
    apps = list(APPS)
    random.shuffle(apps)
    yield "allow-dns", DNS
    yield f"{apps[0]}-from-{apps[1]}", inside(apps[0], apps[1], random.choice((8080, 5432, 6379)))
    other = space_of(random.randrange(size.namespaces))
    yield f"{apps[2]}-from-space", across(apps[2], other, random.choice((8080, 9090)))
    yield f"{apps[3]}-to-partner", beyond(apps[3], f"203.0.113.{number % 250}/32", 443)
    yield "allow-same-namespace", SAME


def base(size: Size, seed: int = 7) -> Files:
    """The files of base by path."""
    random = randoms.Random(seed)
    files: Files = {}
    left = size.policies - size.namespaces
    for number in range(size.namespaces):
        folder, space = folder_of(number), space_of(number)
        files[f"{folder}/namespace.yaml"] = (
            f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {space}\n  labels:\n"
            f"    team: team-{number % TEAMS:02}\n    env: {ENVS[number % 3]}\n"
        )
        files[f"{folder}/default-deny.yaml"] = policy(space, "default-deny", DENY)
        after = size.namespaces - number - 1
        share = max(left - 5 * after, min(random.choice((0, 1, 1, 1, 2, 2)), left))
        for name, spec in list(allowances(random, number, size))[:share]:
            files[f"{folder}/{name}.yaml"] = policy(space, name, spec)
            left -= 1
    return files | dict(noise(size.files - len(files), size.namespaces))


EXTRAS = (
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "subjects", "  - kind: Group\n    name: {}\n"),
    ("v1", "ResourceQuota", "spec", "  limits.{}: 20Gi\n"),
    ("v1", "LimitRange", "spec", "  - type: Container\n    max: {}\n"),
    ("v1", "ConfigMap", "data", "  SETTING_{}: a value of some length, as they have\n"),
)
"""What namespaces hold beside policies: API, kind, the list's key, an item of it."""


def noise(count: int, namespaces: int) -> Iterator[tuple[str, str]]:
    """Files that say nothing of connectivity, about a kilobyte each."""
    for number in range(max(count, 0)):
        space, folder = space_of(number % namespaces), folder_of(number % namespaces)
        api, kind, key, item = EXTRAS[number % len(EXTRAS)]
        yield (
            f"{folder}/extra-{number}.yaml",
            f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: extra-{number}\n"
            f"  namespace: {space}\n  labels:\n    managed-by: platform\n  annotations:\n"
            f"    example.org/owner: {space}-owners@example.org\n{key}:\n"
            + "".join(item.format(f"{space}-{i}") for i in range(16)),
        )


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


CHANGES: tuple[tuple[str, Callable[[str], str] | None, str], ...] = (
    ("default-deny", None, "+"),
    ("default-deny", _replaced("    - Egress\n", ""), "+"),
    ("allow-dns", None, "-"),
    ("allow-dns", _replaced("        - protocol: TCP\n          port: 53\n", ""), "-"),
    ("allow-dns", _replaced("port: 53\n", "port: 53\n          endPort: 54\n"), "+"),
    ("-from-", _replaced("protocol: TCP", "protocol: UDP"), "+-"),
    ("-from-", _replaced("              app: ", "              role: "), "+-"),
    ("-from-", _replaced("          port: ", "          endPort: 65535\n          port: "), "+"),
)
"""What is edited: a policy whose name holds this, how (None: it is removed), and what that does."""


def edits(files: Files, size: Size, count: int = 20) -> list[Edit]:
    """Edits of different namespaces, each of one policy, and what each opens (+) or closes (-).

    A repository must be large enough to have a namespace for each."""
    found: list[Edit] = []
    unused = dict.fromkeys(range(size.namespaces))
    while len(found) < count:
        name, change, does = CHANGES[len(found) % len(CHANGES)]
        tried = ((at, _edit(files, at, name, change, does)) for at in unused)
        at, edit = next(each for each in tried if each[1] is not None)
        del unused[at]
        assert edit is not None, "next() looked for one"
        found.append(edit)
    return found


def _edit(
    files: Files, at: int, name: str, change: Callable[[str], str] | None, does: str
) -> Edit | None:
    folder = folder_of(at)
    if f"{folder}/allow-same-namespace.yaml" in files:
        return None
    if name == "default-deny" and f"{folder}/allow-dns.yaml" in files:  # it isolates egress too
        return None
    for path in sorted(files):
        if path.startswith(f"{folder}/") and name in path.rpartition("/")[2]:
            head = change(files[path]) if change else None
            if head != files[path]:
                return Edit(path, head, f"{space_of(at)}/{path.rpartition('/')[2][:-5]}", does)
    return None


def head(files: Files, made: list[Edit]) -> Files:
    """The files of head."""
    result = dict(files)
    for edit in made:
        if edit.head is None:
            del result[edit.path]
        else:
            result[edit.path] = edit.head
    return result


def write(folder: Path, files: Files) -> None:
    """The files below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write base, head and the edits."""
    top = Path(arguments[0])
    size = Size(*map(int, arguments[1:]))
    files = base(size)
    made = edits(files, size)
    write(top / "base", files)
    write(top / "head", head(files, made))
    lines = [f"{edit.does} {edit.policy} {edit.path}\n" for edit in made]
    (top / "edits.txt").write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
