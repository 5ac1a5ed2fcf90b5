"""Pools of connections, whatever they lead to."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["POOLS"]

POOLS: tuple[OutageSign, ...] = (
    OutageSign(
        "pool-exhausted",
        "database",
        (r"QueuePool limit of size \d+ overflow -?\d+ reached",),
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    ),
    OutageSign(
        "pool-exhausted",
        "database",
        (
            r"\bPoolTimeout\b(?!\w)[^\n]{0,40}couldn't get a connection",
            r"couldn't get a connection after",
        ),
        "couldn't get a connection after 30.00 sec",
    ),
    OutageSign(
        "pool-exhausted",
        "database",
        (
            r"Connection is not available, request timed out after",
            r"HikariPool-\d+",
            r"Timed out fetching a new connection from the connection pool",
            r"ResourceRequest timed out",
            r"Timeout acquiring a connection\. The pool is probably full",
            r"connection pool exhausted",
            r"could not obtain a database connection within",
            r"pool exhausted: couldn't",
            r"Cannot get a connection, pool error",
        ),
        "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
    ),
    OutageSign(
        "pool-exhausted",
        "",
        (
            r"\bMaxConnectionsError\b",
            r"(?:connection )?pool(?: is)? exhausted",
            r"\btoo many connections\b",
        ),
        "Too many connections",
        specific=False,
    ),
    OutageSign(
        "no-connection",
        "database",
        (
            r"\bUnable to acquire JDBC Connection\b",
            r"\bCould not open JDBC Connection for transaction\b",
            r"\bCannotGetJdbcConnectionException\b",
            r"\bJDBCConnectionException\b",
        ),
        "org.hibernate.exception.JDBCConnectionException: Unable to acquire JDBC Connection",
    ),
    OutageSign(
        "refused",
        "database",
        (
            (
                r"\bSequelize(?:Connection(?:Refused|TimedOut|AcquireTimeout)?|HostNotFound|HostNotReachable"
                r"|AccessDenied)Error\b"
            ),
        ),
        "SequelizeConnectionRefusedError",
    ),
    OutageSign(
        "pool-exhausted",
        "database",
        (r"elapsed prior to obtaining a connection from the pool",),
        "Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool.",
    ),
)
