"""What stands around a story on a news page, invented: head, menus, icons, teasers, boxes, comments, footer, styles and state.

`page` puts a sample article into it. All of it is random, by a generator that the caller seeds, so that a page is the same in every run.
"""

import json
import random
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from services.cli.sample import Article, Outlet

_PARTS = (
    "account alert archive banner board border bottom button card centre column cover detail digest edition element entry event"
    " field figure filter footer frame gallery grid group header hidden hover image inline inner item label large layout legend level line"
    " link list logo media medium menu meta middle mobile modal module name narrow nav news note outer page panel photo player portal"
    " primary promo quote ranking region reply row scroll search secondary section share shell side small sticky stripe summary tab tag"
    " teaser theme title toggle tool top track tray video view visual wide widget wrap"
)
_HEADINGS = (
    "World Europe Asia Africa Americas Business Markets Energy Technology Science Health Climate Sport Football Cycling Culture Books Film"
    " Music Travel Food Opinion Letters Obituaries Weather Puzzles Newsletters Podcasts"
)
WORDS, SECTIONS = _PARTS.split(), _HEADINGS.split()
SUBJECTS = (
    *("The harbour ferry", "A village school", "The night train", "Our oldest reader", "The last cinema", "A retired judge"),
    *("The city's bees", "A lost manuscript", "The weekend market", "A new footbridge", "The island's doctor", "A choir of bakers"),
)
PREDICATES = (
    *("is back after eleven winters", "has found a new home", "divides the town council", "may close before the summer"),
    *("draws visitors from three countries", "waits for its first snow", "will be sold to the highest bidder"),
    *("was never meant to last", "keeps its secret", "starts again from nothing", "learns to live with the tide"),
)
REMARKS = (
    "Well put. My mother said the same forty years ago and nobody listened to her either.",
    "Could somebody explain why this was not known last week already? I read it elsewhere first.",
    "I live three streets away and can only confirm what is said here.",
    "Old news. Wake me up when somebody resigns.",
    "Thank you for the figures, they are hard to find anywhere else.",
)


def page(
    outlet: Outlet, article: Article, *, url: str, published: datetime, paragraphs: Sequence[str], size: int, dice: random.Random
) -> str:
    """The article's page, of about `size` bytes in UTF-8."""
    head, story = _head(outlet, article, url, published, dice), _story(outlet, article, published, paragraphs, dice)
    before = [_menu(dice), _icons(dice), _teasers(dice, 10)]
    after = [_teasers(dice, 24), _ranking(dice), _comments(dice), _menu(dice), _footer(outlet)]
    visible = "".join(before) + story + "".join(after)
    room = max(0, size - len(head.encode()) - len(visible.encode()))
    styles, state = _styles(dice, room // 2), _state(dice, room - room // 2)
    return (
        f'<!DOCTYPE html>\n<html lang="{outlet.language}"><head>{head}<style>{styles}</style></head>\n<body class="{_classes(dice)}">'
        f"{visible}<script>window.__STATE__={state};</script></body></html>\n"
    )


def _head(outlet: Outlet, article: Article, url: str, published: datetime, dice: random.Random) -> str:
    title, summary, image = escape(article.title), escape(article.summary), f"{url}/cover.jpg"
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": published.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "Organization", "name": outlet.name},
        "image": [image],
    }
    links = "".join(f'<link rel="preload" as="script" href="/assets/{_word(dice)}.{dice.getrandbits(64):016x}.js">' for _ in range(14))
    return (
        f'<meta charset="utf-8"><title>{title} | {escape(outlet.name)}</title><meta name="viewport" content="width=device-width">'
        f'<meta name="description" content="{summary}"><link rel="canonical" href="{url}"><meta property="og:type" content="article">'
        f'<meta property="og:title" content="{title}"><meta property="og:description" content="{summary}">'
        f'<meta property="og:site_name" content="{escape(outlet.name)}"><meta property="og:image" content="{image}">'
        f'<meta property="article:published_time" content="{published.isoformat()}">{links}'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
    )


def _story(outlet: Outlet, article: Article, published: datetime, paragraphs: Sequence[str], dice: random.Random) -> str:
    names = ", ".join(f'<a rel="author" href="/by/{number}">{escape(name)}</a>' for number, name in enumerate(article.authors))
    parts = [
        f'<main id="main" class="{_classes(dice)}"><article class="{_classes(dice)}"><nav class="breadcrumb"><a href="/">Home</a> ›'
        f' <a href="/{article.section}">{article.section}</a></nav><h1 class="{_classes(dice)}">{escape(article.title)}</h1>'
        f'<p class="standfirst {_classes(dice)}">{escape(article.summary)}</p><div class="byline {_classes(dice)}">{names}'
        f' <time datetime="{published.isoformat()}">{published:%d.%m.%Y %H:%M}</time></div>{_share(dice)}<figure><picture>{_sources(dice)}'
        f'<img src="/cover.jpg" alt=""></picture><figcaption>{dice.choice(SUBJECTS)}. Photograph: {outlet.name}</figcaption></figure>'
        '<div class="article-body">'
    ]
    for number, paragraph in enumerate(paragraphs):
        parts.append(f'<p class="{_classes(dice)}">{escape(paragraph)}</p>')
        if number == 1:
            parts.append(f'<aside class="newsletter"><h3>The morning letter</h3><p>All you need, before coffee.</p>{_form(dice)}</aside>')
        if number % 3 == 2:
            slot = f'class="ad-slot {_classes(dice)}" data-slot="{_word(dice)}-{number}" aria-hidden="true"'
            parts.append(f"<div {slot}><span>Advertisement</span></div>")
            parts.append(f'<aside class="related"><h4>Read on</h4><a href="/{_word(dice)}/{number}">{_teaser(dice)}</a></aside>')
    tags = "".join(f'<li><a href="/topic/{section.lower()}">{section}</a></li>' for section in dice.sample(SECTIONS, 5))
    parts.append(f'</div><ul class="topics">{tags}</ul>{_share(dice)}</article></main>')
    return "\n".join(parts)


