"""The Services of one side that have a selector, by name and by port (S-47, F-34)."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.base.labels import Operator, Selector, requirement
from reviewer.manifests import ServiceObject

Selected = dict[Selector, list[ServiceObject]]
"""Services by what they select."""

Translated = dict[int, Selected]
"""Services in order of name by a port of theirs whose target is, or may by its name be, another
number."""


class Services:
    """Answers by namespace, each index made once."""

    def __init__(self, services: Iterable[ServiceObject]) -> None:
        self._named: dict[tuple[str, str], ServiceObject] = {}
        self._translated: dict[str, Translated] = {}
        for service in sorted(services, key=lambda each: each.ref.path):
            if not service.selector:
                continue
            namespace, name = service.ref.namespace, service.ref.name
            self._named[namespace, name] = service
            selector = service_selector(service)
            for port in service.ports:
                if port.target not in (None, port.number):
                    ports = self._translated.setdefault(namespace, {})
                    ports.setdefault(port.number, {}).setdefault(selector, []).append(service)

    def named(self, namespace: str, name: str) -> ServiceObject | None:
        """The Service of that name; None without one that selects pods."""
        return self._named.get((namespace, name))

    def translated(self, namespace: str) -> Translated:
        """The Services of a namespace by the ports that pods do not see (S-47)."""
        return self._translated.get(namespace, {})


def service_selector(service: ServiceObject) -> Selector:
    """A Service's selector in canonical form."""
    pairs = (service.selector or {}).items()
    return Selector(sorted(requirement(key, Operator.IN, (value,)) for key, value in pairs))
