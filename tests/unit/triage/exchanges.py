# ruff: noqa: E501
"""Recorded outage and bug exchanges: the texts are those of real servers and drivers.

Redis 7.0 (redis-py), PostgreSQL 15 (psycopg, psycopg2, asyncpg, SQLAlchemy) and MariaDB 10.11 (PyMySQL) were run into
each of their faults; MongoDB's, the HTTP clients' and the rest are the clients' own.
"""

import json

from zeues_contracts.exchange import Exchange, Request, Response

JSON = "application/json"


def exchange(method="POST", path="/api/occupation/tomar", status=500, body=None, *, sent=None, error="", **headers):
    """An exchange on a loopback service; ``body`` is text as it came, or a value to be sent as JSON."""
    kind = headers.pop("content_type", JSON)
    request_body = None if sent is None else json.dumps(sent).encode()
    request = Request(method, f"http://127.0.0.1:8000{path}", (("content-type", JSON),), request_body)
    if error:
        return Exchange(request, None, error, error)
    raw = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    names = tuple((key.replace("_", "-"), str(value)) for key, value in headers.items())
    return Exchange(request, Response(status, (("content-type", kind), *names), raw))


def detail(text, status=500, **more):
    return exchange(status=status, body={"detail": text}, **more)


def page(status, text, **more):
    return exchange(status=status, body=text, content_type="text/html", **more)


NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>nginx</center>"
)

