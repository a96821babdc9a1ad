"""Small news for the linker's tests: two ferries, a bridge, a vote."""

from datetime import UTC, datetime, timedelta

from shared.features import Features, make_features

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)

FERRY = {
    "ferry_wire": (
        "Ferry Astrid Lyngdal runs aground off Karmoy, 212 taken off",
        "The ferry Astrid Lyngdal ran aground in thick fog off the island of Karmoy on Tuesday and 212 passengers were taken off by "
        "lifeboats, the coast guard said. Captain Ole Brekke told the harbour radio that the steering had failed minutes before. Two "
        "people were treated for hypothermia in Haugesund. The shipping company Fjordlinjen said the vessel was not leaking oil.",
        0,
    ),
    "ferry_paper": (
        "Passengers describe fog and a bang as Karmoy ferry hits rocks",
        "Passengers of the Astrid Lyngdal spoke of a loud bang in the fog before the ferry came to rest on rocks off Karmoy. All 212 "
        "on board were brought ashore to Haugesund by lifeboat. The coast guard is to question Captain Ole Brekke, whose steering failed, "
        "and Fjordlinjen has sent divers to look at the hull.",
        5,
    ),
    "ferry_copy": (
        "212 rescued after ferry grounds in Norway",
        "The ferry Astrid Lyngdal ran aground in thick fog off the island of Karmoy on Tuesday and 212 passengers were taken off by "
        "lifeboats, the coast guard said. Captain Ole Brekke told the harbour radio that the steering had failed minutes before. Two "
        "people were treated for hypothermia in Haugesund. The shipping company Fjordlinjen said the vessel was not leaking oil.",
        2,
    ),
}
LOOKALIKE = {
    "other_ferry": (
        "Ferry Santa Ines breaks down off Bohol with 340 aboard",
        "The ferry Santa Ines lost power off Bohol on Tuesday and drifted for six hours with 340 passengers before a navy tug took it in "
        "tow, the Philippine coast guard said. Nobody was hurt. The operator Visayan Lines blamed dirty fuel bought in Cebu.",
        1,
    ),
    "bridge": (
        "Bridge over the Olsa closed after cracks are found",
        "Engineers closed the road bridge over the Olsa at Bystrzyca after an inspection found cracks in two of its girders. Lorries are "
        "sent by way of Jablunkov. Mayor Hanka Sikora said repairs would last until the autumn.",
        3,
    ),
    "vote": (
        "Parliament in Valdoria votes to abolish the daylight saving time",
        "Deputies in Valdoria voted 61 to 33 to abolish the changing of clocks from next year. Minister Ruta Kalnins called it a small "
        "mercy for farmers and parents.",
        4,
    ),
}
ALL = FERRY | LOOKALIKE


def features(name: str, *, dated: bool = True, sample: bool = False, days: float = 0.0) -> Features:
    """One of the articles above, some days later if asked for."""
    title, text, hours = ALL[name]
    published = NOON + timedelta(hours=hours, days=days) if dated else None
    return make_features(title=title, text=text, published=published, language="en", sample=sample)
