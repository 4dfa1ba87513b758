"""Who may open the page, by which names, and whether they may change anything: decided once, at the start."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field

from qa.errors import ServeError, UsageError

_READ_ONLY = "this page is open to others without a password (--no-auth): it can be asked and read, not changed"


@dataclass(frozen=True, slots=True)
class Access:
    """`password` None: nobody is asked for one. `local`: only this machine can reach the page.

    `names` are host names, besides this machine's addresses, that the page may be opened by.
    """

    user: str = ""
    password: str | None = field(default=None, repr=False)
    may_change: bool = True
    local: bool = True
    names: frozenset[str] = frozenset()

    @property
    def why(self) -> str:
        """Why nothing may be changed; "" where it may."""
        return "" if self.may_change else _READ_ONLY

    def accepts(self, host: str) -> bool:
        """Whether a request may name this page `host`, the value of its Host header.

        A page of another site can have its own name point to this machine and then read what is served under that
        name (DNS rebinding), with the browser thinking it is still that site. No such name is an address in figures,
        and behind a password there is nothing to read.
        """
        name = host_name(host)
        if name in self.names or name == "localhost":
            return True
        address = _address(name)
        if self.local:
            return address is not None and _is_loopback(address)
        return address is not None or self.password is not None


def access(host: str, auth: str | None = None, no_auth: bool = False, names: str = "") -> Access:
    """The access for a page on `host`. `auth`: USER:PASSWORD; `names`: further names of the page, with commas.

    Raises UsageError where `auth` is of another form, or where others could reach the page and neither it nor
    `no_auth` says what they may; ServeError where `host` is no address.
    """
    local = is_local(host)
    known = frozenset(name.strip().lower() for name in names.split(",") if name.strip())
    if no_auth or auth is None:
        if not (local or no_auth):
            raise UsageError(f"on {host} others can reach the page",
                             "give --auth USER:PASSWORD (or set QA_AUTH) so that only you can use it, or --no-auth "
                             "to let everybody there ask and read")
        return Access(may_change=local, local=local, names=known if local else known | _own_names(host))
    user, password = _credentials(auth)
    return Access(user, password, local=local, names=known)


def is_local(host: str) -> bool:
    """Whether what listens on `host` can be reached from this machine only. Raises ServeError for no address."""
    try:
        found = {where[0] for *_, where in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:  # "a..b" is no name that could be looked up
        raise no_address(host) from error
    return all(_is_loopback(ipaddress.ip_address(name)) for name in found)


def no_address(host: str) -> ServeError:
    return ServeError(f"{host} is not an address of this machine", "use --host 127.0.0.1")


def host_name(host: str) -> str:
    """The name or address in a Host header or an origin's authority, without its port and brackets."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host
    return name.lower()


def _credentials(auth: str) -> tuple[str, str]:
    """User and password of `auth`, which no message repeats."""
    user, _, password = auth.partition(":")
    if not user or not password or not auth.isprintable():  # a lone surrogate, a byte that is no text, is not
        raise UsageError("the name and password are not of the form USER:PASSWORD",
                         "give both, with a colon between, as in --auth NAME:WORDS")
    return user, password


def _own_names(host: str) -> frozenset[str]:
    """What this machine is called in its network."""
    return frozenset({host.lower(), socket.gethostname().lower()})


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_loopback(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:127.0.0.1; Python before 3.13 does not look through it
    return (mapped or address).is_loopback
