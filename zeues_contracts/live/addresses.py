"""Where a name really leads: resolved once, checked, and connected to as checked.

A name that is looked up twice can lead to two places (DNS rebinding, a resolver with two views): what was checked and
what is connected to must be the same address, so the name is resolved here and the connection goes to the address.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from zeues_contracts.errors import UsageError

__all__ = ["Target", "resolve"]

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """A base URL taken apart. ``address`` is the IP address that connections go to; ``error`` why there is none.

    ``loopback`` is true only when the address itself is loopback, whatever the name says.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: str = ""
    error: str = ""
    trusted: bool = False

    @property
    def loopback(self) -> bool:
        """Whether connections stay on this machine."""
        if not self.address:
            return False
        address = ipaddress.ip_address(self.address)
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)

    @property
    def origin(self) -> str:
        """``scheme://host[:port]`` as it was named."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def base_url(self) -> str:
        """The origin with the base path, without a final slash."""
        return self.origin + self.path

    @property
    def connect_origin(self) -> str:
        """``scheme://address:port``: what is connected to."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}"

    @property
    def host_header(self) -> str:
        """The value of the Host header (RFC 9110, 7.2)."""
        return self.origin.partition("://")[2]


def resolve(base_url: str, allow_unsafe_hosts: Sequence[str] = ()) -> Target:
    """Resolve the host of a base URL once.

    ``trusted`` is set for an address that is loopback and for a host that the configuration names. A host that
    resolves to several addresses is loopback only if all of them are; then the first answers. Raises
    :class:`UsageError` for a URL that is none.
    """
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{base_url}: not a URL: {error}", hint="give --url http://HOST:PORT") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(f"{base_url}: not an http or https URL", hint="give --url http://HOST:PORT")
    host = parts.hostname
    wanted = port if port is not None else _PORTS[parts.scheme]
    path = parts.path.rstrip("/")
    try:
        found = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Target(parts.scheme, host, wanted, path, error=str(error))
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    named = {entry.lower() for entry in allow_unsafe_hosts}
    trusted = bool(named & {host.lower(), f"{host.lower()}:{wanted}"})
    target = Target(parts.scheme, host, wanted, path, _reachable(addresses, wanted), trusted=trusted)
    loopback = all(Target(parts.scheme, host, wanted, path, one).loopback for one in addresses)
    return Target(parts.scheme, host, wanted, path, target.address, trusted=trusted or loopback)


def _reachable(addresses: Sequence[str], port: int) -> str:
    """The first address that accepts a connection: ``localhost`` is often both ::1 and 127.0.0.1, served on one."""
    if len(addresses) > 1:
        for address in addresses:
            try:
                socket.create_connection((address, port), timeout=1.0).close()
            except OSError:
                continue
            return address
    return addresses[0]
