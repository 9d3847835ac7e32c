"""A server to fetch from, its repository, and a store that fetches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.sources.fetch import Remote, Store
from tests.git_repository import GitRepository
from tests.github_double import TOKEN, GitHubDouble


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble() as double:
        double.git_root = tmp_path / "server"
        yield double


@pytest.fixture
def origin(github: GitHubDouble) -> GitRepository:
    assert github.git_root is not None
    return GitRepository(github.git_root)


@pytest.fixture
def store(github: GitHubDouble, origin: GitRepository) -> Iterator[Store]:
    assert origin.path.exists()
    with Store(Remote(address=f"{github.url}/octo/shop", token=TOKEN, variables={})) as made:
        yield made
