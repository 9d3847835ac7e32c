"""The errors a person can meet: each says what and where, and its hint says what to do.

Inner rooms return diagnostics instead; these are raised at the rim only and turned into an
exit code in one place (`cli.main`).
"""


class ReviewerError(Exception):
    """Something the person who runs us can mend. `exit_code` is what the program ends with."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(ReviewerError):
    """A flag, an argument or an input of the Action is wrong."""


class ConfigError(ReviewerError):
    """The configuration file is wrong; the message carries every mistake with line and column."""


class SourceError(ReviewerError):
    """Git, a folder or a file cannot be read."""


class ManifestError(ReviewerError):
    """A manifest that matters to connectivity is unreadable and `--strict` asked for it."""

    exit_code = 3


class PublishError(ReviewerError):
    """GitHub refused a write. The verdict stands; the report is in the job summary."""
