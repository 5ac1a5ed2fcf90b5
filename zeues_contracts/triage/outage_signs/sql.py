"""SQL databases: PostgreSQL with its poolers, MySQL and MariaDB, SQLite, Oracle."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["SQL"]

SQL: tuple[OutageSign, ...] = (
    OutageSign(
        "slots-reserved",
        "PostgreSQL",
        (r"remaining connection slots are reserved",),
        "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
    ),
    OutageSign(
        "too-many-clients",
        "PostgreSQL",
        (r"sorry, too many clients already",),
        "FATAL:  sorry, too many clients already",
    ),
    OutageSign(
        "too-many-for-role",
        "PostgreSQL",
        (r"too many connections for (?:role|database) ",),
        'FATAL:  too many connections for role "app"',
    ),
    OutageSign(
        "starting",
        "PostgreSQL",
        (
            (
                r"the database system is (?:starting up|shutting down|in recovery mode"
                r"|not yet accepting connections|not accepting connections)"
            ),
        ),
        "FATAL:  the database system is starting up",
    ),
    OutageSign(
        "shutdown",
        "PostgreSQL",
        (
            (
                r"terminating connection due to (?:administrator command|unexpected postmaster exit"
                r"|crash of another server process|conflict with recovery|idle)"
            ),
        ),
        "terminating connection due to administrator command",
    ),
    OutageSign(
        "connection-lost",
        "PostgreSQL",
        (r"server closed the connection unexpectedly",),
        "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally",
    ),
    OutageSign(
        "connection-lost",
        "PostgreSQL",
        (
            r"SSL SYSCALL error: EOF detected",
            r"SSL connection has been closed unexpectedly",
            r"\bconnection was closed in the middle of operation\b",
        ),
        "SSL SYSCALL error: EOF detected",
    ),
    OutageSign(
        "refused",
        "PostgreSQL",
        (
            (
                r"Is the server running (?:on that host and accepting TCP/IP connections"
                r"|locally and accepting connections on that socket)"
            ),
        ),
        (
            'connection to server at "127.0.0.1", port 5432 failed: Connection refused\n\tIs the server r'
            "unning on that host and accepting TCP/IP connections?"
        ),
    ),
    OutageSign(
        "refused",
        "PostgreSQL",
        ((r"connection to server (?:at" r"|on socket) \"[^\"]{1,200}\"(?: \([^)]{1,100}\))?(?:, port \d+)? failed:"),),
        'connection to server at "db" (10.0.0.5), port 5432 failed: timeout expired',
    ),
    OutageSign(
        "refused",
        "PostgreSQL",
        (r"\bcould not connect to server\b",),
        "psycopg2.OperationalError: could not connect to server",
        specific=False,
    ),
    OutageSign(
        "dns",
        "PostgreSQL",
        (
            r"could not translate host name",
            r"failed to resolve host '",
        ),
        'could not translate host name "db.invalid" to address: Name or service not known',
    ),
    OutageSign(
        "credentials",
        "PostgreSQL",
        (
            r"password authentication failed for user",
            r"no pg_hba\.conf entry for host",
        ),
        'FATAL:  password authentication failed for user "app"',
    ),
    OutageSign(
        "no-database",
        "PostgreSQL",
        (r"FATAL:\s+database \"[^\"]{1,100}\" does not exist",),
        'FATAL:  database "zz" does not exist',
    ),
    OutageSign(
        "statement-timeout",
        "PostgreSQL",
        (r"canceling statement due to (?:statement timeout|lock timeout|conflict with recovery)",),
        "canceling statement due to statement timeout",
    ),
    OutageSign(
        "read-only",
        "PostgreSQL",
        (r"cannot execute \w{1,20} in a read-only transaction",),
        "cannot execute INSERT in a read-only transaction",
    ),
    OutageSign(
        "disk-full",
        "PostgreSQL",
        (r"could not (?:extend|write to|write) file \"[^\"]{1,200}\": No space left",),
        'could not extend file "base/5/16384": No space left on device',
    ),
    OutageSign(
        "pgbouncer",
        "PostgreSQL",
        (
            r"no more connections allowed \(max_client_conn\)",
            r"query_wait_timeout",
            r"pgbouncer cannot connect to server",
            r"server_login_has_failed",
            r"server login has been failing",
        ),
        "FATAL: no more connections allowed (max_client_conn)",
    ),
    OutageSign(
        "too-many-connections",
        "MySQL",
        (r"\(?\b(?:ERROR )?1040\b[^\n]{0,20}Too many connections",),
        "(1040, 'Too many connections')",
    ),
    OutageSign(
        "too-many-connections",
        "MySQL",
        (
            r"User \S{1,80} already has more than 'max_user_connections' active connections",
            r"has exceeded the '(?:max_user_connections|max_connections_per_hour|max_questions)' resource",
        ),
        "User app already has more than 'max_user_connections' active connections",
    ),
    OutageSign(
        "refused",
        "MySQL",
        (r"Can't connect to (?:local )?(?:MySQL|MariaDB|server)(?: server)?(?: on| through)",),
        "(2003, \"Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)\")",
    ),
    OutageSign(
        "connection-lost",
        "MySQL",
        (
            r"(?:MySQL|MariaDB)? ?server has gone away",
            r"Lost connection to (?:MySQL |MariaDB )?server",
        ),
        "(2013, 'Lost connection to MySQL server during query')",
    ),
    OutageSign(
        "connection-lost",
        "MySQL",
        (r"\bCommunications link failure\b",),
        "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure",
    ),
    OutageSign(
        "credentials",
        "MySQL",
        (r"Access denied for user '[^']{0,80}'@'",),
        "(1045, \"Access denied for user 'app'@'localhost' (using password: YES)\")",
    ),
    OutageSign(
        "no-database", "MySQL", (r"\(?\b1049\b[^\n]{0,10}Unknown database '",), "(1049, \"Unknown database 'nope'\")"
    ),
    OutageSign(
        "host-blocked",
        "MySQL",
        (r"Host '[^']{1,100}' is blocked because of many connection errors",),
        "Host '10.0.0.9' is blocked because of many connection errors",
    ),
    OutageSign(
        "read-only",
        "MySQL",
        (r"server is running with the --(?:super-)?read-only option",),
        "The MySQL server is running with the --read-only option so it cannot execute this statement",
    ),
    OutageSign(
        "lock-wait",
        "MySQL",
        (r"Lock wait timeout exceeded; try restarting transaction",),
        "(1205, 'Lock wait timeout exceeded; try restarting transaction')",
    ),
    OutageSign(
        "locked",
        "SQLite",
        (
            r"\bdatabase is locked\b",
            r"database table is locked",
        ),
        "(sqlite3.OperationalError) database is locked",
    ),
    OutageSign(
        "disk-full",
        "SQLite",
        (
            r"database or disk is full",
            r"unable to open database file",
            r"\bdisk I/O error\b",
        ),
        "(sqlite3.OperationalError) unable to open database file",
    ),
    OutageSign(
        "refused",
        "Oracle",
        (r"\bORA-(?:12541|12514|12528|12505|12170|03113|03114|01033|01034|01089)\b",),
        "ORA-12541: TNS:no listener",
    ),
    OutageSign(
        "too-many",
        "Oracle",
        (r"\bORA-(?:00018|00020|12516|12519|12520)\b",),
        "ORA-00020: maximum number of processes (300) exceeded",
    ),
)
