"""Clean: from a document's bytes to an article's text and metadata. Pure: data in, data out.

    from services.clean.core import Document, clean
    article = clean(Document(body=raw, content_type="text/html; charset=utf-8", url="https://…"))
    print(article.title, article.published, article.text)

`clean` raises `shared.stage.Reject` for what holds no article. `RULES` numbers the rules.
"""

from services.clean.core.document import RULES, Cleaned, ContextPage, ContextRelated, ContextSource, Document
from services.clean.core.extract import clean
from services.clean.core.lines import clean_line, clean_raw

__all__ = ["RULES", "Cleaned", "ContextPage", "ContextRelated", "ContextSource", "Document", "clean", "clean_line", "clean_raw"]
