"""The labels that controllers put on pods beside the template's (S-24), and the pods of a
workload that differ by them (S-25)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reviewer.base.labels import UNKNOWN, Operator, Selector
from reviewer.manifests import WorkloadObject

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
STATEFUL = frozenset({("apps", "StatefulSet"), ("apps.kruise.io", "StatefulSet")})
VALUELESS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("apps", "Deployment"): ("pod-template-hash",),
    ("apps", "StatefulSet"): ("controller-revision-hash",),
    ("apps", "DaemonSet"): ("controller-revision-hash", "pod-template-generation"),
    ("apps.kruise.io", "StatefulSet"): ("controller-revision-hash",),
    ("apps.kruise.io", "DaemonSet"): ("controller-revision-hash", "pod-template-generation"),
    ("argoproj.io", "Rollout"): ("rollouts-pod-template-hash",),
    ("apps.kruise.io", "CloneSet"): (
        "controller-revision-hash",
        "pod-template-hash",
        "apps.kruise.io/cloneset-instance-id",
    ),
}
"""Labels whose value no manifest can name, by (group, kind)."""

UNNAMEABLE = frozenset(
    {
        *(label for labels in VALUELESS.values() for label in labels),
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "serving.knative.dev/revision",
    }
)
"""Every label of S-24 whose value is `?` on some workload; a selector that names one where it is
so gets `controller-label` (S-32)."""


def added_labels(item: WorkloadObject) -> dict[str, str]:
    """What this object's controller adds to every one of its pods; none of an owned object's."""
    kind = (item.ref.group, item.ref.kind)
    name = item.ref.name
    added = dict.fromkeys(VALUELESS.get(kind, ()), UNKNOWN)
    match kind:
        case ("batch", "Job"):
            added |= _job(UNKNOWN if item.generated else name, item)
        case ("batch", "CronJob"):
            added |= _job(UNKNOWN, item)
        case ("apps.openshift.io", "DeploymentConfig"):
            added |= {"deploymentconfig": name, "deployment": UNKNOWN}
        case ("serving.knative.dev", _):
            added |= {
                "serving.knative.dev/service": name,
                "serving.knative.dev/configuration": name,
                "serving.knative.dev/revision": UNKNOWN,
            }
        case ("kubevirt.io", "VirtualMachine"):
            added |= {"kubevirt.io": "virt-launcher", "vm.kubevirt.io/name": name}
    return added


def _job(name: str, item: WorkloadObject) -> dict[str, str]:
    added: dict[str, str] = {}
    if not item.manual_selector:
        added = dict.fromkeys(("controller-uid", "batch.kubernetes.io/controller-uid"), UNKNOWN)
        added |= dict.fromkeys(("job-name", "batch.kubernetes.io/job-name"), name)
    if item.indexed:
        added["batch.kubernetes.io/job-completion-index"] = UNKNOWN
    return added


class Named:
    """Which ordinals the selectors of a snapshot can tell apart.

    A million replicas cost nothing: only an ordinal that some selector names by pod name or
    index becomes a pod of its own, all others are one (S-25).
    """

    def __init__(self, selectors: Iterable[Selector]) -> None:
        self._names: set[str] = set()
        self._indexes: set[str] = set()
        for selector in selectors:
            for key, operator, values in selector:
                if operator in (Operator.IN, Operator.NOT_IN):
                    if key == POD_NAME:
                        self._names.update(values)
                    elif key == POD_INDEX:
                        self._indexes.update(values)

    def ordinals(self, item: WorkloadObject) -> Iterator[int]:
        """The ordinals of a StatefulSet that stand for all: each named one, then the least other
        one. O(names), whatever the number of replicas."""
        first, count = item.ordinals
        named = {*self._of_names(item.ref.name), *map(_number, self._indexes)}
        inside = {i for i in named if i is not None and first <= i < first + count}
        yield from sorted(inside)
        if len(inside) < count:
            other = first
            while other in inside:
                other += 1
            yield other

    def _of_names(self, name: str) -> Iterator[int]:
        for each in self._names:
            if each.startswith(name + "-"):
                number = _number(each[len(name) + 1 :])
                if number is not None:
                    yield number


def _number(text: str) -> int | None:
    """An ordinal as the controller writes it: decimal without leading zeros."""
    if text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"):
        return int(text)
    return None


def is_stateful(item: WorkloadObject) -> bool:
    """Whether this object numbers its pods."""
    return (item.ref.group, item.ref.kind) in STATEFUL


def ordinal_labels(item: WorkloadObject, ordinal: int) -> dict[str, str]:
    """The labels of one numbered pod."""
    return {POD_NAME: f"{item.ref.name}-{ordinal}", POD_INDEX: str(ordinal)}
