"""Which IP addresses a stranger may make us connect to: only public ones, whatever they are wrapped in.

The standard library's `is_global` is not enough: it lets through multicast and most forms that carry an IPv4 address inside an IPv6 one.
The ranges are those of IANA's special-purpose registries (RFC 6890).
"""

from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_REFUSED_4 = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    "168.63.129.16/32",  # the host of a virtual machine at Azure
)
_REFUSED_6 = (
    "2001::/23",  # protocol assignments, Teredo among them
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: an IPv4 address inside, or a relay that anyone may run
    "3fff::/20",  # documentation
)
# All that is given out. Outside lie loopback, private, link- and site-local, multicast, discard, IPv4-mapped, -compatible and NAT64.
_GLOBAL_6 = IPv6Network("2000::/3")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: the third quarter of the address, the fourth is an IPv4 address


@cache
def _refused_4() -> tuple[IPv4Network, ...]:
    return tuple(IPv4Network(text) for text in _REFUSED_4)


@cache
def _refused_6() -> tuple[IPv6Network, ...]:
    return tuple(IPv6Network(text) for text in _REFUSED_6)


@lru_cache(maxsize=4096)
def is_public(address: str) -> bool:
    """Whether this IP address, as text, is one of the public internet's hosts. Text that is no address is not."""
    try:
        at = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _public_4(at) if isinstance(at, IPv4Address) else _public_6(at)


def _public_4(at: IPv4Address) -> bool:
    return not any(at in network for network in _refused_4())


def _public_6(at: IPv6Address) -> bool:
    if at not in _GLOBAL_6 or any(at in network for network in _refused_6()):
        return False
    if (int(at) >> 32) & 0xFFFFFFFF in _ISATAP:
        return _public_4(IPv4Address(int(at) & 0xFFFFFFFF))
    return True
