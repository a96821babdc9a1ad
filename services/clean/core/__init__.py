"""Clean: from a document's bytes to an article's text and metadata. Pure: data in, data out; no network, no clock, no files.

    from pathlib import Path
    from services.clean.core import Document, clean
    from shared.stage import Reject

    try:
        article = clean(Document(body=Path("page.html").read_bytes(), content_type="text/html", url="https://example.org/news/1"))
    except Reject as refusal:
        print(refusal.error_class, refusal)      # not_an_article: the results of a search
    else:
        print(article.title, article.published, article.authors, article.provenance["published"])
        print(article.text)                      # paragraphs parted by a blank line; article.markdown tells what is what

What goes in is a `Document`: `body` (bytes, with the `content_type` that the server gave) or `text` (decoded already), and whatever else is
known; the more the better, nothing is required. It may be HTML, plain text, Markdown, PDF, or an event page of the Context; what it
is, is found out. `url` helps to tell fronts from articles, resolves links and dates; after `fetched_at` no date is believed.

What comes out is a `Cleaned`: every field is explained there. A value that was chosen among several has its source in `provenance`;
what is not known is None or empty, never guessed, but for the title, language and text whose provenance says `derived`.

`Reject` (its `error_class` is one of those that `dateline explain` knows) is all that `clean` raises: `not_an_article`, `empty_document`,
`parse_limit` (too large or too deep to read), `unsupported_type`, `pdf_unreadable`. Work is bounded by the document's size, 10 MB of
text and 100 MB of PDF at most; whoever reads strangers' documents still does so in a process that can be killed (`shared/sandbox.py`),
since the parsers below are C.

`clean_line` is the same on JSON (`dateline stage clean`), `clean_raw` for another process. `RULES` numbers the rules.
"""

from services.clean.core.document import RULES, Cleaned, ContextPage, ContextRelated, ContextSource, Document
from services.clean.core.extract import clean
from services.clean.core.lines import clean_line, clean_raw

__all__ = ["RULES", "Cleaned", "ContextPage", "ContextRelated", "ContextSource", "Document", "clean", "clean_line", "clean_raw"]
