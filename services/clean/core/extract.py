"""One document in, one article out: `clean` is what the worker, `dateline stage clean`, a notebook and a fuzzer call."""

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from services.clean.core import (
    body,
    captions,
    confidence,
    contextpage,
    copies,
    ending,
    furniture,
    image,
    jsonld,
    language,
    look,
    markdown,
    markup,
    metadata,
    nonarticle,
    origin,
    page,
    pdf,
    plaintext,
    scripts,
    tree,
    trim,
)
from services.clean.core.blocks import Block
from services.clean.core.decode import decode
from services.clean.core.document import Cleaned, Document
from services.clean.core.words import UNSEEN
from shared.stage import Reject

MAX_TEXT = 2_000_000  # characters of a story
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOTHING = "\x00 \t\r\n\ufeff\ufffd"
THIN = 250  # characters of story below which scripts are asked
_LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|article|div|p|meta|title|table|main|section|br|h1)\b", re.I)
_BINARY = re.compile(r"^(?:image|audio|video|font)/|^application/(?:zip|gzip|octet-stream|x-|msword|vnd\.)", re.I)
_XML_FEED = re.compile(r"^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b", re.S)


def clean(document: Document) -> Cleaned:
    """The article that a document holds.

    Takes HTML, the Markdown of an event page of the Context, Markdown, plain text, and PDF, whatever it is called. Raises `Reject` with one
    of the classes `unsupported_type` (no text), `pdf_unreadable`, `parse_limit` (too large or too deep), `empty_document`,
    `not_an_article`; nothing else.
    """
    if document.body is not None and pdf.is_pdf(document.body):
        if len(document.body) > pdf.MAX_BYTES:
            raise Reject("parse_limit", f"{len(document.body)} bytes")
        return _unstated(pdf.read(document.body, document), document)
    if document.content_type and _BINARY.match(document.content_type.strip()) and document.text is None:
        raise Reject("unsupported_type", document.content_type[:100])
    if document.body is not None and len(document.body) > tree.MAX_BYTES:
        raise Reject("parse_limit", f"{len(document.body)} bytes")
    text = document.text if document.text is not None else decode(document.body or b"", document.content_type)
    if len(text) > tree.MAX_BYTES:
        raise Reject("parse_limit", f"{len(text)} characters")
    if not text[:1_000].strip(_NOTHING) and not text.strip(_NOTHING):
        raise Reject("empty_document")
    if document.text is None and text[:2_000].count("\x00") + text[:2_000].count("\ufffd") > 200:
        raise Reject("unsupported_type", "the document is no text")
    if _XML_FEED.match(text[:2_000]):
        raise Reject("not_an_article", "the document is a feed or a sitemap")
    if not is_html(text, document.content_type):
        text = _UNSAFE.sub("", text)
        imported = contextpage.read(text)
        return _unstated(imported if imported is not None else plaintext.read(text, document), document)
    return _page(text, document)


def is_html(text: str, content_type: str | None) -> bool:
    """Whether a text is HTML: by its declared type where that is one of text, else by its tags."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        return True
    if kind in ("text/markdown", "text/x-markdown"):
        return False
    return _LOOKS_LIKE_HTML.search(text[:5_000]) is not None


def _page(text: str, document: Document) -> Cleaned:
    rest, cut = markup.cut(text)
    root = tree.parse(rest)
    told = page.read(root, document.url, cut)
    told.microdata = b"itemprop" in rest
    found = metadata.read(told, document)
    reader = body.Reader(told.elements)
    read = reader.read(_heading(told, found.get("title")))
    blocks = _story(told, found, reader, read, document)
    paragraphs = [block.text for block in blocks]
    story = "\n\n".join(paragraphs)[:MAX_TEXT]
    nonarticle.check(paragraphs, told, found, read, document.url)
    provenance = found["provenance"]
    if not found.get("standfirst"):
        standfirst, where = _standfirst(told, reader, story)
        if standfirst:
            found["standfirst"], provenance["standfirst"] = standfirst, where
    declared = told.first("content-language", "og:locale", "dc.language", "language")
    stated = [told.lang, jsonld.text_of(told.article.get("inLanguage")), declared]
    code, where_language, sure = language.judged(stated, story or found.get("title") or "")
    found["language_declared"] = language.declared(stated)
    if code and where_language:
        found["language"], provenance["language"] = code, where_language
    shown = dict.fromkeys((*captions.beside(read.container, reader.verdict), *read.captions))
    if found.get("image"):
        whose, source = image.credit(told, shown)
        if whose and source:
            found["image_credit"], provenance["image_credit"] = whose, source
    walked = sum(len(block.text) for block in read.blocks)
    if walked and provenance.get("text") != "derived":
        found["text_confidence"] = round(min(sum(map(len, paragraphs)) / walked, 1.0), 2)
    found["confidence"] = confidence.of_page(told, document, found, sure)
    told_in_markdown = markdown.of_blocks(blocks)[:MAX_TEXT]
    return _scrubbed(Cleaned(**found, text=story, markdown=told_in_markdown, captions=tuple(shown)[: captions.MAX]))


def _unstated(cleaned: Cleaned, document: Document) -> Cleaned:
    """What was read of a document that states nothing to machines, with its confidence."""
    return _scrubbed(replace(cleaned, confidence=confidence.of_text(cleaned, document)))


def _heading(told: page.Page, title: str | None) -> etree._Element | None:
    """The h1 that shows the title, else the only one."""
    headings = [(element, text) for element, text in told.headings if element.tag == "h1"]
    alike = next((element for element, text in headings if trim.alike(text, title)), None)
    return headings[0][0] if alike is None and len(headings) == 1 else alike


def _story(told: page.Page, found: dict[str, Any], reader: body.Reader, read: body.Body, document: Document) -> list[Block]:
    """The story's blocks, out of scripts where the tree has hardly any; origin, date and byline are looked for around them."""
    original, where, said = origin.find(told, read.blocks, document.url or found.get("canonical_url"))
    if original and not found.get("copy_of_url"):
        found["copy_of_url"], found["provenance"]["copy_of_url"] = original, where
        if not found.get("canonical_url"):
            found["canonical_url"], found["provenance"]["canonical_url"] = original, where
    rest = [block for block in read.blocks if block not in said] if said else read.blocks
    titles = list(dict.fromkeys((found.get("title"), told.first("og:title"), jsonld.text_of(told.article.get("headline")))))
    blocks = trim.story(rest, titles, read.captions, live=found["kind"] == "live")
    while not any(map(trim.is_sentence, blocks)) and (other := reader.again()) is not None:
        read.blocks, read.captions, read.container = other.blocks, other.captions, other.container
        blocks = trim.story(other.blocks, titles, other.captions, live=found["kind"] == "live")
        found["provenance"]["text"] = "reread"
    if lead := _lead(blocks, told):
        found["standfirst"], found["provenance"]["standfirst"] = lead, "heading"
        blocks = blocks[1:]
    paragraphs = [b.text for b in blocks]
    headings = [*told.headings, *((b.element, b.text) for b in read.blocks[:30] if b.kind == "heading")]
    look.around(told, found, document, headings, blocks)
    _credit(found, blocks)
    blocks = ending.without(blocks, found.get("authors", ()))
    length = sum(map(len, paragraphs))
    if length < THIN:
        state = scripts.paragraphs(scripts.collect(told.scripts), told.nodes)
        if sum(map(len, state)) > 1.5 * length + 100:
            found["provenance"]["text"] = "derived"
            blocks = [Block("p", text, 0, told.root) for text in state]
            _credit(found, blocks)
    return blocks


