"""`netpol-reviewer config FILE`: reads a file from disk and says every mistake."""

from __future__ import annotations

from reviewer.base.errors import ConfigError

from .reading import read_config
from .types import Config


def check(path: str) -> Config:
    """The values of a file.

    Raises: ConfigError where it cannot be read or has a mistake.
    """
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", "name a configuration file that is there"
        ) from error
    return read_config(text, path)
