"""The overview as metrics in Prometheus's text format: what an alarm is made of."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from shared.figures import Overview, SourceFigures, StageFigures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


GaugeMaker = Callable[..., Gauge]


def render_metrics(seen: Overview) -> bytes:
    """Gauges of the whole, of each stage and of each source; times are seconds since 1970, as Prometheus has them."""
    registry = CollectorRegistry(auto_describe=False)

    def gauge(name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"dateline_{name}", help_, labels, registry=registry)

    for name, value in (("articles", seen.articles), ("pages", seen.pages), ("events", seen.events), ("copies", seen.copies)):
        if value is not None:
            gauge(name, f"Number of {name}.").set(value)
    _stages(seen.stages, gauge("work_rows", "Rows of work by stage and state.", "stage", "state"))
    oldest = gauge("oldest_ready_seconds", "How long the oldest row that is due has waited.", "stage")
    for stage in seen.stages:
        oldest.labels(stage.stage).set(stage.oldest_ready_age_s or 0.0)
    fallen = gauge("dead_rows", "Rows of work that fell out, by error class.", "error_class", "outcome")
    for outcome, counts in (("refused", seen.refused), ("quarantined", seen.quarantined)):
        for error_class, number in counts.items():
            fallen.labels(error_class, outcome).set(number)
    states = gauge("sources", "Number of sources by state.", "state")
    for state in ("well", "new", "paused", "failing", "silent", "gap"):
        states.labels(state).set(sum(one.state == state for one in seen.sources))
    _sources(seen.sources, gauge)
    return generate_latest(registry)


def _stages(stages: Iterable[StageFigures], rows: Gauge) -> None:
    for one in stages:
        for state, number in (("ready", one.ready), ("later", one.waiting_later), ("leased", one.leased), ("dead", one.dead)):
            rows.labels(one.stage, state).set(number)


def _sources(sources: Iterable[SourceFigures], gauge: GaugeMaker) -> None:
    labels = ("source", "outlet")
    silent = gauge("source_silent", "1: nothing new for longer than its rhythm lets one expect.", *labels)
    failures = gauge("source_failures", "Failed polls in a row.", *labels)
    last_new = gauge("source_last_new_timestamp_seconds", "When the last new entry came.", *labels)
    last_ok = gauge("source_last_ok_timestamp_seconds", "When it was last read.", *labels)
    recent = gauge("source_recent_entries", "Entries of today and yesterday (UTC) by what became of them.", *labels, "outcome")
    gaps = gauge("source_recent_gaps", "Polls of today and yesterday that had nothing in common with the one before.", *labels)
    for one in sources:
        named = (one.url, one.outlet)
        silent.labels(*named).set(one.silent)
        failures.labels(*named).set(one.failures)
        gaps.labels(*named).set(one.ledger.gaps)
        for outcome, number in (("new", one.ledger.new), ("seen", one.ledger.seen), *one.ledger.dropped.items()):
            recent.labels(*named, outcome).set(number)
        for gauged, moment in ((last_new, one.last_new_at), (last_ok, one.last_ok_at)):
            if moment is not None:
                gauged.labels(*named).set(moment.timestamp())