# (what it is, the dependency that must be named or None for any, the exchange)
OUTAGES = [
    # Redis, as redis-py 8 puts it
    ("redis-py's pool of the facts sheet", None, detail("Internal server error: Too many connections")),
    ("redis maxclients", "Redis", detail("Internal server error: max number of clients reached")),
    ("redis refused", "Redis", detail("Error 111 connecting to localhost:6379. Connection refused.")),
    (
        "redis.asyncio refused",
        "Redis",
        detail("Error 111 connecting to localhost:6379. Connect call failed ('127.0.0.1', 6379)."),
    ),
    ("redis name", "Redis", detail("Error -2 connecting to redis.invalid:6379. Name or service not known.")),
    ("redis silent", "Redis", detail("Timeout reading from socket")),
    ("redis.asyncio silent", "Redis", detail("Timeout reading from localhost:6379")),
    ("redis blocking pool", "Redis", detail("No connection available.")),
    ("redis out of memory", "Redis", detail("command not allowed when used memory > 'maxmemory'.")),
    ("redis read-only", "Redis", detail("You can't write against a read only replica.")),
    (
        "redis master down",
        "Redis",
        detail("Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
    ),
    ("redis replicas", "Redis", detail("NOREPLICAS Not enough good replicas to write.")),
    (
        "redis password",
        "Redis",
        detail("invalid username-password pair or user is disabled."),
    ),
    ("redis loading", "Redis", detail("Redis is loading the dataset in memory")),
    ("redis health endpoint", "Redis", detail("Redis not responding: Too many connections", status=503)),
    # PostgreSQL, as psycopg, psycopg2, asyncpg and SQLAlchemy put it
    (
        "psycopg slots",
        "PostgreSQL",
        detail(
            'connection failed: connection to server at "127.0.0.1", port 5432 failed: FATAL:  remaining connection '
            "slots are reserved for non-replication superuser connections"
        ),
    ),
    (
        "asyncpg slots",
        "PostgreSQL",
        detail("remaining connection slots are reserved for non-replication superuser connections"),
    ),
    ("asyncpg clients", "PostgreSQL", detail("sorry, too many clients already")),
    (
        "psycopg2 clients",
        "PostgreSQL",
        detail('connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already\n'),
    ),
    (
        "psycopg refused",
        "PostgreSQL",
        detail(
            'connection failed: connection to server at "127.0.0.1", port 5432 failed: Connection refused\n\tIs the '
            "server running on that host and accepting TCP/IP connections?"
        ),
    ),
    ("asyncpg refused", "PostgreSQL", detail("[Errno 111] Connect call failed ('127.0.0.1', 5432)")),
    (
        "postgres terminated",
        "PostgreSQL",
        detail("terminating connection due to administrator command"),
    ),
    (
        "psycopg2 terminated",
        "PostgreSQL",
        detail(
            "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\t"
            "before or while processing the request.\n"
        ),
    ),
    (
        "postgres password",
        "PostgreSQL",
        detail('connection to server at "db", port 5432 failed: FATAL:  password authentication failed for user "app"'),
    ),
    (
        "psycopg name",
        "PostgreSQL",
        detail("failed to resolve host 'postgres.invalid': [Errno -2] Name or service not known"),
    ),
    (
        "psycopg socket",
        "PostgreSQL",
        detail(
            'connection is bad: connection to server on socket "/tmp/.s.PGSQL.5432" failed: No such file or directory'
        ),
    ),
    ("postgres timeout", "PostgreSQL", detail("canceling statement due to statement timeout")),
    ("postgres starting", "PostgreSQL", detail("FATAL:  the database system is starting up")),
    (
        "sqlalchemy refused",
        "PostgreSQL",
        detail(
            "(psycopg.OperationalError) connection failed: connection to server at \"127.0.0.1\", port 5432 failed: "
            "Connection refused\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"
        ),
    ),
    (
        "sqlalchemy pool",
        "database",
        detail(
            "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on this "
            "error at: https://sqlalche.me/e/21/3o7r)"
        ),
    ),
    # MySQL and MariaDB, as PyMySQL puts it
    ("mysql too many", "MySQL", detail("(1040, 'Too many connections')")),
    (
        "mysql refused",
        "MySQL",
        detail("(2003, \"Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)\")"),
    ),
    ("mysql lost", "MySQL", detail("(2013, 'Lost connection to MySQL server during query')")),
    ("mysql gone", "MySQL", detail("(2006, 'MySQL server has gone away')")),
    ("mysql password", "MySQL", detail("(1045, \"Access denied for user 'app'@'localhost' (using password: YES)\")")),
    (
        "mysql name",
        "MySQL",
        detail("(2003, \"Can't connect to MySQL server on 'db.invalid' ([Errno -2] Name or service not known)\")"),
    ),
    # others
    (
        "pymongo refused",
        "MongoDB",
        detail(
            "127.0.0.1:27017: [Errno 111] Connection refused (configured timeouts: socketTimeoutMS: 20000.0ms), "
            "Timeout: 30s, Topology Description: <TopologyDescription id: 6b05673ff825bc1d8f59d7aa, topology_type: "
            "Unknown, servers: []>"
        ),
    ),
    ("pika", "RabbitMQ", page(500, "Traceback (most recent call last):\npika.exceptions.AMQPConnectionError\n")),
    ("kafka", "Kafka", detail("kafka.errors.NoBrokersAvailable: NoBrokersAvailable")),
    ("kafka metadata", "Kafka", detail("KafkaTimeoutError: Failed to update metadata after 60.0 secs.")),
    ("elasticsearch", "Elasticsearch", detail("elastic_transport.ConnectionError: Connection error")),
    ("requests dns", None, detail(
        "HTTPConnectionPool(host='api.invalid', port=80): Max retries exceeded with url: /x (Caused by "
        'NameResolutionError("HTTPConnection(host=\'api.invalid\', port=80): Failed to resolve \'api.invalid\' '
        '([Errno -2] Name or service not known)"))'
    )),
    ("httpx refused", None, detail("[Errno 111] Connection refused")),
    ("aiohttp refused", None, detail("Cannot connect to host 10.0.0.7:80 ssl:default [Connect call failed ('10.0.0.7', 80)]")),
    ("requests timeout", None, detail("HTTPConnectionPool(host='10.0.0.9', port=80): Read timed out. (read timeout=3)")),
    ("tls", "TLS", detail(
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)"
    )),
    ("node refused", None, detail("connect ECONNREFUSED 10.0.0.1:3000")),
    ("go refused", "Redis", detail("dial tcp 10.0.0.1:6379: connect: connection refused")),
    ("disk", None, detail("[Errno 28] No space left on device: '/var/lib/app/x'")),
    ("descriptors", None, detail("[Errno 24] Too many open files")),
    ("sheets quota", "Google Sheets", detail(
        "APIError: [429]: Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per "
        "user' of service 'sheets.googleapis.com' for consumer 'project_number:1'."
    )),
    ("sheets down", "Google Sheets", exchange(
        status=503,
        body={"success": False, "error": "SHEETS_CONNECTION_ERROR", "message": "Google Sheets unavailable", "data": None},
    )),
    ("circuit", None, detail("CircuitBreaker 'inventory' is OPEN and does not permit further calls")),
    # proxies and statuses
    ("nginx 502", None, page(502, NGINX.format("502 Bad Gateway"))),
    ("nginx 504", None, page(504, NGINX.format("504 Gateway Time-out"))),
    ("nginx 503", None, page(503, NGINX.format("503 Service Temporarily Unavailable"))),
    ("envoy 503", None, exchange(
        status=503,
        body="upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        content_type="text/plain",
    )),
    ("503 with Retry-After", None, exchange(status=503, body={"detail": "later"}, retry_after=30)),
    ("429 with Retry-After", None, exchange(status=429, body={"detail": "slow down"}, retry_after=2)),
    ("429 by its text", None, exchange(status=429, body={"error": "Rate limit exceeded: 5 per 1 minute"})),
    ("cloudflare 522", None, page(522, "<title>522: Connection timed out</title>")),
    ("no backend", None, page(404, "default backend - 404")),
    ("kong without a route", None, exchange(status=404, body={"message": "no Route matched with those values"})),
    ("apisix without a route", None, exchange(status=404, body={"error_msg": "404 Route Not Found"})),
    (
        "aws api gateway without a route",
        None,
        exchange(status=403, body={"message": "Missing Authentication Token"}, x_amzn_errortype="x"),
    ),
    ("refused", None, exchange(error="refused")),
    ("unresolved", "DNS", exchange(error="dns")),
    ("handshake", "TLS", exchange(error="tls")),
    # failures that hide
    ("an outage behind a 400", "Redis", detail("Error 111 connecting to localhost:6379. Connection refused.", status=400)),
    ("an outage in a batch's 200", None, exchange(
        path="/api/occupation/batch-tomar",
        status=200,
        body={
            "total": 1,
            "succeeded": 0,
            "failed": 1,
            "details": [{"success": False, "tag_spool": "T-1", "message": "Too many connections"}],
        },
    )),
    ("an outage, and an error while it was handled", "Redis", page(
        500,
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in get\nredis.exceptions.ConnectionError: Error "
        "111 connecting to localhost:6379. Connection refused.\n\nDuring handling of the above exception, another "
        "exception occurred:\n\nUnboundLocalError: cannot access local variable 'lock' where it is not associated "
        "with a value\n",
    )),
    ("oracle listener", "Oracle", detail("ORA-12541: TNS:no listener")),
    ("oracle processes", "Oracle", detail("ORA-00020: maximum number of processes (300) exceeded")),
    ("dotnet pool", "database", detail("Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool.")),
    ("boto endpoint", None, detail('Could not connect to the endpoint URL: "https://s3.amazonaws.com/"')),
    ("google 503", None, detail("503 The service is currently unavailable.")),
    ("out of memory", None, detail("[Errno 12] Cannot allocate memory")),
    ("hikari", None, detail("HikariPool-1 - Connection is not available, request timed out after 30001ms.")),
    ("grpc", None, detail("StatusCode.UNAVAILABLE failed to connect to all addresses")),
    ("redis persistence", "Redis", detail("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.")),
    ("redis cluster", "Redis", detail("CLUSTERDOWN The cluster is down")),
    ("go pq", "PostgreSQL", detail("pq: the database system is in recovery mode")),
    ("go lookup", None, detail("dial tcp: lookup db on 10.0.0.2:53: no such host")),
]  # fmt: skip

