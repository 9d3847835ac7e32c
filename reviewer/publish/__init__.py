"""Speaks to GitHub: sticky comment, check run, job summary, annotations, outputs."""

from reviewer.publish.client import Client, Manners
from reviewer.publish.delivery import deliver, say_verdict
from reviewer.publish.event import EVENTS, read_event
from reviewer.publish.inputs import CONFIG_DEFAULT, INPUTS, read_inputs
from reviewer.publish.log import CleanStream, CommandFormatter, start_log
from reviewer.publish.outbox import ReportFolder
from reviewer.publish.pulls import approving_logins, find_pull
from reviewer.publish.summary import tell_refusal
from reviewer.publish.types import (
    ApiError,
    CommitRange,
    Delivery,
    DoubtfulError,
    Event,
    ForbiddenError,
    Inputs,
    NamedRange,
    Nothing,
    Pull,
    Runner,
    RunOfPull,
)

__all__ = [
    "CONFIG_DEFAULT",
    "EVENTS",
    "INPUTS",
    "ApiError",
    "CleanStream",
    "Client",
    "CommandFormatter",
    "CommitRange",
    "Delivery",
    "DoubtfulError",
    "Event",
    "ForbiddenError",
    "Inputs",
    "Manners",
    "NamedRange",
    "Nothing",
    "Pull",
    "ReportFolder",
    "RunOfPull",
    "Runner",
    "approving_logins",
    "deliver",
    "find_pull",
    "read_event",
    "read_inputs",
    "say_verdict",
    "start_log",
    "tell_refusal",
]
