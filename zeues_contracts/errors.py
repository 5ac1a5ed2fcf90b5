"""What ends a run early, each with the exit code that the user sees.

Every message is one line: what is wrong, where (file, line or JSON pointer), and what to do about it.
"""

from __future__ import annotations

__all__ = ["CannotJudgeError", "DefectError", "UsageError", "ZeuesContractsError"]


class ZeuesContractsError(Exception):
    """Something that ends the run with one line on standard error.

    ``hint`` is the next step, printed after the message; it may be empty.
    """

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ZeuesContractsError):
    """The command line, the configuration or an input file cannot be used. Exit code 2."""

    exit_code = 2


class CannotJudgeError(ZeuesContractsError):
    """The service, or something it depends on, is down or does not let us in. Exit code 3; no drift is claimed."""

    exit_code = 3


class DefectError(ZeuesContractsError):
    """A defect of this tool. Exit code 4."""

    exit_code = 4