BUGS = [
    ("the bug of the facts sheet", detail("'CompletarRequest' object has no attribute 'operacion'")),
    ("the bug behind it", detail("Can't completar when in completado.")),
    ("redis in an attribute error", detail("'Redis' object has no attribute 'get_lock'")),
    ("redis in a wrong call", detail("Redis.__init__() got an unexpected keyword argument 'max_connection'")),
    ("redis used wrongly", detail("WRONGTYPE Operation against a key holding the wrong kind of value")),
    ("redis without a script", detail("No matching script. Please use EVAL.")),
    ("redis without such a command", detail("unknown command 'FOO', with args beginning with: ")),
    ("redis not set up", detail("'NoneType' object has no attribute 'redis'")),
    ("a name with redis", detail("name 'redis_client' is not defined")),
    ("a connection without a method", detail("'Connection' object has no attribute 'excute'")),
    ("postgres unique", detail(
        'duplicate key value violates unique constraint "t_pkey"\nDETAIL:  Key (id)=(1) already exists.'
    )),
    ("postgres not null", detail('null value in column "n" of relation "t" violates not-null constraint')),
    ("postgres column", detail('column "zz" does not exist\nLINE 1: select zz from t\n               ^')),
    ("postgres syntax", detail('syntax error at or near "selec"\nLINE 1: selec\n        ^')),
    ("postgres value", detail('invalid input syntax for type integer: "a"\nLINE 1: select \'a\'::int')),
    ("sqlalchemy unique", detail(
        '(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint "t_pkey"\n[SQL: insert]\n'
        "(Background on this error at: https://sqlalche.me/e/21/gkpj)"
    )),
    ("mysql duplicate", detail("(1062, \"Duplicate entry '1' for key 'PRIMARY'\")")),
    ("mysql column", detail("(1054, \"Unknown column 'zz' in 'SELECT'\")")),
    ("mysql syntax", detail("(1064, \"You have an error in your SQL syntax; check the manual\")")),
    ("a validation's text", detail("1 validation error for OccupationResponse\nmessage\n  Field required")),
    ("key error", detail("KeyError: 'connections'")),
    ("zero", detail("division by zero")),
    ("not JSON", detail("Object of type datetime is not JSON serializable")),
    ("a traceback", page(500, 'Traceback (most recent call last):\n  File "redis_lock.py", line 3\nIndexError: list index out of range\n')),
    ("surrogates", detail("'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed")),
    ("node", detail("Cannot read properties of undefined (reading 'connection')")),
    ("java", detail('java.lang.NullPointerException: Cannot invoke "RedisTemplate.opsForValue()" because it is null')),
    ("go", detail("runtime error: invalid memory address or nil pointer dereference")),
    ("a bug that quotes", detail("invalid literal for int() with base 10: 'Too many connections'")),
    ("a bug that quotes a driver", detail("KeyError: 'Connection refused'")),
    ("an echo of the request", detail(
        "ValueError: comment too long: Too many connections", sent={"comment": "Too many connections"}
    )),
    ("naive and aware", detail("can't subtract offset-naive and offset-aware datetimes")),
    ("a state machine", detail("Can't trigger event completar from state completado!")),
    ("an argument that is called redis", detail("missing 1 required positional argument: 'redis'")),
    ("a module that is called redis", detail("ModuleNotFoundError: No module named 'redis'")),
    ("a constraint that is called timeout", detail('duplicate key value violates unique constraint "timeout_pkey"')),
    ("an assertion about a connection", detail("AssertionError: connection must be open")),
]  # fmt: skip

