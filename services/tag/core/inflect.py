"""The forms under which a surface of the tables stands in running text.

Surfaces marked `de:`, `fr:`, `es:` (adjectives and peoples, in lower case), `ru:` (nouns and adjectives, in any case of the declension) and
`en:` (common nouns, with their plural) are multiplied once, when the tables are read: so nothing is stemmed when texts are matched.
"""

import re

_RU_ADJECTIVE = re.compile("(?:ый|ий|ой)$")
_RU_HARD = ("ый", "ого", "ому", "ым", "ом", "ая", "ой", "ую", "ое", "ые", "ых", "ыми")
_RU_SOFT = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их", "ими")
_CONSONANTS = "бвгджзклмнпрстфхцчшщ"


def forms(lang: str, surface: str) -> tuple[str, ...]:
    """All forms of a surface marked with `lang`, the surface itself first."""
    make = {"de": _german, "fr": _french, "es": _spanish, "en": _english, "ru": _russian}.get(lang)
    return tuple(dict.fromkeys([surface, *(make(surface) if make else ())]))


def _german(word: str) -> list[str]:
    if not word[0].islower():
        return []
    return [word + ending for ending in ("e", "en", "er", "es", "em")]


def _french(word: str) -> list[str]:
    if word.endswith(("e", "que")):
        feminine = word
    elif word.endswith(("ien", "éen")):
        feminine = word + "ne"
    else:
        feminine = word + "e"
    masculine = word if word.endswith(("s", "x")) else word + "s"
    return [feminine, masculine, feminine + "s"]


def _spanish(word: str) -> list[str]:
    if word.endswith("o"):
        return [word[:-1] + ending for ending in ("a", "os", "as")]
    for ending, bare in (("és", "es"), ("án", "an"), ("ón", "on"), ("ín", "in")):
        if word.endswith(ending):
            stem = word[: -len(ending)] + bare
            return [stem + "a", stem + "es", stem + "as"]
    return [word + "es"] if word.endswith(("í", "l", "r")) else [word + "s"]


def _english(phrase: str) -> list[str]:
    if phrase.endswith(("s", "x", "ch", "sh")):
        return [phrase + "es"]
    if phrase.endswith("y") and phrase[-2:-1] not in "aeiou":
        return [phrase[:-1] + "ies"]
    return [phrase + "s"]


def _russian(phrase: str) -> list[str]:
    """The singular cases of a name of one or more words, all forms of a lone adjective."""
    words = phrase.split(" ")
    if len(words) == 1 and words[0][0].islower() and _RU_ADJECTIVE.search(words[0]):
        return [words[0][:-2] + ending for ending in (_RU_SOFT if words[0].endswith("ий") else _RU_HARD)]
    declined = [_russian_cases(word) for word in words]
    return [" ".join(word[case] for word in declined) for case in range(5)]


def _russian_cases(word: str) -> tuple[str, ...]:
    """Genitive, dative, accusative, instrumental and prepositional of one word."""
    stem = word[:-2]
    if re.search("(?:ский|цкий|ный|вый|ой|ний)$", word) and len(word) > 4:
        return stem + "ого", stem + "ому", stem + "ого", stem + ("им" if word.endswith("ий") else "ым"), stem + "ом"
    if word.endswith("ая"):
        return stem + "ой", stem + "ой", stem + "ую", stem + "ой", stem + "ой"
    if word.endswith("ия"):
        return stem + "ии", stem + "ии", stem + "ию", stem + "ией", stem + "ии"
    stem = word[:-1]
    if word.endswith("а"):
        many = "и" if stem[-1:] in "кгхжчшщ" else "ы"
        return stem + many, stem + "е", stem + "у", stem + "ой", stem + "е"
    if word.endswith("я"):
        return stem + "и", stem + "е", stem + "ю", stem + "ей", stem + "е"
    if word.endswith("ь"):
        return stem + "я", stem + "ю", stem + "ь", stem + "ем", stem + "е"
    if word.endswith("й"):
        return stem + "я", stem + "ю", stem + "я", stem + "ем", stem + "е"
    if word.endswith(tuple(_CONSONANTS)):
        by = "ым" if word.endswith(("ов", "ев", "ин", "ын")) and word[0].isupper() else "ом"
        people = word.endswith(("ец", "ин", "ов", "ев"))
        stem = word[:-2] + word[-1] if word.endswith("ец") and len(word) > 4 else word
        return stem + "а", stem + "у", (stem + "а") if people else word, stem + by, stem + "е"
    return (word,) * 5
