"""F-35: the label that was probably meant."""

from tests.oracle.cluster import Workload
from tests.oracle.selectors import Requirement, Requirements, matches


def distance(one: str, other: str) -> int:
    """Damerau-Levenshtein: insertions, deletions, substitutions, neighbours swapped."""
    table = {(i, 0): i for i in range(len(one) + 1)}
    table |= {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            differs = one[i - 1] != other[j - 1]
            steps = [
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + differs,
            ]
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                steps.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(steps)
    return table[len(one), len(other)]


def near_label(selector: Requirements, workloads: list[Workload]) -> str:
    """The nearest label instead of one failing requirement; "" where none is near."""
    votes: dict[tuple[int, str], set[str]] = {}
    for workload in workloads:
        for pod in workload.pods:
            failing = [one for one in selector if not matches(frozenset({one}), pod.labels)]
            if len(failing) != 1:
                continue
            for far, text in nearest(failing[0], pod.labels):
                votes.setdefault((far, text), set()).add(workload.id)
    if not votes:
        return ""
    return min(votes, key=lambda one: (one[0], -len(votes[one]), one[1]))[1]


def nearest(failing: Requirement, labels: dict[str, str | None]) -> list[tuple[int, str]]:
    """What one pod carries in place of a requirement, with its distance."""
    found = []
    for wanted in failing.values if failing.operator == "In" else ():
        for key, value in labels.items():
            if value is None:
                continue
            far = distance(wanted, value)
            if key == failing.key and far <= 2 and far * 3 <= len(wanted):
                found.append((far, f"{key}={value}"))
            elif key != failing.key and value == wanted:
                found.append((0, f"{key}={value}"))
    return found
