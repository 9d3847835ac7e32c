"""GitHub with one open pull request, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.publish.client import Client
from tests.github_double import GitHubDouble
from tests.publish.cases import HEAD, make_client, make_event


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble() as double:
        double.open_pull(7, head=HEAD)
        yield double


@pytest.fixture
def client(github: GitHubDouble, tmp_path: Path) -> Iterator[Client]:
    made = make_client(make_event(github, tmp_path))
    yield made
    made.close()