NEITHER = [
    ("a page that is not there", page(404, "<h1>Connection not found</h1><p>No connection to Redis here.</p>", method="GET")),
    ("an article", exchange("GET", "/kb/7", 200, {"title": "Connection refused", "body": "Too many connections: what to do"})),
    ("an article in text", exchange("GET", "/kb/7", 200, "Error 111 connecting to localhost:6379", content_type="text/plain")),
    ("a validation error", exchange(status=422, body={"detail": [{"loc": ["body", "fecha_operacion"], "msg": "Field required", "type": "missing"}]})),
    ("a conflict", exchange(status=409, body={"detail": "Spool already occupied; too many connections to it"})),
    ("a business 503", exchange(status=503, body={"success": False, "error": "FEATURE_OFF", "message": "Not in your plan"})),
    ("a business 429", exchange(status=429, body={"error": "BOOKINGS", "message": "You already hold three bookings"})),
    ("a refusal", exchange(status=403, body={"detail": "connection not allowed"})),
    ("a spool that is gone", exchange(status=410, body={"detail": "The lock expired"})),
    ("an untold 500", exchange(status=500, body="Internal Server Error", content_type="text/plain")),
    ("an echo of the request alone", exchange(
        status=400, body={"detail": "unknown text: Error 111 connecting to x:1. Connection refused."},
        sent={"text": "Error 111 connecting to x:1. Connection refused."},
    )),
    ("an echo in a 500", exchange(
        status=500, body={"detail": "cannot store Too many connections"}, sent={"text": "Too many connections"}
    )),
]  # fmt: skip
