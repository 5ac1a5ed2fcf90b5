"""Redis: what the server says, and its Python clients."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["REDIS"]

REDIS: tuple[OutageSign, ...] = (
    OutageSign(
        "max-clients",
        "Redis",
        (r"max number of clients( \+ cluster connections)? reached",),
        "max number of clients reached",
    ),
    OutageSign(
        "loading",
        "Redis",
        (r"Redis is loading the dataset in memory",),
        "LOADING Redis is loading the dataset in memory",
    ),
    OutageSign("loading", "Redis", (r"\bBusyLoadingError\b",), "BusyLoadingError: "),
    OutageSign(
        "out-of-memory",
        "Redis",
        (r"command not allowed when used memory > ?'?maxmemory",),
        "OOM command not allowed when used memory > 'maxmemory'.",
    ),
    OutageSign(
        "read-only",
        "Redis",
        (r"You can't write against a read[- ]only (?:replica|slave)",),
        "You can't write against a read only replica.",
    ),
    OutageSign(
        "master-down",
        "Redis",
        (r"Link with MASTER is down and (?:replica|slave)-serve-stale-data",),
        "Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    ),
    OutageSign(
        "no-replicas",
        "Redis",
        (r"Not enough good (?:replicas|slaves) to write",),
        "NOREPLICAS Not enough good replicas to write.",
    ),
    OutageSign(
        "persistence",
        "Redis",
        (
            r"Redis is configured to save RDB snapshots, but",
            r"\bMISCONF\b",
        ),
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    ),
    OutageSign(
        "cluster-down",
        "Redis",
        (
            r"\bCLUSTERDOWN\b",
            r"The cluster is down",
        ),
        "CLUSTERDOWN The cluster is down",
    ),
    OutageSign(
        "busy",
        "Redis",
        (r"Redis is busy running a script",),
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    ),
    OutageSign("no-master", "Redis", (r"No master found for '",), "No master found for 'mymaster'"),
    OutageSign(
        "refused",
        "Redis",
        (r"\bError (?:111|61|10061|-?\d{1,5}) (?:connecting to|while (?:reading|writing))",),
        "Error 111 connecting to localhost:6379. Connection refused.",
    ),
    OutageSign(
        "refused",
        "Redis",
        (r"\bError \d{1,5} connecting\b", r"\bredis(?:\.\w{1,20})?\.exceptions\.(?:Busy\w+|Connection|Timeout)Error\b"),
        "redis.exceptions.ConnectionError: Error 99 connecting",
    ),
    OutageSign(
        "credentials",
        "Redis",
        (
            r"\bNOAUTH\b",
            r"\bWRONGPASS\b",
            r"invalid username-password pair or user is disabled",
            r"HELLO must be called with the client already authenticated",
        ),
        "NOAUTH Authentication required.",
    ),
    OutageSign(
        "timeout",
        "Redis",
        (r"\bTimeout (?:reading from|writing to|connecting to) (?:socket|server|[\w.-]+:\d+)",),
        "Timeout reading from socket",
    ),
    OutageSign(
        "pool-exhausted",
        "Redis",
        (r"^(?:.{0,120}: )?No connection available\.?$",),
        "No connection available.",
        specific=False,
    ),
)
