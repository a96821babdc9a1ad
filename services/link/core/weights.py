"""The weights of `score`, per unit of each measure, before the logistic function.

`DATED` and `UNDATED` were fitted by `tests/benchmarks/fit_link.py`; README.md tells on what. `ACROSS` (two languages), `tags_agree` and
`KIND_WEIGHT` were set by hand, since no labelled articles with tags or in several languages are at hand; the sample outlets check them.
"""

DATED: dict[str, float] = {
    "constant": -5.45,
    "text": 3.17,
    "cover_less": 3.46,
    "cover_more": 3.51,
    "title_shared": 0.92,
    "rare": 0.24,
    "repeated": 7.66,
    "days": -1.74,
    "one_short": 0.87,
    "both_short": 1.11,
    "tags_agree": 2.0,
}
UNDATED: dict[str, float] = {
    "constant": -8.81,
    "text": 1.83,
    "cover_less": 3.55,
    "cover_more": 4.26,
    "title_shared": 1.04,
    "rare": 0.20,
    "repeated": 18.71,
    "one_short": 1.01,
    "both_short": 1.12,
    "tags_agree": 2.0,
}
ACROSS: dict[str, float] = {"constant": -5.2, "tags": 12.0, "rare_text": 1.3, "figures": 0.8, "days": -1.1}
ACROSS_UNDATED: dict[str, float] = {"constant": -7.5, "tags": 12.0, "rare_text": 1.3, "figures": 0.8}

# How much a shared tag of a kind says; a name of any other kind 1.2.
KIND_WEIGHT: dict[str, float] = {
    "person": 1.6,
    "place": 1.0,
    "organisation": 0.8,
    "event": 0.8,
    "conflict": 0.8,
    "disaster": 0.6,
    "country": 0.5,
    "topic": 0.4,
    "office": 0.3,
}
