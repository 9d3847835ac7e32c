"""What each check means and what to do about it, for code scanning and `docs/checks.md` (P-50)."""

from __future__ import annotations

from typing import NamedTuple


class CheckText(NamedTuple):
    """A title, what it means, and what to do; plain sentences."""

    title: str
    meaning: str
    advice: str


NARROW = (
    "Give the rule at this line back its peers and ports, or accept the flow with a waiver on the "
    "base branch."
)
MIRROR = "Let the other side allow it too, or remove the rule that cannot work alone."
ISOLATE = "Add a policy that selects the workload, or the namespace's default deny."
CORRECT = "Correct the selector, or remove what no longer has a purpose."
RESTORE = "Give back the rule that allowed it, or say in the change that the path is not needed."

TEXTS: dict[str, CheckText] = {
    "new-workload-not-isolated": CheckText(
        "A new workload is not isolated",
        "The change adds a workload that no policy restricts, so anything may reach it.",
        ISOLATE,
    ),
    "policy-deleted-opens": CheckText(
        "A removed policy opens flows",
        "The change removes a policy, and what it kept out is now let in.",
        "Restore the policy, or narrow what replaces it.",
    ),
    "lost-isolation": CheckText(
        "A workload lost its isolation",
        "A workload that policies restricted on the base revision is unrestricted now.",
        "Give back the label, selector or rule that the change took away.",
    ),
    "metadata-service-reachable": CheckText(
        "A workload can reach the cloud metadata service",
        "The change lets a workload reach the address that hands out the node's credentials.",
        "Except 169.254.169.254/32 from the block, or name the addresses that are needed.",
    ),
    "admin-port-open": CheckText(
        "An administration port opens",
        "The change lets more sources reach a port made for administration or debugging.",
        NARROW,
    ),
    "world-ingress": CheckText(
        "A workload opens to the internet",
        "The change lets addresses outside the cluster reach a workload that the base revision "
        "closed to them.",
        NARROW,
    ),
    "sensitive-open": CheckText(
        "A sensitive workload opens",
        "The change lets more sources reach a data store, queue, secret store or administration "
        "port.",
        NARROW,
    ),
    "ingress-exposed": CheckText(
        "A workload is published through an Ingress",
        "The change lets an Ingress, Route or Gateway object lead to a workload.",
        "Check that it is meant to be published, and that its policy admits the controller alone.",
    ),
    "private-range-open": CheckText(
        "A workload opens to private addresses",
        "The change lets private address ranges reach a workload; nodes, other clusters and peered "
        "networks are in them.",
        NARROW,
    ),
    "cross-namespace-open": CheckText(
        "A workload opens to other namespaces",
        "The change lets workloads of other namespaces reach a workload.",
        NARROW,
    ),
    "world-egress": CheckText(
        "A workload can reach the internet",
        "The change lets a workload reach addresses outside the cluster.",
        "Name the addresses that it needs.",
    ),
    "intent-violated": CheckText(
        "An intent is violated",
        "The configuration says what must or must not be reachable, and the change breaks it.",
        "Change the rule at this line, or the intent on the base branch.",
    ),
    "intent-standing": CheckText(
        "An intent was violated before",
        "What an intent forbids or requires was violated on the base revision already.",
        "Nothing of this change; the base revision needs mending.",
    ),
    "intent-vacuous": CheckText(
        "An intent matches nothing",
        "An intent of the configuration selects no workload, so it guards nothing.",
        "Correct its selectors, or the labels that the change took away.",
    ),
    "transit-path-opened": CheckText(
        "A new path leads to a sensitive workload",
        "In a few steps an outside source now reaches a sensitive workload that it did not before.",
        "Close one of the steps.",
    ),
    "blast-radius-grown": CheckText(
        "More workloads are in reach of the internet",
        "The number of workloads that the internet reaches in any number of steps has grown.",
        "Look at the opened flows; each makes a way further in.",
    ),
    "dns-lost": CheckText(
        "Names can no longer be resolved",
        "Workloads have no egress to a name server any more; most stop working.",
        "Allow UDP and TCP 53 to the pods labelled k8s-app=kube-dns in kube-system.",
    ),
    "ingress-backend-blocked": CheckText(
        "An Ingress leads to a workload that blocks it",
        "An Ingress, Route or Gateway object leads to a workload whose policies do not admit the "
        "controller.",
        "Admit the namespace of the controller.",
    ),
    "service-unreachable": CheckText(
        "A Service in use can no longer be reached",
        "A workload names a Service in its environment or arguments and may no longer reach the "
        "pods behind it.",
        RESTORE,
    ),
    "monitoring-path-lost": CheckText(
        "Monitoring loses a metrics port",
        "A collector may no longer reach the metrics port of a workload.",
        RESTORE,
    ),
    "half-open": CheckText(
        "A rule allows what the other side denies",
        "Both ends must allow a flow; one does here, the other does not.",
        MIRROR,
    ),
    "nothing-left": CheckText(
        "A workload is cut off",
        "Nothing may reach the workload any more, or it may reach nothing.",
        RESTORE,
    ),
    "field-widens": CheckText(
        "A field that does not exist widens a rule",
        "An unknown field is dropped, and what is left of the rule means everything.",
        "Put labels under matchLabels and peers under from or to.",
    ),
    "policy-selects-nothing": CheckText(
        "A policy selects no workload",
        "No workload of its namespace has the labels that the policy asks for.",
        CORRECT,
    ),
    "peer-selects-nothing": CheckText(
        "A peer matches nothing",
        "No workload has the labels that a peer of the rule asks for.",
        CORRECT,
    ),
    "namespace-label-unset": CheckText(
        "No namespace has the label asked for",
        "A namespace selector asks for a label that no Namespace object carries.",
        "Use kubernetes.io/metadata.name, which every namespace has, or set the label.",
    ),
    "port-unresolved": CheckText(
        "A port name is not declared",
        "The rule names a port that no selected pod declares, so it allows nothing.",
        "Correct the name, or declare it in the pod.",
    ),
    "service-port-in-rule": CheckText(
        "A rule names a Service's port",
        "Policies see the port of the pod, not that of the Service before it.",
        "Use the Service's target port.",
    ),
    "split-selector": CheckText(
        "Two list items where one was meant",
        "A namespace selector and a pod selector in two items are alternatives: the whole "
        "namespace is let in.",
        "Drop the second dash, so that both must hold.",
    ),
    "split-ports": CheckText(
        "A dash parts peers from their ports",
        "Peers and ports in two rules are alternatives: every peer may use these ports, and these "
        "peers every port.",
        "Drop the dash before ports.",
    ),
    "types-forgotten": CheckText(
        "Rules of a direction that policyTypes leaves out",
        "Rules of a direction that the policy does not govern have no effect.",
        "Name the direction in policyTypes.",
    ),
    "open-rule": CheckText(
        "An open rule for pods that are not in the manifests",
        "The policy selects no workload here, but any pod that it will select is open.",
        NARROW,
    ),
    "broad-cidr": CheckText(
        "A very large address block",
        "The block covers far more addresses than a network usually has.",
        "Name the addresses that are needed.",
    ),
    "untidy-cidr": CheckText(
        "A block is said twice",
        "An address block repeats another, or an exception lies inside another.",
        "Remove the repetition.",
    ),
    "except-undone": CheckText(
        "An exception is let in elsewhere",
        "Policies add up: what one excepts, another lets in.",
        "Except it there too, or drop the exception.",
    ),
    "redundant-rule": CheckText(
        "A rule adds nothing",
        "Another rule for the same pods already allows everything that this one allows.",
        "Remove it, if it is not there for the reader.",
    ),
    "policy-without-effect": CheckText(
        "A policy changes no flow",
        "With or without this policy, every flow is the same.",
        "Check that its selectors and rules say what is meant.",
    ),
    "controller-label-selected": CheckText(
        "A selector asks for a controller's label",
        "The label is set by a controller and changes with each rollout.",
        "Use a label of your own.",
    ),
    "admin-overrides": CheckText(
        "An admin policy decides before this rule",
        "Every packet that the rule speaks of is decided by an admin policy.",
        "Remove the rule, or let the admin policy pass.",
    ),
    "priority-tie": CheckText(
        "Two admin policies have one priority",
        "Which of the two is asked first is not defined.",
        "Give them different priorities.",
    ),
    "policy-unseen": CheckText(
        "A changed policy whose pods are not in the manifests",
        "What the change does cannot be told from these manifests.",
        "Review it by hand, or add the workloads to the manifests.",
    ),
    "workload-not-isolated": CheckText(
        "A workload is not isolated",
        "No policy restricts who reaches the workload.",
        ISOLATE,
    ),
    "namespace-no-default-deny": CheckText(
        "A namespace without default deny",
        "A new pod in this namespace would be open to everyone.",
        "Add a policy with an empty podSelector and no ingress rules.",
    ),
    "egress-unrestricted": CheckText(
        "Workloads reach any address",
        "No policy restricts what workloads of this namespace reach.",
        "Add a policy of type Egress that names what they need.",
    ),
    "host-network-workload": CheckText(
        "Policies do not apply to a workload",
        "Pods on the host network are part of their node; policies do not govern them.",
        "Move it off the host network, or guard its ports on the node.",
    ),
    "waiver-expired": CheckText(
        "A waiver has expired",
        "A waiver would have accepted something, but its last day is over.",
        "Renew it on the base branch, or mend what it accepted.",
    ),
    "waiver-unused": CheckText(
        "A waiver accepts nothing",
        "Nothing that stands is accepted by this waiver.",
        "Remove it.",
    ),
    "config-changed": CheckText(
        "The change edits the configuration",
        "The change is judged by the configuration of the base side; its own takes effect after "
        "the merge.",
        "Review the edit as carefully as the policies.",
    ),
}
"""By the id of the check."""
