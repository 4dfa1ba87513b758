"""Wrong passwords cost time: more of it with each, for the one who tries."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

_FREE = 5  # wrong tries that cost nothing: people mistype
_LONGEST = 60.0  # seconds to wait after many; a thousand guesses then take most of a day
_FORGOTTEN = 900.0  # seconds after which wrong tries no longer count
_REMEMBERED = 1_024  # clients, so that what is kept here has an end


class Tries:
    """Counts wrong tries by client. All times are seconds of one clock that only runs forward."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # client -> (how many, when the last)

    def wait(self, client: str, now: float) -> float:
        """Seconds until `client` may try again; 0 where it may now."""
        count, last = self._wrong.get(_network(client), (0, now))
        if count < _FREE:
            return 0.0
        return max(0.0, last + min(2.0 ** (count - _FREE), _LONGEST) - now)

    def wrong(self, client: str, now: float) -> None:
        """`client` gave a wrong password."""
        key = _network(client)
        count, last = self._wrong.pop(key, (0, now))
        self._wrong[key] = (1 if now - last > _FORGOTTEN else min(count + 1, 100), now)
        if len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, client: str) -> None:
        """`client` knows the password."""
        self._wrong.pop(_network(client), None)


def _network(client: str) -> str:
    """Whom an address belongs to: in IPv6 a customer has a whole /64 of them."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:  # no address at all, as on a socket of this machine's file system
        return client
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else client
