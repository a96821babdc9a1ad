"""The weights of `score`, per unit of each measure, before the logistic function.

`DATED` and `UNDATED` were fitted by `tests/benchmarks/fit_link.py`; README.md tells on what. `ACROSS` (two languages), `tags_agree` and
`KIND_WEIGHT` were set by hand, since no labelled articles with tags or in several languages are at hand; the sample outlets check them.
"""

DATED: dict[str, float] = {
    "constant": -5.44,
    "lead": 0.41,
    "text": 4.48,
    "cover_less": 3.44,
    "cover_more": 3.25,
    "title_shared": 0.88,
    "rare": 0.10,
    "repeated": 5.83,
    "days": -1.74,
    "one_short": 0.91,
    "both_short": 1.13,
    "bare": 0.03,
    "tags_agree": 2.0,
}
UNDATED: dict[str, float] = {
    "constant": -8.70,
    "lead": 0.87,
    "text": 2.59,
    "cover_less": 3.58,
    "cover_more": 3.94,
    "title_shared": 1.02,
    "repeated": 17.65,
    "one_short": 0.99,
    "both_short": 0.98,
    "bare": 0.07,
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
