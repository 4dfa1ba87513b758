"""A guard that lets a process talk to its own machine only.

An audit hook sees every look-up and connection, whichever library makes it (PEP 578); it cannot be
taken off again, which is what a guard should be like.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from typing import Any


class NetworkUsed(AssertionError):
    """Something tried to reach beyond this machine."""


def guard() -> None:
    """From now on, reaching beyond loopback raises NetworkUsed."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        _check(arguments[1][0])
    elif event == "socket.getaddrinfo" and not _asks_nobody(arguments[0]):
        _check(arguments[0])


def _check(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in (None, "", "localhost") and not _is_loopback(name):
        raise NetworkUsed(f"{name!r} is not this machine")


def _asks_nobody(host: Any) -> bool:
    """Whether looking `host` up stays here: an address in figures, or what can be no name (a space, two dots)."""
    name = host.decode() if isinstance(host, bytes) else host or ""
    return " " in name or ".." in name or bool(re.fullmatch(r"[\d.]+|[\da-f:]+", name))


def _is_loopback(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
