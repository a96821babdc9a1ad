"""What kind of page it is, as it says itself: by its types, its section and its address."""

import re

from services.clean.core import jsonld
from services.clean.core.copies import urlsplit_or_none
from services.clean.core.page import Page

_OPINION = re.compile(
    r"/(?:opinions?|opini[oó]n(?:es)?|opiniao|opini|columnists?|columns?|columnas?|editorials?|editoriale?s?|op-?ed|commentary|commentisfree|"
    r"meinung(?:en)?|kommentare?|kolumnen?|leitartikel|standpunkt|opinie|opinione?|commenti|tribun[ae]s?|chroniques?|ledare?|lederen?|debatt?|"
    r"kronikk(?:er)?|kroniker|meninger|mening|mielipide|kolumnit?|opinie|felietony|yazarlar|kose-yazilari|mneni[ey]a?|kolonki|letters)/",
    re.I,
)
_OPINION_SECTION = re.compile(
    r"^(?:opinions?|op-?ed|columnists?|columns?|editorials?|commentary|comment|meinung|kommentare?|kolumnen?|leitartikel|"
    r"opinião|opinión|opinione?|opinie|opini|tribunes?|chroniques?|debatt|debat|ledare?|kronikk|meninger|mielipide|yazarlar|nuomonės|"
    r"мнения|мнение|колонки|думка|社説|社论|社論|评论|評論|사설|칼럼|رأي|דעות)$",
    re.I,
)
# "-live" at an address's end is a live page; "deals are live including" within it is a sentence.
_LIVE = re.compile(
    r"/live(?:/|$)|[/_-]live(?:$|\.html?$)|[/_-]live-?(?:blog|ticker|updates?|news|coverage)\b|liveticker|newsticker|livebericht|en-direct|en-vivo|"
    r"minuto-a-minuto|ao-vivo|canli-anlatim|direktrapport|siste-nytt",
    re.I,
)
_GALLERY = re.compile(
    r"/(?:gallery|galleries|photo-?gallery|photos?|photo-?essays?|in-pictures|pictures|bildergalerien?|bilderstrecken?|fotostrecken?|fotogaler[iy]a?s?|"
    r"fotogallery|galer[ií]as?|foto-galeri|diaporamas?|portfolios?|slideshows?|bildspel|bildserier?)[/-]",
    re.I,
)


def kind(page: Page, url: str | None, section: str | None) -> str:
    """live, gallery, opinion, paywalled or article: the first that holds."""
    types = jsonld.types(page.article)
    address = (urlsplit_or_none(url or "") or urlsplit_or_none("")).path[:500]
    if "LiveBlogPosting" in types or _LIVE.search(address):
        return "live"
    if types & {"ImageGallery", "MediaGallery"} or _GALLERY.search(address):
        return "gallery"
    said = (page.first("article:opinion") or "").lower() == "true"
    if said or "OpinionNewsArticle" in types or _OPINION.search(address) or (section and _OPINION_SECTION.match(section)):
        return "opinion"
    return "paywalled" if is_paywalled(page) else "article"


def is_paywalled(page: Page) -> bool:
    """Whether the page says that not everybody may read it (schema.org's `isAccessibleForFree`, Facebook's `content_tier`)."""
    parts = page.article.get("hasPart")
    stated = [page.article, *(parts if isinstance(parts, list) else [parts])[:20]]
    if any(isinstance(part, dict) and str(part.get("isAccessibleForFree")).strip().lower().endswith("false") for part in stated):
        return True
    return (page.first("article:content_tier") or "").lower() == "locked"
