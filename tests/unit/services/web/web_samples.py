"""An invented chronicle, for the tests of the site."""

from datetime import UTC, date, datetime

from services.web.store import Stored
from shared.records import (
    Article,
    Citation,
    DayOfFront,
    DayPage,
    Edit,
    EventLine,
    EventPage,
    FrontPage,
    Image,
    MovedPage,
    Page,
    Reason,
    Related,
    Sourced,
    Tag,
)

ISSUED = datetime(2031, 5, 14, 17, 42, 7, 250_000, tzinfo=UTC)

VELDA = Tag(id="Velda_Bridge", name="Velda Bridge", kind="place")
ORSK = Tag(id="Orsanne", name="Orsanne", kind="place")
MINISTER = Tag(id="Ilse_Maran", name="Ilse Maran", kind="person")
AUTHORITY = Tag(id="River_Authority", name="River Authority", kind="organisation")
FLOOD = Tag(id="2031_Tessel_floods", name="2031 Tessel floods", kind="event")
COUNTRY = Tag(id="Tessel", name="Tessel", kind="country")

WHY = (
    Reason(name="shared tags", detail="Velda Bridge, River Authority, 2031 Tessel floods", weight=0.58),
    Reason(name="title", detail="“bridge”, “closed” in both", weight=0.27),
    Reason(name="time", detail="1 h 20 min apart", weight=0.15),
)


def at(hour: int, minute: int, day: int = 14) -> datetime:
    """A moment in May 2031."""
    return datetime(2031, 5, day, hour, minute, tzinfo=UTC)


ARTICLES = (
    Article(
        id=101,
        title="Velda Bridge closed after flood water undermines two piers",
        url="https://orsanne-courier.test/2031/05/14/velda-bridge-closed",
        outlet="Orsanne Courier",
        language="en",
        authors=("Marta Quill", "Jonas Reet"),
        published_at=at(6, 10),
        published_provenance="jsonld",
        published_confidence=0.99,
        section="Roads & Rivers",
        keywords=("Velda Bridge", "floods"),
    ),
    Article(
        id=102,
        title="Engineers shut Velda Bridge, thousands face a 60 km detour",
        url="https://northwire.test/a/88213",
        outlet="Northwire",
        language="en",
        agency="Northwire",
        published_at=at(7, 30),
        published_provenance="feed",
        revision=3,
        edited=(
            Edit(
                at=at(10, 40),
                title_before="Engineers shut Velda Bridge; <b>detour</b> of 40 km",
                added=3,
                removed=1,
                diff=((" ", "…"), ("-", "The detour is 40 km long."), ("+", "The detour is 60 km long, <i>not</i> 40.")),
            ),
            Edit(at=at(7, 45), added=12, removed=0),
        ),
        gone_at=at(16, 2),
        gone_status=410,
        why=WHY,
        linked_to=101,
    ),
    Article(
        id=103,
        title="Flood damage closes key bridge in Tessel",
        url="https://harbour-post.test/world/flood-damage-closes-key-bridge",
        outlet="Harbour Post",
        language="en",
        agency="Northwire",
        published_at=at(8, 5),
        published_provenance="meta",
        copy_of=102,
        why=WHY[:1],
        linked_to=102,
    ),
    Article(
        id=104,
        title="Bridge shut: the detour, and how long it takes",
        url="https://the-inland-mirror.test/n/bridge-shut",
        outlet="The Inland Mirror",
        language="en",
        published_at=at(22, 50, day=13),
        published_provenance="url",
        published_confidence=0.7,
        paywalled=True,
        copy_of=102,
        copy_of_url="https://northwire.test/a/88213",
    ),
    Article(
        id=105,
        title="إغلاق جسر فيلدا بعد أن جرفت مياه الفيضان دعامتين",
        url="https://al-nahr.test/news/5512",
        outlet="النهر",
        language="ar",
        published_at=at(9, 0),
        published_provenance="time",
        why=WHY[:2],
        linked_to=101,
    ),
    Article(
        id=106,
        title="Velda-Brücke gesperrt: Hochwasser unterspült zwei Pfeiler",
        url="https://abendblatt-am-fluss.test/velda-bruecke-gesperrt",
        outlet="Abendblatt am Fluss",
        language="de",
        authors=("Käthe Ahrens",),
        published_at=at(9, 45),
        published_provenance="jsonld",
        kind="live",
        paywalled=True,
        why=WHY,
        linked_to=101,
    ),
    Article(id=107, title="A note found in the village archive", title_derived=True, url=None, outlet="By hand"),
)

