"""The weights of `score`, per unit of each measure, before the logistic function, and of a score's second look in its company.

`DATED`, `UNDATED` and `COMPANY` were fitted by `tests/benchmarks/fit_link.py`; README.md tells on what. `ACROSS` (two languages),
`tags_agree` and `KIND_WEIGHT` were set by hand, since no labelled articles with tags or in several languages are at hand; the sample
outlets check them.
"""

DATED: dict[str, float] = {
    "constant": -5.65,
    "text": 4.22,
    "overlap": 1.4,
    "cover_less": 0.77,
    "cover_more": 1.23,
    "lead_less": 0.82,
    "lead_more": 1.47,
    "title_shared": 0.97,
    "fifth": 0.22,
    "figures": 0.58,
    "passages": 0.39,
    "days": -1.6,
    "other_day": -1.65,
    "one_short": 0.99,
    "both_short": 1.38,
    "tags_agree": 2.0,
}
UNDATED: dict[str, float] = {
    "constant": -8.58,
    "overlap": 2.76,
    "cover_less": 0.97,
    "cover_more": 0.76,
    "lead_less": 1.16,
    "lead_more": 1.96,
    "title_shared": 0.63,
    "rare": 0.25,
    "rare_text": 0.56,
    "fifth": 0.25,
    "figures": 0.18,
    "passages": 0.27,
    "repeated": 2.33,
    "one_short": 1.04,
    "both_short": 1.2,
    "tags_agree": 2.0,
}
ACROSS: dict[str, float] = {"constant": -5.2, "tags": 12.0, "rare_text": 1.3, "figures": 0.8, "days": -1.1}
ACROSS_UNDATED: dict[str, float] = {"constant": -7.5, "tags": 12.0, "rare_text": 1.3, "figures": 0.8}

# Of the score's own log-odds, and of the other edges that both articles have (`cluster.py`).
COMPANY: dict[str, float] = {"constant": 2.7, "score": 0.85, "others": -1.7}

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