def _menu(dice: random.Random) -> str:
    items = "".join(
        f'<li class="{_classes(dice)}" data-track="{_word(dice)}:{section.lower()}"><a class="{_classes(dice)}" href="/{section.lower()}">'
        f"<span>{section}</span></a></li>"
        for section in dice.sample(SECTIONS, 22)
    )
    return f'<div class="{_classes(dice)}"><nav class="{_classes(dice)}" aria-label="Sections"><ul>{items}</ul></nav></div>\n'


def _icons(dice: random.Random) -> str:
    def path() -> str:
        return " ".join(f"{dice.choice('MLCQ')}{dice.uniform(0, 24):.2f} {dice.uniform(0, 24):.2f}" for _ in range(24))

    symbols = "".join(f'<symbol id="i-{_word(dice)}-{n}" viewBox="0 0 24 24"><path d="{path()}"/></symbol>' for n in range(12))
    return f'<svg class="sprite" style="display:none">{symbols}</svg>\n'


def _teaser(dice: random.Random) -> str:
    return f"{dice.choice(SUBJECTS)} {dice.choice(PREDICATES)}"


def _teasers(dice: random.Random, count: int) -> str:
    def link(inner: str) -> str:
        return f'<a class="{_classes(dice)}" href="/{_word(dice)}/{dice.getrandbits(32)}">{inner}</a>'

    def card() -> str:
        image = f'<img loading="lazy" src="/img/{dice.getrandbits(48):012x}.webp" alt="" width="320" height="180">'
        text = f'<h3>{link(_teaser(dice))}</h3><p class="{_classes(dice)}">{_teaser(dice)}.</p>'
        minutes = f'<div class="{_classes(dice)}"><span class="{_word(dice)}">{dice.randint(2, 59)} min</span></div>'
        shell = f'<div class="{_classes(dice)}">'
        return f"{shell}{shell}{link(image)}</div>{shell}{text}{minutes}</div></div>\n"

    cards = "".join(card() for _ in range(count))
    return f'<section class="{_classes(dice)}"><h2>{dice.choice(SECTIONS)}</h2><div class="{_classes(dice)}">{cards}</div></section>\n'


def _ranking(dice: random.Random) -> str:
    items = "".join(f'<li><a href="/{_word(dice)}/{dice.getrandbits(32)}">{_teaser(dice)}</a></li>' for _ in range(10))
    return f'<aside class="most-read"><h2>Most read</h2><ol>{items}</ol></aside>\n'


def _comments(dice: random.Random) -> str:
    items = "".join(
        f'<div class="comment {_classes(dice)}"><b>{_word(dice)}{dice.randint(1, 99)}</b><p>{remark}</p>{_share(dice)}</div>'
        for remark in dice.sample(REMARKS, 4)
    )
    return f'<section id="comments"><h2>Comments</h2>{items}{_form(dice)}</section>\n'


def _footer(outlet: Outlet) -> str:
    links = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in ("Help", "Imprint", "Privacy", "Terms", "Jobs", "Contact"))
    return f"<footer><ul>{links}</ul><p>© {outlet.name}. All rights reserved. We use cookies; you can say no at any time.</p></footer>"


def _share(dice: random.Random) -> str:
    buttons = "".join(f'<li><button class="{_classes(dice)}" type="button">{name}</button></li>' for name in ("Share", "Print", "Save"))
    return f'<ul class="share">{buttons}</ul>'


def _form(dice: random.Random) -> str:
    return f'<form class="{_classes(dice)}"><input type="email" placeholder="you@example.org"><button>Send</button></form>'


def _sources(dice: random.Random) -> str:
    return "".join(f'<source media="(min-width: {w}px)" srcset="/img/{dice.getrandbits(48):012x}.webp {w}w">' for w in (480, 960))


def _styles(dice: random.Random, size: int) -> str:
    rules: list[str] = []
    length = 0
    while length < size:
        rules.append(f".{_word(dice)}-{_word(dice)}{{margin:{dice.randint(0, 40)}px;color:#{dice.getrandbits(24):06x}}}")
        length += len(rules[-1])
    return "".join(rules)


def _state(dice: random.Random, size: int) -> str:
    entries: dict[str, Any] = {}
    length = 0
    while length < size:
        key = f"{_word(dice)}{dice.getrandbits(32):08x}"
        entries[key] = {"id": dice.getrandbits(40), "type": _word(dice), "title": _teaser(dice), "href": f"/{_word(dice)}/{key}"}
        length += len(key) + 150
    return json.dumps(entries)


def _word(dice: random.Random) -> str:
    return dice.choice(WORDS)


def _classes(dice: random.Random) -> str:
    return " ".join(f"{_word(dice)}-{_word(dice)}__{_word(dice)}" for _ in range(dice.randint(1, 3)))
