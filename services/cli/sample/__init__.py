"""The sample outlets: a small invented web of news, served on loopback, so that a first start has something to read.

Content lies in `deploy/sample/` (its README has the format); `content` loads it, `web` answers requests about it as a pure function
of the moment, `server` puts that behind a socket. `python -m services.cli.sample` runs the server alone.
"""

from services.cli.sample.content import Article, Intended, Outlet, Sample, Source, load_sample
from services.cli.sample.server import serve
from services.cli.sample.web import Response, respond

__all__ = ["Article", "Intended", "Outlet", "Response", "Sample", "Source", "load_sample", "respond", "serve"]