def _credit(found: dict[str, Any], blocks: list[Block]) -> None:
    """The agency that the first or the last block names, where none is known."""
    if blocks and not found.get("agency") and (agency := copies.agency_of(blocks[0].text, blocks[-1].text)):
        found["agency"], found["provenance"]["agency"] = agency, "text"


def _lead(blocks: list[Block], told: page.Page) -> str | None:
    """The first block, where it is the standfirst: by its name, or as the page's description that stands apart from what follows."""
    if len(blocks) < 3 or not 30 <= len(blocks[0].text) <= 600:
        return None
    element, after = blocks[0].element, blocks[1].element
    if furniture.is_standfirst_name(element.get("class")):
        return blocks[0].text
    apart = element.getparent() is not after.getparent() or element.get("class") != after.get("class") or element.tag != after.tag
    described = trim.words_of(told.first("description", "og:description")) == trim.words_of(blocks[0].text)
    return blocks[0].text if apart and described else None


def _scrubbed(cleaned: Cleaned) -> Cleaned:
    """Without what no database and no JSON takes: NUL and other control characters, lone surrogates (JSON-LD can spell them); title and
    names without marks that nobody sees."""
    if not "".join((cleaned.title or "", *cleaned.authors)).isprintable():
        title = " ".join(cleaned.title.translate(UNSEEN).split()) if cleaned.title else cleaned.title
        cleaned = replace(cleaned, title=title, authors=tuple(name.translate(UNSEEN) for name in cleaned.authors))
    values = vars(cleaned)
    said = [value for value in values.values() if isinstance(value, str)]
    if not _is_unsafe("\n".join((*said, *cleaned.authors, *cleaned.captions, *cleaned.keywords))):
        return cleaned
    changed: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, str) and _is_unsafe(value):
            changed[name] = _UNSAFE.sub("", value)
        elif name in ("authors", "captions", "keywords") and any(map(_is_unsafe, value)):
            changed[name] = tuple(_UNSAFE.sub("", v) for v in value)
    return replace(cleaned, **changed)  # type: ignore[arg-type]


def _is_unsafe(text: str) -> bool:
    """Whether a text holds what no database takes: told by its bytes, which are looked through in a tenth of the time of a pattern."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return True  # a lone surrogate
    return len(raw.translate(None, _CONTROLS)) < len(raw) or (len(raw) > len(text) and any(c in raw for c in _NO_CHARACTERS))


def _standfirst(told: page.Page, reader: body.Reader, story: str) -> tuple[str | None, str]:
    """The standfirst that the page shows, else its description where the story does not say the same."""
    shown = reader.standfirst(story)
    if shown:
        return shown, "heading"
    description = told.first("og:description", "description", "twitter:description") or jsonld.text_of(told.article.get("description"))
    if not description or len(description) < 30 or len(description) > 1_000:
        return None, ""
    return (None, "") if _says(story[: 3 * len(description) + 2_000], description) else (description, "meta")


def _says(text: str, line: str) -> bool:
    """Whether a text holds the beginning of a line, or the line is empty; its words are looked up first, since parting it costs most."""
    words = trim.words_of(line)[:12]
    if line[:60] in text:
        return True
    folded = text.casefold()
    return all(word in folded for word in words) and " ".join(words) in " ".join(trim.words_of(text))
