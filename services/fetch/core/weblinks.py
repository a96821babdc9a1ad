"""Links in an answer's headers (RFC 8288), as WebSub's discovery wants them."""

import re

_LINK = re.compile(r"<([^<>]{1,2000})>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\";,]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))", re.IGNORECASE)


def header_links(header: str | None) -> dict[str, str]:
    """The first target of each relation in a `Link` header; relations in lower case, targets as they stand."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header or ""):
        rel = _REL.search(parameters)
        for name in (rel[1] or rel[2] or "").lower().split() if rel else ():
            found.setdefault(name, target.strip())
    return found
