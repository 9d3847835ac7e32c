"""Reviews what a change to Kubernetes NetworkPolicies opens and closes."""

__version__ = "0.1.0"
