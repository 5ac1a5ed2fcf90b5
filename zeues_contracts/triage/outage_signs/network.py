"""The network: refused, reset, unreachable, unresolved, too late, TLS."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["NETWORK"]

NETWORK: tuple[OutageSign, ...] = (
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
)
