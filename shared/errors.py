"""Every way an input can be wrong, with its meaning and what to do about it.

The names are stable: they stand in the database, in logs, in answers of the API and in people's notes.
`dateline explain NAME` prints what stands here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ErrorClass:
    """What one kind of failure means and what its reader can do."""

    meaning: str
    remedy: str


CLASSES: dict[str, ErrorClass] = {
    # -- what people decide
    "correction_contradicts": ErrorClass(
        meaning="The correction cannot hold together with an earlier one, which is named: articles would be joined and parted at once.",
        remedy="Undo the earlier one (dateline events undo ID) if the new one is right; dateline events corrections lists them.",
    ),
    "correction_empty": ErrorClass(
        meaning="The correction says nothing that can be obeyed: its articles, its event or the correction to be undone are not there.",
        remedy="Look at the event again (dateline events show ID): it may have changed meanwhile.",
    ),
    # -- addresses
    "url_malformed": ErrorClass(
        meaning="The address cannot be read as an http or https address.",
        remedy="Correct the address; it needs a scheme, a host and no spaces, credentials or backslashes.",
    ),
    "address_forbidden": ErrorClass(
        meaning="The host resolves to an address that strangers may not make us connect to (private, loopback, multicast, …).",
        remedy="If the host is yours and meant, name it with its port in DATELINE_ALLOWED_HOSTS.",
    ),
    "host_unknown": ErrorClass(
        meaning="The host's name could not be resolved.",
        remedy="Check the name and this machine's DNS; it is tried again later by itself.",
    ),
    # -- transport
    "unreachable": ErrorClass(
        meaning="No connection could be made, or it broke before the answer was complete.",
        remedy="Check the network and the host; it is tried again later by itself.",
    ),
    "too_slow": ErrorClass(
        meaning="The whole answer, redirects included, did not arrive within the deadline.",
        remedy="It is tried again later by itself; DATELINE_FETCH_DEADLINE sets the deadline.",
    ),
    "too_large": ErrorClass(
        meaning="The answer is larger than allowed, on the wire or decompressed, or what stands around it (headers, chunks) has no end.",
        remedy="Raise DATELINE_FETCH_MAX_BYTES if the document is wanted; nothing helps where the headers have no end.",
    ),
    "bad_encoding": ErrorClass(
        meaning="The answer's content encoding is unknown, nested or broken.",
        remedy="Nothing on our side; the server sends what it does not announce.",
    ),
    "bad_redirect": ErrorClass(
        meaning="The redirects loop, are too many, or lead to something that is not http or that not all readers take for the same.",
        remedy="Open the address in a browser and use the address where it ends.",
    ),
    "http_gone": ErrorClass(
        meaning="The server says that the document does not exist (404, 410) or may not be shown (451).",
        remedy="Remove the address; an article that was read before is kept.",
    ),
    "http_refused": ErrorClass(
        meaning="The server refuses this client (another 4xx answer).",
        remedy="Open the address in a browser; set DATELINE_CONTACT so that the publisher can reach you.",
    ),
    "http_busy": ErrorClass(
        meaning="The server asks for patience (429 or 503).",
        remedy="Nothing: it is tried again, at the time that the server named; where it named one, that is not counted as an attempt.",
    ),
    "http_failed": ErrorClass(
        meaning="The server failed (5xx, a status that means nothing), or answered with what is not HTTP or not asked for (206, 304).",
        remedy="It is tried again later by itself.",
    ),
    "host_paced": ErrorClass(
        meaning="Other fetches of the same host come first: no host is asked for more than a little at once.",
        remedy="Nothing: it is its turn in a moment, and the wait is not counted as an attempt.",
    ),
    "host_resting": ErrorClass(
        meaning="The host failed several times in a row, so it is left in peace; one request at a time looks whether it is back.",
        remedy="Nothing: the wait is not counted as an attempt, unless the host has not answered for a week. Check the host if it lasts.",
    ),
    "robots_forbidden": ErrorClass(
        meaning="The host's robots.txt does not allow this address to our user agent.",
        remedy="Respect it, or ask the publisher; DATELINE_CONTACT is shown to them.",
    ),
    "rights_reserved": ErrorClass(
        meaning="The publisher does not want the page to be used so: noindex, or a reservation of text and data mining (TDM).",
        remedy="Respect it, or ask the publisher. If you have the right: `dateline sources add URL --rights ignore`, then replay.",
    ),
    # -- documents
    "unsupported_type": ErrorClass(
        meaning="The document is of a type that is not read as an article (an image, a video, an archive, a feed).",
        remedy="Add the article's page instead; a feed is a source: `dateline sources add URL`.",
    ),
    "feed_malformed": ErrorClass(
        meaning="The document is neither a feed nor a sitemap that can be read.",
        remedy="Open the address; often it is a web page whose feed has another address.",
    ),
    "entry_without_address": ErrorClass(
        meaning="A source announced an entry without a link, so there is nothing to fetch.",
        remedy="Nothing on our side; a podcast or a feed of notes may be the wrong source.",
    ),
    "entries_cut": ErrorClass(
        meaning="The document held more entries than are read of one; the rest was not looked at.",
        remedy="Nothing, if it is the archive that was cut off; otherwise add the outlet's smaller feeds, or its news sitemap.",
    ),
    "too_old": ErrorClass(
        meaning="A sitemap names an article from before the horizon, or one without a date among others that are no news.",
        remedy="Nothing: archives are not read again. DATELINE_SITEMAP_HORIZON sets the horizon; `dateline add URL` reads one article.",
    ),
    "sitemap_foreign": ErrorClass(
        meaning="An index of sitemaps names one on another site, which sitemaps.org does not allow.",
        remedy="If the sitemap is wanted, add it as a source of its own.",
    ),
    "sitemap_nested": ErrorClass(
        meaning="An index of sitemaps names itself, or stands more than three indexes deep.",
        remedy="Add the sitemaps that are wanted as sources of their own.",
    ),
    "opml_malformed": ErrorClass(
        meaning="The document is no OPML, or an outline of it says that it is a feed and names no address.",
        remedy="Export the list again from the reader that it comes from; what could be read of it was taken.",
    ),
    "parse_limit": ErrorClass(
        meaning="Reading the document took more time, memory or depth than one document may take.",
        remedy="Nothing: the document is hostile or broken. A page is kept and can be replayed after an upgrade; a source is read anew.",
    ),
    "parsers_busy": ErrorClass(
        meaning="The document takes long to read, and other slow documents kept the parsers busy while it waited.",
        remedy="It is tried again later by itself. If it lasts, run more workers, or look who sends slow documents: `dateline dead list`.",
    ),
    "not_an_article": ErrorClass(
        meaning="The page is no article: a front page, a section, a login, a consent wall, an error page.",
        remedy="Add the article's own address.",
    ),
    "empty_document": ErrorClass(
        meaning="No text could be found in the document.",
        remedy="Open the address; a page that needs scripts to show its text cannot be read.",
    ),
    "pdf_unreadable": ErrorClass(
        meaning="The PDF file is protected by a password, or broken.",
        remedy="Add a copy without a password, or the article's page.",
    ),
    "archive_malformed": ErrorClass(
        meaning="A WARC file is cut short, or one of its records is broken.",
        remedy="What could be read was taken in. Fetch the file again and add it again: nothing is taken in twice.",
    ),
    "file_unreadable": ErrorClass(
        meaning="There is no such file, or this machine does not let us read it.",
        remedy="Check the path, and that the file is yours to read.",
    ),
    "line_malformed": ErrorClass(
        meaning="A line of a JSON-lines input is no JSON object, or lacks what its stage needs.",
        remedy="Correct the line: the answer names its number; `dateline stage --help` shows what a line holds.",
    ),
    # -- our own side
    "message_malformed": ErrorClass(
        meaning="A unit of work carries a body that its stage cannot read.",
        remedy="Written by another version or by hand: `dateline dead show ID`, then replay or drop it.",
    ),
    "entry_damaged": ErrorClass(
        meaning="What the index holds of an article cannot be read, so that it cannot be compared with others.",
        remedy="`dateline rebuild --from tag --article ID` makes it again; other articles are linked meanwhile.",
    ),
    "database_away": ErrorClass(
        meaning="The database did not answer, or gave up the transaction.",
        remedy="Nothing, if it came back: the work is tried again, not counted as an attempt. Otherwise look at the database.",
    ),
    "storage_away": ErrorClass(
        meaning="The folder of the raw documents cannot be written or read: the disk is full, read only or failing, or not ours.",
        remedy="Make room, or check the owner of DATELINE_RAW. The work is tried again, not counted as an attempt.",
    ),
    "conflicts": ErrorClass(
        meaning="Other workers changed what this work stands on, again and again, while it ran.",
        remedy="Nothing: it is tried again. If it lasts, run fewer workers of that stage.",
    ),
    "killed": ErrorClass(
        meaning="The worker died, alone with this piece of work, three times.",
        remedy="Look at the worker's log at these times, then `dateline dead replay`; a memory limit is the usual cause.",
    ),
    "time_limit": ErrorClass(
        meaning="The work took longer than its time limit.",
        remedy="`dateline trace` shows the stage; raise DATELINE_ROW_LIMIT or report the document.",
    ),
    "bug": ErrorClass(
        meaning="The program failed in a way that was not foreseen, at every attempt.",
        remedy="`dateline dead show ID` has the traceback: please report it; after an upgrade `dateline dead replay` brings the work back.",
    ),
}
