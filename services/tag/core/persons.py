"""When two writings of a person's name are one name.

The normal form folds what transliteration varies: `Sergei Shoigu`, `Sergey Shoigu` and `Сергея Шойгу` are one, `Bashar al-Assad` and
`Bashar Assad` too. It never joins two surnames, nor persons by given name or office alone. Cyrillic is transliterated after the
BGN/PCGN rules.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_GIVEN = {
    variant: names.split()[0]
    for names in (
        "sergei sergey serguei sergej sergueï",
        "alexei alexey aleksei aleksey alexej",
        "andrei andrey andrej",
        "nikolai nikolay nikolaj",
        "dmitri dmitry dmitriy dmitrii dmitrij dimitri",
        "yuri yury yuriy iouri juri jurij yurii",
        "vladimir wladimir volodymyr",
        "mikhail michail mikhael",
        "alexander aleksandr alexandr aleksander oleksandr",
        "yevgeny evgeny evgeni yevgeni evgenii yevgenii yevgeniy",
        "anatoly anatoli anatoliy anatolii",
        "vitaly vitali vitaliy vitalii",
        "valery valeri valeriy valerii",
        "gennady gennadi gennadiy gennadii",
        "grigory grigori grigoriy grigorii",
        "vasily vasili vasiliy vasilii",
        "georgy georgi georgiy georgii",
        "maria mariya",
        "natalia natalya nataliya",
        "viktor victor",
        "mohammed muhammad mohammad mohamed mohamad muhammed mohamet",
        "ahmed ahmad achmed",
        "hussein hussain husain hossein husayn hosein",
        "hassan hasan",
        "mahmoud mahmud mahmood",
        "youssef yusuf yousef yusef yousuf yousaf youssouf",
        "omar umar",
        "osama usama",
        "khaled khalid",
        "mustafa mostafa moustafa",
        "abdullah abdallah abdulla",
        "ibrahim ebrahim",
        "qasem qassem qasim kassem ghasem",
        "bashar baschar bachar",
        "saeed said saïd",
        "sheikh shaikh sheik",
    )
    for variant in names.split()
}
_PARTICLES = frozenset({"al", "el", "an", "ad", "ar", "as", "ash", "at"})
_CYRILLIC = dict(zip("абвгдезийклмнопрстуфыэіїґ", "abvgdeziiklmnoprstufyeiig", strict=True)) | {
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "є": "ie",
}
# Stems of women's given names in Russian.
_WOMEN = frozenset(
    {"анн", "елен", "ольг", "натал", "наталь", "татьян", "ирин", "светлан", "екатерин", "юл", "марин", "валентин", "эльвир", "мар", "софь"}
    | {"дарь", "ксен", "анастас", "галин", "людмил"}
)
_WOMEN_IN_YA = frozenset({"мария", "лия", "юлия", "виктория", "наталия", "анастасия", "лидия", "евгения"})
_MASCULINE = ("ра", "ора", "ира", "ана", "она", "ила", "има", "иса", "рта")
_IS_CYRILLIC = re.compile("[\u0400-\u04ff]")


@lru_cache(maxsize=50_000)
def normal_form(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The normal form of a name given as keys of its tokens, without middle initials and Arabic articles."""
    words = [_normal_word(key) for key in _nominative(keys)]
    kept = [word for at, word in enumerate(words) if word and not (word in _PARTICLES and len(words) > 1) and (len(word) > 1 or at == 0)]
    return tuple(kept or words)


def slug(words: Sequence[str]) -> str:
    """The part of an id that names these words."""
    return re.sub(r"[^\w]+", "-", "-".join(words)).strip("-")[:80]


@lru_cache(maxsize=50_000)
def name_id(keys: tuple[str, ...]) -> str:
    """The id of a name that stands in no table, `name:` alone where no letter is left."""
    return f"name:{slug(normal_form(keys))}"


def _normal_word(key: str) -> str:
    word = _transliterated(key) if _IS_CYRILLIC.search(key) else key
    word = _GIVEN.get(word, word)
    word = re.sub(r"sk(?:iy|yy|ij|ii|yj|i)$", "sky", word) if len(word) > 5 else word
    return re.sub(r"iy(?=[ae]$)", "i", word)


def _transliterated(word: str) -> str:
    return "".join(_CYRILLIC.get(letter, letter) for letter in word)


def _nominative(keys: Sequence[str]) -> list[str]:
    """A Russian name of two or more words, put back into the nominative by the commonest endings."""
    if len(keys) < 2 or not all(_IS_CYRILLIC.search(key) for key in keys):
        return list(keys)
    given, family = keys[0], keys[-1]
    oblique = False
    feminine = re.fullmatch("(.*(?:ов|ев|ин|ск))(?:ой|у|ую)", family)
    if feminine and re.sub("(?:ии|ию|ией|ье|ью|ьей|ы|и|е|у|ой)$", "", given) in _WOMEN:
        stem = re.sub("(?:ии|ию|ией)$", "ия", given)
        stem = re.sub("(?:ье|ью|ьей|ьи)$", "ья", stem)
        given = re.sub("(?:ы|и|е|у|ой)$", "а", stem)
        return [given, *keys[1:-1], feminine.group(1) + ("ая" if feminine.group(1).endswith("ск") else "а")]
    if re.search("(?:ея|ею|еем|ее)$", given) and len(given) > 4:  # Сергея, Андрею
        given, oblique = re.sub("(?:ея|ею|еем|ее)$", "ей", given), True
    elif re.search("(?:ия|ию|ием)$", given) and given not in _WOMEN_IN_YA:
        given, oblique = re.sub("(?:ия|ию|ием)$", "ий", given), True
    elif re.search("[бвгджзклмнпрстфх](?:ом|у|а|е)$", given) and re.search("(?:ов|ев|ин|ын|ск)(?:а|у|ым|е|ого|ому|им|ом)$", family):
        masculine = re.search("(?:ым|ого|ому|им)$", family) or given.endswith(_MASCULINE)
        if masculine or re.search("(?:ом|у|е)$", given):
            given, oblique = re.sub("(?:ом|у|а|е)$", "", given), True
    if oblique:
        family = re.sub("(ов|ев|ин|ын)(?:а|у|ым|е)$", r"\1", family)
        family = re.sub("ск(?:ого|ому|им|ом)$", "ский", family)
    return [given, *keys[1:-1], family]
