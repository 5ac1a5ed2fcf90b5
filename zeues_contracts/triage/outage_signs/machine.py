"""The machine itself: memory, disk, threads, file descriptors."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["MACHINE"]

MACHINE: tuple[OutageSign, ...] = (
    OutageSign(
        "file-descriptors",
        "",
        (
            r"\[Errno 24\]",
            r"\bEMFILE\b",
            r"too many open files",
        ),
        "[Errno 24] Too many open files",
    ),
    OutageSign(
        "memory",
        "",
        (
            r"\[Errno 12\] Cannot allocate memory",
            r"\bENOMEM\b",
            r"java\.lang\.OutOfMemoryError",
        ),
        "[Errno 12] Cannot allocate memory",
    ),
    OutageSign(
        "threads",
        "",
        (
            r"can't start new thread",
            r"unable to create (?:new )?native thread",
        ),
        "RuntimeError: can't start new thread",
    ),
    OutageSign(
        "disk-full",
        "",
        (
            r"\[Errno 28\]",
            r"No space left on device",
            r"\bENOSPC\b",
            r"Read-only file system",
            r"\[Errno 30\]",
            r"Disk quota exceeded",
        ),
        "[Errno 28] No space left on device",
    ),
    OutageSign(
        "memory",
        "",
        (r"\bcannot allocate memory\b", r"\bOutOfMemoryError\b", r"\bstd::bad_alloc\b"),
        "OSError: [Errno 12] Cannot allocate memory",
        specific=False,
    ),
)
