"""The table of texts that say that something is out. A new one is a row with a real example.

Order matters where texts overlap: a product's own words stand before those of the network.
"""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["OUTAGES"]

_PRODUCTS = (
    r"(?:redis|valkey|memcached?|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|elasticsearch|opensearch|cassandra|"
    r"rabbitmq|amqp|kafka|nats|celery|(?:google )?sheets|minio|consul|etcd|zookeeper|ldap|smtp|vault|keycloak|"
    r"(?:message )?broker|database|db|cache|upstream|backend)"
)

OUTAGES: tuple[OutageSign, ...] = (
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
        "no-server",
        "MongoDB",
        (
            r"ServerSelectionTimeoutError",
            r"No replica set members (?:found yet|match selector)",
            r"No servers? (?:found yet|available for|match)",
            r"Topology Description: <TopologyDescription",
        ),
        "ServerSelectionTimeoutError: localhost:27017: [Errno 111] Connection refused",
    ),
    OutageSign(
        "no-primary",
        "MongoDB",
        (
            r"\bNotPrimaryError\b",
            r"not primary and secondaryOk=false",
            r"\bnot master\b",
            r"NotWritablePrimary",
            r"node is recovering",
        ),
        "NotPrimaryError: not primary and secondaryOk=false",
    ),
    OutageSign(
        "pool-exhausted",
        "MongoDB",
        (
            r"Timed out while checking out a connection from connection pool",
            r"WaitQueueTimeoutError",
        ),
        "Timed out while checking out a connection from connection pool. maxPoolSize: 100",
    ),
    OutageSign(
        "connection-lost",
        "MongoDB",
        (
            r"\bAutoReconnect\b",
            r"MongoNetworkError",
            r"MongoNotConnectedError",
            r"MongoTopologyClosedError",
            r"MongoServerSelectionError",
        ),
        "pymongo.errors.AutoReconnect: connection closed",
    ),
    OutageSign(
        "refused",
        "RabbitMQ",
        (
            r"\bAMQP(?:Connector)?(?:Connection|ConnectorException|SocketException)?(?:Connection)?Error\b",
            r"AMQPConnectorSocketConnectError",
            r"AMQPConnectionWorkflowFailed",
        ),
        "pika.exceptions.AMQPConnectionError",
    ),
    OutageSign(
        "connection-lost",
        "RabbitMQ",
        (
            r"\bStreamLostError\b",
            r"\bConnectionClosedByBroker\b",
            r"CONNECTION_FORCED",
            r"ChannelClosedByBroker",
        ),
        "(320, \"CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'\")",
    ),
    OutageSign(
        "resource-alarm",
        "RabbitMQ",
        (
            r"ConnectionBlockedTimeout",
            r"connection\.blocked",
            r"low on (?:memory|disk)$",
            r"node \S{1,80} [^\n]{0,120}is down or inaccessible",
            r"no process or queue leader",
        ),
        "home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible",
    ),
    OutageSign(
        "no-brokers",
        "Kafka",
        (
            r"\bNoBrokersAvailable\b",
            r"NoBrokersAvailableError",
            r"all broker connections are down",
            r"\bbrokers? (?:are )?down\b",
        ),
        "kafka.errors.NoBrokersAvailable: NoBrokersAvailable",
    ),
    OutageSign(
        "metadata",
        "Kafka",
        (
            r"KafkaTimeoutError",
            r"Failed to update metadata after",
            r"_ALL_BROKERS_DOWN",
            r"\b_TRANSPORT\b",
            r"LEADER_NOT_AVAILABLE",
            r"NOT_ENOUGH_REPLICAS",
            r"KafkaConnectionError",
            r"Local: Message timed out",
        ),
        "KafkaTimeoutError: Failed to update metadata after 60.0 secs.",
    ),
    OutageSign(
        "no-servers",
        "NATS",
        (
            r"nats: no (?:servers available|responders available)",
            r"NoServersError",
        ),
        "nats: no servers available for connection",
    ),
    OutageSign(
        "no-master",
        "Elasticsearch",
        (
            r"master_not_discovered_exception",
            r"ClusterBlockException",
            r"cluster_block_exception",
        ),
        '{"type":"master_not_discovered_exception"}',
    ),
    OutageSign(
        "rejected",
        "Elasticsearch",
        (
            r"es_rejected_execution_exception",
            r"circuit_breaking_exception",
            r"no_shard_available_action_exception",
            r"all shards failed",
        ),
        "TransportError(429, 'es_rejected_execution_exception')",
    ),
    OutageSign(
        "refused",
        "Elasticsearch",
        (
            r"elastic_transport\.\w*(?:ConnectionError|Timeout)",
            r"\b(?:elasticsearch|opensearchpy)(?:\.exceptions)?\.Connection(?:Error|Timeout)\b",
            r"NoLivingConnectionsError",
            r"No alive nodes found in your cluster",
            r"No Living connections",
        ),
        "No alive nodes found in your cluster",
    ),
    OutageSign(
        "no-host",
        "Cassandra",
        (
            r"\bNoHostAvailable\b",
            r"Unable to connect to any servers",
        ),
        "NoHostAvailable: ('Unable to connect to any servers', {})",
    ),
    OutageSign(
        "not-enough-replicas",
        "Cassandra",
        (r"Cannot achieve consistency level \w+",),
        "Unavailable: Cannot achieve consistency level QUORUM",
    ),
    OutageSign(
        "no-servers",
        "Memcached",
        (
            r"All servers seem to be down right now",
            r"SERVER_ERROR out of memory storing object",
        ),
        "All servers seem to be down right now",
    ),
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
        "timeout",
        "AWS Lambda",
        (r"\bTask timed out after \d{1,5}(?:\.\d{1,3})? seconds\b",),
        "2024-05-01T10:00:00.000Z 5f1e Task timed out after 3.00 seconds",
    ),
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
        "refused",
        "",
        (
            r"\bConnection refused\b",
            r"\bECONNREFUSED\b",
            r"Connect call failed",
            r"\[Errno 111\]",
            r"\[Errno 61\]",
            r"WinError 10061",
            r"actively refused it",
            r"All connection attempts failed",
        ),
        "[Errno 111] Connect call failed ('127.0.0.1', 6379)",
    ),
    OutageSign(
        "reset",
        "",
        (
            r"\bConnection reset by peer\b",
            r"\bECONNRESET\b",
            r"\[Errno 104\]",
            r"\[Errno 32\] Broken pipe",
            r"\bConnection aborted\b",
            r"Remote end closed connection without response",
            r"Server disconnected(?: without sending a response)?",
            r"\bsocket hang up\b",
            r"Connection closed by server\b",
        ),
        "[Errno 104] Connection reset by peer",
    ),
    OutageSign(
        "unreachable",
        "",
        (
            r"\bNo route to host\b",
            r"Network is unreachable",
            r"\bEHOSTUNREACH\b",
            r"\bENETUNREACH\b",
            r"\[Errno 113\]",
            r"\[Errno 101\]",
            r"Host is down",
        ),
        "[Errno 113] No route to host",
    ),
    OutageSign(
        "dns",
        "DNS",
        (
            r"Name or service not known",
            r"Temporary failure in name resolution",
            r"nodename nor servname provided",
            r"getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)",
            r"\bEAI_AGAIN\b",
            r"\bENOTFOUND\b",
            r"NameResolutionError",
            r"no such host\b",
            r"\bNXDOMAIN\b",
            r"UnknownHostException",
            r"Could not resolve host",
        ),
        "[Errno -2] Name or service not known",
    ),
    OutageSign(
        "timeout",
        "",
        (
            r"\bETIMEDOUT\b",
            r"\[Errno 110\]",
            r"Connection timed out",
            r"connect(?:ion)? timeout\b",
            r"\bConnectTimeout(?:Error)?\b",
            r"\bReadTimeout(?:Error)?\b",
            r"Read timed out",
            r"timed out while waiting for (?:the )?(?:response|server|connection)",
            r"i/o timeout",
            r"context deadline exceeded",
            r"SocketTimeoutException",
            r"^(?:.{0,80}: )?timed out$",
        ),
        "HTTPConnectionPool(host='10.0.0.9', port=80): Read timed out. (read timeout=3)",
    ),
    OutageSign(
        "unreachable",
        "",
        (
            r"Max retries exceeded with url",
            r"Failed to establish a new connection",
            r"Cannot connect to host \S{1,200} ssl",
            r"NewConnectionError",
        ),
        "Cannot connect to host 127.0.0.1:9200 ssl:default [Connect call failed ('127.0.0.1', 9200)]",
    ),
    OutageSign(
        "tls",
        "TLS",
        (
            r"CERTIFICATE_VERIFY_FAILED",
            r"certificate (?:verify failed|has expired|is not yet valid)",
            r"SSL: [A-Z_]{4,60}",
            r"\bSSLHandshakeException\b",
            r"PKIX path building failed",
            r"x509: certificate",
            r"self[- ]signed certificate",
            r"tls: handshake failure",
            r"WRONG_VERSION_NUMBER",
            r"\bCERT_HAS_EXPIRED\b",
        ),
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1007)",
    ),
    OutageSign(
        "quota",
        "Google Sheets",
        (
            (
                r"Quota exceeded for quota metric '[^']{1,80}' and limit '[^']{1,80}' of service 'sheets\.googleapis\.com'"  # noqa: E501
            ),
        ),
        (
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per us"
            "er' of service 'sheets.googleapis.com'"
        ),
    ),
    OutageSign(
        "quota",
        "",
        (
            r"\bRESOURCE_EXHAUSTED\b",
            r"Quota exceeded for quota",
            r"\binsufficient_quota\b",
            r"\bRATE_LIMIT_EXCEEDED\b",
            r"rateLimitExceeded",
            r"userRateLimitExceeded",
            r"dailyLimitExceeded",
            r"exceeded your current quota",
            r"API rate limit exceeded",
        ),
        "429 RESOURCE_EXHAUSTED: Quota exceeded for quota metric",
    ),
    OutageSign(
        "throttled",
        "AWS",
        (
            r"\bThrottlingException\b",
            r"ProvisionedThroughputExceededException",
            r"RequestLimitExceeded",
            r"TooManyRequestsException",
            r"\(SlowDown\)",
            r"Rate exceeded$",
        ),
        "An error occurred (ThrottlingException) when calling the Invoke operation: Rate exceeded",
    ),
    OutageSign(
        "unavailable",
        "",
        (
            r"\[503\]: The service is currently unavailable",
            r"HttpError 50[234]\b",
            r"\bServerNotFoundError\b",
            r"StatusCode\.UNAVAILABLE",
            r"failed to connect to all addresses",
            r"upstream connect error or disconnect/reset",
            r"no healthy upstream",
            r"upstream request timeout",
            r"\bBad Gateway\b",
            r"\bGateway Time-?out\b",
            r"Client error '429 ",
            r"Server error '50[234] ",
        ),
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
    ),
    OutageSign(
        "circuit-open",
        "",
        (
            r"circuit ?breaker (?:\S{1,60} )?is (?:OPEN|open)",
            r"CircuitBreakerError",
            r"CallNotPermittedException",
            r"BrokenCircuitException",
            r"Timeout not elapsed yet, circuit breaker still open",
        ),
        "CircuitBreaker 'inventory' is OPEN and does not permit further calls",
    ),
    OutageSign(
        "named",
        "",
        (
            (
                rf"\b{_PRODUCTS}(?: (?:server|service|cluster|connection|api|error|client))?:? (?:is |was |are "
                rf"|seems? (?:to be )?)?(?:currently |temporarily )?(?:unavailable|not available|not responding"
                rf"|not reachable|unreachable|offline|is down|down|not connected|disconnected"
                rf"|connection (?:failed|refused|lost|error|timed out|closed)|timed out|timeout\b|overloaded)"
            ),
        ),
        "Redis not responding: Too many connections",
    ),
    OutageSign(
        "named",
        "",
        (
            (
                rf"(?:could not|couldn't|cannot|can't|can not|unable to|failed to|failure to"
                rf"|error) (?:connect(?:ing)?|reach(?:ing)?|contact(?:ing)?|talk(?:ing)?|establish a connection"
                rf"|open a connection|acquire a connection)(?: to| with| from)?(?: the"
                rf"| a)?(?: \w{{1,30}})? ?{_PRODUCTS}\b"
            ),
        ),
        "Could not connect to Redis at 127.0.0.1:6379",
    ),
    OutageSign(
        "named",
        "",
        (
            rf"(?:lost|no|failed|broken) connection (?:to|with)(?: the)?(?: \w{{1,30}})? {_PRODUCTS}\b",
            (
                rf"connection (?:to|with)(?: the)?(?: \w{{1,30}})? {_PRODUCTS}\b[^\n]{{0,40}} (?:failed|lost"
                rf"|refused|timed out|broken|closed)"
            ),
        ),
        "Lost connection to the database",
    ),
    OutageSign(
        "refused",
        "",
        (r"Could not connect to the endpoint URL: ", r"EndpointConnectionError\b"),
        'EndpointConnectionError: Could not connect to the endpoint URL: "https://s3.amazonaws.com/"',
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
    OutageSign(
        "pool-exhausted",
        "database",
        (r"elapsed prior to obtaining a connection from the pool",),
        "Timeout expired.  The timeout period elapsed prior to obtaining a connection from the pool.",
    ),
    OutageSign(
        "unavailable",
        "",
        (r"\bthe service is currently unavailable\b", r"\bServiceUnavailable: 503\b"),
        "google.api_core.exceptions.ServiceUnavailable: 503 The service is currently unavailable.",
        specific=False,
    ),
    OutageSign(
        "memory",
        "",
        (r"\bcannot allocate memory\b", r"\bOutOfMemoryError\b", r"\bstd::bad_alloc\b"),
        "OSError: [Errno 12] Cannot allocate memory",
        specific=False,
    ),
)
