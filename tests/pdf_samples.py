"""A PDF file in a few lines: pages of placed text in Helvetica, and a scan's page without any."""

from collections.abc import Iterable, Mapping

Placed = tuple[float, float, float, str]  # from the left, from below, size (all in points), text


def pdf(pages: Iterable[Iterable[Placed]], info: Mapping[str, str] | None = None, *, encrypted: bool = False) -> bytes:
    """The file; `info` are its metadata. `encrypted`: as one that asks for a password."""
    contents = ["\n".join(f"BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET" for x, y, size, text in page) for page in pages]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(contents)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(contents):
        fonts = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {fonts} /Contents {5 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream")
    trailer = "/Root 1 0 R"
    if info:
        objects.append("<< " + " ".join(f"/{name} ({_escaped(value)})" for name, value in info.items()) + " >>")
        trailer += f" /Info {len(objects)} 0 R"
    if encrypted:
        key = "00" * 32
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<{key}> <{key}>]"
    return _assembled([one.encode("cp1252") for one in objects], trailer)


def column(lines: Iterable[str], *, top: float = 700, left: float = 72, size: float = 11, step: float = 14) -> list[Placed]:
    """Lines below one another; an empty one is a gap."""
    return [(left, top - step * number, size, line) for number, line in enumerate(lines) if line]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _assembled(objects: list[bytes], trailer: str) -> bytes:
    whole = bytearray(b"%PDF-1.4\n")
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(whole)
    whole += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    whole += b"".join(b"%010d 00000 n \n" % place for place in places)
    whole += f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(whole)
