"""Records as Markdown, in the shape of the Context's pages (`### Source:`, `### Related:`, `_Context: …_`), with what we know besides.

CommonMark. Foreign text cannot become markup in it, nor HTML in a renderer that lets HTML through.
"""

import re
from collections.abc import Iterable, Iterator

from services.web.core import words
from services.web.core.site import FORMAT_NAMES, FORMATS, Site, address, day_path
from services.web.core.views import Group, before_and_after, groups, tags_by_kind, timeline
from shared.records import Article, DayPage, Edit, EventLine, EventPage, FrontPage, MovedPage, Page, Related, Sourced, Tag

SAMPLE = "Sample news: invented, to show how Dateline works. It never happened."

_MARKUP = re.compile(r"[\\`*_\[\]~]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_AT_START = re.compile(r"^([#+=-])|^(\d{1,9})([.)])")
_AT_END = re.compile(r"(#+)$")  # closes a heading
_SIGNS = {"+": "added", "-": "removed"}
_IN_URL = re.compile(r"""[()<>\[\]"'`{}|^*]""")


def text(foreign: str) -> str:
    """Foreign text as Markdown that reads as just that text, on one line.

    `<` and `>` become entities, as not every renderer knows `\\<`.
    """
    line = _MARKUP.sub(r"\\\g<0>", _ENTITY.sub("&amp;", words.plain(foreign))).replace("<", "&lt;").replace(">", "&gt;")
    line = _AT_START.sub(lambda at: f"\\{at[1]}" if at[1] else f"{at[2]}\\{at[3]}", line)
    return _AT_END.sub(r"\\\1", line)


def destination(url: str) -> str:
    """A web address as the destination of a link: what could end it early is percent-encoded."""
    return _IN_URL.sub(lambda sign: f"%{ord(sign[0]):02X}", url)


def link(label: str, url: str | None) -> str:
    """`[label](url)`; the label alone where nobody may be sent to `url`."""
    safe = words.web_address(url)
    return f"[{text(label)}]({destination(safe)})" if safe else text(label)


def render_markdown(page: Page, site: Site) -> str:
    """The page as Markdown, ending in a newline."""
    if isinstance(page, EventPage):
        lines = _event(page, site)
    elif isinstance(page, DayPage):
        lines = _day(page)
    elif isinstance(page, FrontPage):
        lines = _front(page, site)
    else:
        lines = _moved(page)
    formats = " ".join(f"[{FORMAT_NAMES[fmt]}]({address(page.path, site, fmt)})" for fmt in FORMATS if fmt != "md")
    return "\n".join([*lines, f"Formats: {formats}", "", f"Issued: {words.machine_moment(page.issued_at)}", ""])


def _event(page: EventPage, site: Site) -> Iterator[str]:
    yield from (f"### [{page.date.isoformat()}]({address(day_path(page.date), site, 'md')})", "")
    if page.sample:
        yield from (f"##### {SAMPLE}", "")
    if page.topic:
        yield from (f"##### {text(page.topic)}", "")
    yield from (f"# {text(page.headline)}", "")
    if page.description:
        yield from (text(page.description.text), "")
    yield from (f"_{'; '.join(_credits(page))}_", "", "", "### Source:", "")
    for group in groups(page.articles):
        yield from _group(group)
    yield ""
    if page.citations:
        yield from ("### Cited:", "")
        yield from (f"{n}. {link(c.outlet, c.url)}, cited by {text(c.cited_by)}" for n, c in enumerate(page.citations, 1))
        yield ""
    if page.image:
        about = f": {text(page.image.text)}" if page.image.text else ""
        about += f" ({text(facts)})" if (facts := words.picture_facts(page.image)) else ""
        yield from ("### Image:", "", f"{link('Cover Image', page.image.url)}, {text(page.image.outlet)}{about}", "")
    if page.tags:
        yield from ("### Tags:", "")
        yield from (f"- {kind}: {', '.join(text(tag.name) for tag in tags)}" for kind, tags in tags_by_kind(page.tags))
        yield ""
    if page.storyline:
        yield from ("### Storyline:", "")
        yield from (f"- {_step(item, page)}" for item in timeline(page))
        yield ""
    if page.related:
        yield from _related(page.related)
    if page.decisions:
        yield from ("### Decided by people:", "")
        yield from (f"- {one.at.date().isoformat()}: {words.decision(one)}: {text(one.why)}" for one in page.decisions)
        yield ""
    if page.changes:
        yield from ("### Changes:", "")
        yield from (f"- {text(headline)}" for headline in page.changes)
        yield ""


def _credits(page: EventPage) -> Iterator[str]:
    def credit(what: str, sourced: Sourced | None) -> Iterator[str]:
        if sourced:
            yield f"{what}: {link(sourced.outlet, sourced.url)}"

    yield words.coverage(page.outlets, page.independent)
    if page.place:
        yield f"place: {text(page.place.name)}"
    yield text(words.date_note(page))
    yield from credit("headline", page.headline_from)
    yield from credit("description", page.description)


def _group(group: Group) -> Iterator[str]:
    origin = group.origin
    number = f"{group.number}. "
    indent = " " * len(number)
    yield number + _article(origin)
    yield from (f"{indent}- {fact}" for fact in _facts(origin))
    for n, copy in enumerate(group.copies, 1):
        inner = f"{indent}{n}. "
        yield f"{inner}{_article(copy)} _same text as {text(origin.outlet)}_"
        yield from (f"{' ' * len(inner)}- {fact}" for fact in _facts(copy))


def _article(article: Article) -> str:
    wall = " _paywall_" if words.is_paywalled(article) else ""
    return f"{link(article.outlet, article.url)}: {text(article.title)}{wall}"


def _facts(article: Article) -> Iterator[str]:
    facts: list[str] = []
    if kind := words.article_kind(article):
        facts.append(text(kind))
    if article.title_derived:
        facts.append("title taken from the text")
    if language := words.language_tag(article.language):
        facts.append(language)
    if article.published_at:
        found = words.found_in(article.published_provenance, article.published_confidence)
        facts.append(f"published {words.machine_moment(article.published_at)}" + (f" ({text(found)})" if found else ""))
    if by := words.signature(article):
        facts.append(f"by {text(by)}")
    if section := words.section(article):
        facts.append(text(section))
    if article.revision > 1:
        facts.append(f"revision {article.revision}")
    if facts:
        yield ", ".join(facts)
    if note := words.gone(article):
        yield text(note)
    for edit in article.edited:
        yield from _edit(edit, article)
    if article.copy_of_url:
        yield f"names as its origin: {link(article.copy_of_url, article.copy_of_url)}"
    if article.why:
        yield "why linked: " + "; ".join(f"{text(words.reason_in_words(why))} ({words.weight_in_words(why.weight)})" for why in article.why)


def _edit(edit: Edit, article: Article) -> Iterator[str]:
    """That it was edited, and then what was taken away and what came."""
    yield text(words.edit(edit, article)) + (f"; headline before: {text(edit.title_before)}" if edit.title_before else "")
    yield from (f"{_SIGNS[sign]}: {text(line)}" for sign, line in edit.diff if sign in _SIGNS)


def _related(related: Iterable[Related]) -> Iterator[str]:
    yield from ("### Related:", "")
    number = 0
    for name, items in zip(("Earlier", "Later"), before_and_after(related), strict=True):
        if items:
            yield from (f"#### {name}:", "")
        for item in items:
            number += 1
            yield f"{number}. {_event_link(item)} {_context(item.tags)} ({item.date.isoformat()}, strength {item.strength:.2f})"
        if items:
            yield ""


def _step(item: Related | None, page: EventPage) -> str:
    if item is None:
        return f"{page.date.isoformat()} **{text(page.headline)}**"
    return f"{item.date.isoformat()} {_event_link(item)} {_context(item.tags)} (strength {item.strength:.2f})"


def _event_link(event: Related | EventLine) -> str:
    return f"[{text(event.headline)}]({address(event.path, Site(), 'md')})"


def _context(tags: Iterable[Tag]) -> str:
    return f"_Context: {', '.join(text(tag.name) for tag in tags)}_"


def _day_events(events: Iterable[EventLine]) -> Iterator[str]:
    for event in events:
        yield from (f"### {_event_link(event)}", "")
        if event.sample:
            yield from (f"##### {SAMPLE}", "")
        if event.description:
            yield from (text(event.description), "")
        elif event.tags:
            yield from (_context(event.tags), "")
        yield from (f"_{words.coverage(event.outlets, event.independent)}_", "")


def _day(page: DayPage) -> Iterator[str]:
    yield from (f"## [{page.date.isoformat()}]({address(page.path, Site(), 'md')})", "")
    yield from _day_events(page.events)
    for name, day in (("Previous", page.previous), ("Next", page.next)):
        if day:
            yield from (f"## [{name} Day...]({address(day_path(day), Site(), 'md')})", "")


def _front(page: FrontPage, site: Site) -> Iterator[str]:
    yield from (f"# {text(site.name)}", "")
    if not page.days:
        yield from ("No events yet.", "")
    for day in page.days:
        yield from (f"## [{day.date.isoformat()}]({address(day.path, site, 'md')})", "")
        yield from _day_events(day.events)


def _moved(page: MovedPage) -> Iterator[str]:
    heading, explanation = words.moved(page)
    yield from (f"# {heading}", "", explanation, "")
    for number, item in enumerate(page.to, 1):
        yield f"{number}. {_event_link(item)} ({item.date.isoformat()})"
    if page.to:
        yield ""