EVENT = EventPage(
    id=17,
    path="/news/2031/05/14/velda-bridge-closed-after-flood-water-undermines-two-piers-17",
    headline="Velda Bridge closed after flood water undermines two piers",
    headline_from=Sourced(text=ARTICLES[0].title, outlet="Orsanne Courier", url=ARTICLES[0].url),
    date=date(2031, 5, 14),
    date_provenance="jsonld",
    date_confidence="stated",
    description=Sourced(
        text="The River Authority shut the crossing before dawn on Wednesday, when divers found that the flood had washed the bed away "
        "from under two of its nine piers. Ilse Maran, the transport minister, said that it would stay closed for weeks.",
        outlet="Northwire",
        url=ARTICLES[1].url,
    ),
    image=Image(
        text="The bridge at first light, seen from the Orsanne bank",
        outlet="Orsanne Courier",
        url="https://orsanne-courier.test/i/9.jpg",
        credit="Jonas Reet/River Pictures",
        width=1200,
        height=800,
    ),
    articles=ARTICLES,
    outlets=7,
    independent=5,
    citations=(Citation(outlet="Tessel Radio", url="https://radio.test/velda", cited_by="Current Events portal, 14 May 2031"),),
    tags=(VELDA, FLOOD, MINISTER, AUTHORITY, ORSK, COUNTRY),
    related=(
        Related(
            id=11,
            path="/news/2031/05/12/tessel-rises-above-the-mark-of-1987-11",
            headline="The Tessel rises above the mark of 1987",
            date=date(2031, 5, 12),
            tags=(FLOOD, AUTHORITY),
            strength=0.81,
            before=True,
        ),
        Related(
            id=4,
            path="/news/2030/11/02/inspection-finds-cracks-in-velda-bridge-4",
            headline="Inspection finds cracks in Velda Bridge, and asks for sixty million to mend them before the next winter",
            date=date(2030, 11, 2),
            tags=(VELDA,),
            strength=0.43,
            before=True,
        ),
        Related(
            id=21,
            path="/news/2031/05/16/ferry-starts-between-orsanne-and-velda-21",
            headline="Ferry starts between Orsanne and Velda",
            date=date(2031, 5, 16),
            tags=(VELDA, ORSK, FLOOD),
            strength=0.77,
            before=False,
        ),
    ),
    sample=True,
    issued_at=ISSUED,
    changes=("Velda Bridge closed to lorries", "Flood: checks at Velda Bridge"),
)

STORY = (EVENT.related[0], EVENT.related[2])


def line(event: EventPage) -> EventLine:
    """The event as a day lists it."""
    return EventLine(
        id=event.id,
        path=event.path,
        headline=event.headline,
        description=event.description.text if event.description else None,
        outlets=event.outlets,
        independent=event.independent,
        tags=event.tags,
        sample=event.sample,
    )


LINES = (
    line(EVENT),
    EventLine(
        id=18,
        path="/news/2031/05/14/parliament-of-tessel-votes-on-the-flood-fund-18",
        headline="Parliament of Tessel votes on the flood fund",
        outlets=1,
        independent=1,
        tags=(COUNTRY, FLOOD, MINISTER),
    ),
    EventLine(
        id=19,
        path="/news/2031/05/14/orchestra-19",
        headline="أوركسترا أورسان تعزف في الهواء الطلق من أجل المتضررين",
        description="تبرع العازفون بأجورهم لمن فقدوا بيوتهم.",
        outlets=3,
        independent=3,
    ),
    EventLine(
        id=20,
        path="/news/2031/05/14/kestrels-win-the-inland-cup-20",
        headline="Kestrels win the Inland Cup with a goal in the last minute",
        description="It is their first title in forty years.",
        outlets=12,
        independent=4,
    ),
    EventLine(id=22, path="/news/2031/05/14/rail-strike-ends-22", headline="Rail strike ends", outlets=2, independent=1, tags=(COUNTRY,)),
)

DAY = DayPage(
    path="/news/2031/05/14/index",
    date=date(2031, 5, 14),
    events=LINES,
    previous=date(2031, 5, 12),
    next=date(2031, 5, 16),
    issued_at=ISSUED,
)
FRONT = FrontPage(
    days=(
        DayOfFront(date=date(2031, 5, 14), path="/news/2031/05/14/index", events=LINES),
        DayOfFront(date=date(2031, 5, 12), path="/news/2031/05/12/index", events=LINES[1:3]),
    ),
    issued_at=ISSUED,
)
SPLIT = MovedPage(id=30, path="/news/2031/05/01/two-things-at-once-30", to=EVENT.related[:2], issued_at=ISSUED)
MERGED = MovedPage(
    id=31,
    path="/news/2031/05/14/bridge-closed-31",
    to=(
        Related(id=17, path=EVENT.path, headline=EVENT.headline, date=EVENT.date, tags=EVENT.tags, strength=1.0, before=False),
    ),
    issued_at=ISSUED,
)
GONE = MovedPage(id=32, path="/news/2031/05/02/taken-down-32", issued_at=ISSUED)

PAGES: tuple[Page, ...] = (EVENT, DAY, FRONT, SPLIT, MERGED, GONE)


class MemoryStore:
    """A store that holds the pages it is given."""

    def __init__(self, *pages: Page) -> None:
        self.pages = {self._key(page): page for page in pages}
        self.versions = dict.fromkeys(self.pages, 1)

    @staticmethod
    def _key(page: Page) -> object:
        if isinstance(page, EventPage | MovedPage):
            return page.id
        return page.date if isinstance(page, DayPage) else "front"

    def replace(self, page: Page) -> None:
        """Issue a page anew."""
        self.pages[self._key(page)] = page
        self.versions[self._key(page)] = self.versions.get(self._key(page), 0) + 1

    def event(self, id: int) -> Stored | None:
        return self._get(id)

    def day(self, day: date) -> Stored | None:
        return self._get(day)

    def front(self) -> Stored | None:
        return self._get("front")

    def _get(self, key: object) -> Stored | None:
        page = self.pages.get(key)
        return Stored(page, f"v{self.versions[key]}", page.issued_at) if page else None
