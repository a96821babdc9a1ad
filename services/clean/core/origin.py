"""The original that a page says it reprints: "Original url: …", "This article first appeared on …", the meta element syndication-source.

rel=canonical to another host is read with the rest of the metadata. A sentence of the story that merely mentions a first publication
("the novel, first published in 1931 by …") names no origin: what counts speaks of itself, links to another site, and stands at an edge.
"""

import re

from services.clean.core import copies
from services.clean.core.blocks import Block
from services.clean.core.page import Page

EDGE = 6  # blocks at the beginning and at the end in which a reprint says what it reprints
LONGEST = 300  # characters of such a line
_THIS = r"(?:this|the|an earlier version of this) (?:article|story|piece|post|report|essay|column|interview|content|text)"
_SAYS = re.compile(
    r"^\W*(?:(?:note|editor[’']?s note|disclaimer)\s*:\s*)?(?:original (?:url|source|article|link|post|story)\b|"
    r"source url\b|"
    rf"{_THIS} (?:has been |have been |was |is )?(?:first |originally |previously )?"
    r"(?:appeared|published|posted|republished|reprinted|syndicated|reproduced)\b|"
    r"(?:first |originally |previously )(?:appeared|published|posted)\b|(?:republished|reprinted|syndicated|reposted|"
    r"cross-?posted) (?:from|with|by|courtesy)\b|"
    r"(?:re-?published|reprinted) here\b|read the (?:full )?original\b|"
    r"(?:dieser|dieses|der|das) (?:artikel|beitrag|text|interview|kommentar) (?:ist|wurde|erschien)\b.{0,30}\b(?:zuerst|ursprünglich|"
    r"zunächst|original)|"
    r"(?:zuerst|ursprünglich) (?:erschienen|veröffentlicht)\b|original(?:artikel|beitrag|text|quelle)\b|übernommen (?:von|aus)\b|"
    r"(?:cet article|ce texte|article|texte) (?:a (?:été|d[’']abord été) )?(?:initialement |d[’']abord |originellement )?(?:paru|publié|"
    r"original)\b|"
    r"(?:este artículo|este texto|artículo|texto) (?:fue |se )?(?:publicado |publicó |apareció )?(?:original(?:mente)?|"
    r"por primera vez)\b|publicado originalmente\b|"
    r"(?:questo articolo|articolo) (?:è stato |è )?(?:originariamente |pubblicato )(?:pubblicato |originariamente )?|"
    r"(?:este artigo|artigo) (?:foi )?(?:publicado )?originalmente\b|dit artikel (?:verscheen|is) (?:eerder|oorspronkelijk)\b|"
    r"оригинал (?:статьи|материала|текста|публикации)\b|оригинал\s*:|впервые опубликовано\b|перепечат\w+ (?:из|с)\b|"
    r"原文(?:链接|連結|網址|网址|出处|出處)|本文(?:转载自|轉載自|首发于|首發於|最初发表)|"
    r"转载自|轉載自|元記事|原文の?リンク|원문 ?(?:링크|보기|주소)|"
    r"المصدر الأصلي|نشر(?:ت)? (?:هذ[اه] )?(?:المقال|المقالة)?.{0,12}(?:أولا|لأول مرة))",
    re.I,
)
_META = ("syndication-source", "original-source")


def find(page: Page, blocks: list[Block], url: str | None) -> tuple[str | None, str, list[Block]]:
    """The original's address on another site, where that was found (meta or text), and the blocks that say so, which are no story."""
    for place, block in enumerate(blocks):
        if EDGE <= place < len(blocks) - EDGE or len(block.text) > LONGEST or not _SAYS.match(block.text):
            continue
        said = [block]
        address = _address(block, url)
        if address is None and block.text.rstrip().endswith((":", "：")) and place + 1 < len(blocks):
            address = _address(blocks[place + 1], url)
            said.append(blocks[place + 1])
        if address is not None:
            return address, "text", said
    stated = page.first(*_META)
    if stated and copies.is_article_address(stated) and copies.other_host(url, stated):
        return stated, "meta", []
    return None, "", []


def _address(block: Block, url: str | None) -> str | None:
    """The address of an article on another site that a block links to or spells out; the most particular one where there are several."""
    links = [href.strip() for link in block.element.iter("a") if (href := link.get("href"))][:20]
    spelt = copies.first_url(block.text)
    found = [one for one in (*links, *([spelt] if spelt else [])) if copies.is_article_address(one)]
    if url is not None:
        found = [one for one in found if copies.other_host(url, one)]
    return max(found, key=len, default=None)
