"""robots.txt by RFC 9309, read as leniently as Google's reader: groups, names of agents, the longest rule, escapes, broken lines."""

import pytest

from services.fetch.core.robots import Rules, robots_allow


def allowed(robots: str, path: str, agent: str = "dateline") -> bool:
    return robots_allow(robots, 200, agent, f"https://daily.test{path}")


def everybody(*rules: str) -> str:
    return "\n".join(("User-agent: *", *rules))


@pytest.mark.parametrize(
    ("rules", "path", "answer"),
    [
        (("Disallow: /paid", "Allow: /paid/free"), "/paid/free/1", True),
        (("Allow: /paid/free", "Disallow: /paid"), "/paid/1", False),
        (("Disallow: /paid", "Allow: /paid"), "/paid", True),
        (("Disallow:",), "/paid", True),
        (("Disallow: /", "Allow:"), "/paid", False),
        (("Allow: /$", "Disallow: /"), "/", True),
        (("Allow: /$", "Disallow: /"), "/a", False),
        (("Disallow: /*.pdf$",), "/a/b.pdf", False),
        (("Disallow: /*.pdf$",), "/a/b.pdf?x", True),
        (("Disallow: /*.pdf$",), "/a.pdf/b.pdf", False),
        (("Disallow: /a*b*c$",), "/abbc", False),
        (("Disallow: /a*b*c$",), "/acb", True),
        (("Disallow: /ab*ba$",), "/aba", True),
        (("Disallow: *print",), "/a/print/1", False),
        (("Disallow: /Paid",), "/paid", True),
        (("Disallow: /?", "Allow: /$"), "?q=a", False),
        (("Disallow: /",), "", False),
        (("Disallow: /",), "/robots.txt", True),
        (("Allow: /start/index.html", "Disallow: /"), "/start/", True),
        (("Allow: /start/index.html", "Disallow: /"), "/start/$", False),
        (("Disallow: start",), "/start", True),
        (("Disallow: /price/$",), "/price/$5", False),
    ],
)
def test_the_rule_of_most_octets_decides_and_of_equal_ones_the_mildest(rules: tuple[str, ...], path: str, answer: bool) -> None:
    assert allowed(everybody(*rules), path) is answer


@pytest.mark.parametrize(
    ("rule", "path", "covers"),
    [
        ("/café", "/caf%C3%A9", True),
        ("/caf%c3%a9", "/café", True),
        ("/%7Eann", "/~ann", True),
        ("/a%2Fb", "/a/b", False),
        ("/a/b", "/a%2fb", False),
        ("/a?to=http://b.test/", "/a?to=http%3A%2F%2Fb.test%2F", True),
        ("/a<b", "/a%3Cb", True),
        ("/a b", "/a%20b", True),
        ("/a%2A", "/a*", True),
        ("/a%2A", "/abc", False),
        ("/a%24", "/a$b", True),
        ("/a%", "/a%25", True),
    ],
)
def test_a_character_is_the_same_however_it_is_written(rule: str, path: str, covers: bool) -> None:
    assert allowed(everybody(f"Disallow: {rule}"), path) is not covers


GROUPS = """\
Disallow: /nobodys
User-agent: Dateline
Disallow: /one
Sitemap: https://daily.test/s.xml
User-agent: Press Reader
User-agent: gazetteer/2.0, evening-post
Disallow: /two

User-agent: *
Disallow: /all
User-agent: dateline
Disallow: /three
"""


@pytest.mark.parametrize(
    ("agent", "refused"),
    [
        ("dateline", {"/one", "/three"}),
        ("DATELINE", {"/one", "/three"}),
        ("dateline-images", {"/one", "/three"}),
        ("Mozilla/5.0 (compatible; Dateline/1.0)", {"/one", "/three"}),
        ("updateline", {"/all"}),
        ("press", {"/two"}),
        ("press/3", {"/two"}),
        ("pressroom", {"/all"}),
        ("Press Reader", {"/all"}),
        ("gazetteer", {"/two"}),
        ("evening-post", {"/two"}),
        ("", {"/all"}),
        ("*", {"/all"}),
    ],
)
def test_an_agent_has_the_groups_of_its_name_or_everybodys(agent: str, refused: set[str]) -> None:
    assert {path for path in ("/nobodys", "/one", "/two", "/three", "/all") if not allowed(GROUPS, path, agent)} == refused


def test_a_line_of_unknown_meaning_ends_no_group_but_makes_nobodys_rules_everybodys() -> None:
    assert not allowed("User-agent: dateline\nNoindex: /a\nUser-agent: *\nDisallow: /", "/b")
    assert allowed("User-agent: *\nNoindex: /a\nUser-agent: badbot\nDisallow: /", "/b")
    assert allowed("User-agent: *\nCrawl-delay: 5\nUser-agent: badbot\nDisallow: /", "/b")


@pytest.mark.parametrize(
    "robots",
    [
        "\ufeffUser-agent: *\nDisallow: /x",
        "user-agent:*\rdisallow:/x",
        "USERAGENT : *\r\nDISALLOW : /x  # why",
        "user agent *\ndisallow /x",
        "User-agent: *\nDisalow: /x",
        "User-agent: *\n:\nhello\nDisallow: /x",
        "  User-agent: *\n\n\n  Disallow: /x",
        "User-agent: * # all\nDisallow: /x",
        "User-agent: *\nDisallow: /x\n" + "a" * 600_000,
        "User-agent: *\nDisallow: /x" + "\0",
    ],
)
def test_broken_lines_cost_no_other_line(robots: str) -> None:
    assert (allowed(robots, "/x"), allowed(robots, "/y")) == (False, True)


def test_a_line_is_read_as_far_as_it_is_sane() -> None:
    assert not allowed(everybody("Disallow: /" + "a" * 20_000), "/" + "a" * 17_000)


def test_octets_of_any_encoding_are_rules() -> None:
    latin = Rules("User-agent: *\nDisallow: /caf\xe9".encode("latin-1"))
    assert (latin.allows("https://daily.test/caf%E9", "a"), latin.allows("https://daily.test/caf%C3%A9", "a")) == (False, True)
    wide = Rules("User-agent: *\nDisallow: /x".encode("utf-16"))
    assert (wide.allows("https://daily.test/x", "a"), wide.allows("https://daily.test/y", "a")) == (False, True)
    assert Rules(b"\x89PNG\r\n\x1a\n\xff\xfe\0").allows("https://daily.test/\ud800", "a")


@pytest.mark.parametrize(("status", "answer"), [(200, False), (301, True), (404, True), (429, True), (500, False), (0, False)])
def test_what_the_answer_was_decides_before_the_text(status: int, answer: bool) -> None:
    assert robots_allow("User-agent: *\nDisallow: /", status, "dateline", "https://daily.test/x") is answer


def test_delays_and_sitemaps_are_read() -> None:
    rules = Rules("Sitemap: /a.xml\nUser-agent: *\nCrawl-delay: 2\nUser-agent: dateline\ncrawl-delay: .5\nUser-agent: c\nCrawl-delay: nan")
    assert [rules.delay_s(agent) for agent in ("other", "dateline", "c")] == [2.0, 0.5, None]
    assert rules.sitemaps == ["/a.xml"]
    assert Rules("User-agent: *\nCrawl-delay: -1").delay_s("a") is None


def test_a_hostile_file_costs_what_its_size_costs() -> None:
    agents, rules = "".join(f"user-agent: a{n}\n" for n in range(12_000)), "".join(f"disallow: /{n}\n" for n in range(12_000))
    assert not allowed(agents + rules, "/11999", "a7")
    assert allowed(everybody("Disallow: /" + "*a" * 8000 + "b"), "/" + "a" * 4000)
