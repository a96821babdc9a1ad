"""Bylines as readers see them: who is named in a line such as "By Ann Archer and Ben Baker, Alderton | 4 March".

Two kinds of evidence make a name of words: a mark (a word such as "By", a label such as "Autor:", a link to an author's page, an element
that is called a byline), and the look of the words themselves. With a mark a single word or a name in capitals will do.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import takewhile
from unicodedata import category

from services.clean.core.agencies import agency
from services.clean.core.calendars import MONTHS
from services.clean.core.words import words

MAX_NAMES = 5

# What stands before a name and is parted from it by a blank. Prepositions must not be read inside a line, only at its beginning.
_PREPOSITION = (
    r"(?:(?:(?:an?|eine?|une?) [^\W\d_]{4,14} |(?:text|words|story|written|reported|posted|published|analysis|interview|opinion|kommentar|"
    r"bericht|reportage|essay|glosse|kolumne|gastbeitrag|geschrieben|skrevet|skriven|escrito|scritto|écrit|publié|rédigé|publicado|"
    r"pubblicato|propos recueillis|recueilli|verfasst) )?(?:by|von|par|por|di|af|av|door(?: onze [^\W\d_]{4,14})?)|"
    r"napsala?|napisała?|kirjoittanut|γράφει [οη]|เขียนโดย|vom|per|de|da|deur|oleh|od|eftir|na|από|του|της|מאת|โดย|द्वारा|"
    r"بقلم|كتب|كتبت|نوشته)"
)
# Labels, which a colon parts from what they name, or a line's end.
_LABEL = (
    r"(?:(?:written|reported|words|story|text) by|by|von|par|por|di|door|oleh|autor(?:in|es|i|a|zy|ka|ky)?(?:/autor(?:in)?|/-?in)?|"
    r"authors?|auteure?s?|interview|tác giả|autore|autori|autorius|författare|forfatter|höfundur|kirjoittaja|"
    r"szerző|írta|"
    r"(?:text|tekst|teksti|texte|texto|testo)(?: (?:und|och|og|y|e|et) (?:fotos?|foton|bild(?:er)?|photos?))?|"
    r"journalist(?:in|e|a)?|"
    r"reporter|redakteur(?:in)?|reporteur|penulis|yaza[rn]|muhabir|haber|автор(?:ы|и|ка)?|текст|журналист|συντάκτης|γράφει(?: [οη])?|"
    r"כתב|ผู้เขียน|लेखक|الكاتب|بقلم|كتب|نویسنده|作者|(?:取材・)?文|撰文|記者|记者|執筆|글|기자)"
)
# Who edited it: named where nobody is named as author.
_EDITOR_LABEL = r"(?:责任编辑|責任編輯|责编|責編|编辑|編輯|redaktör|ansvarlig redaktør|redaktor)"
_LEAD = re.compile(rf"^\W{{0,2}}(?:{_PREPOSITION}\s*[:：]?\s+|{_LABEL}\s*[:：／＝]\s*)(?=\S)", re.I)
_SMALL = re.compile(r"(?:por|par|per|di|de|da|od|na|av|af)\s")
_LABEL_ALONE = re.compile(rf"^(?:{_PREPOSITION}|{_LABEL})\s*[:：]?$", re.I)
_LABELLED = re.compile(rf"^[(（\[]?\s*{_LABEL}\s*[:：]\s*(.{{2,80}}?)\s*[)）\]]?$", re.I)
_EDITED = re.compile(rf"^[(（\[]?\s*{_EDITOR_LABEL}\s*[:：]\s*(.{{2,80}}?)\s*[)）\]]?$", re.I)
_HAN = "\u4e00-\u9fff"
_EAST = re.compile(
    rf"(?:(?:記者|记者|特派員|特派员|作者)(?![会會団团站協协])\s*[:：/／・]?|(?:^|[・(（【\[\s])文\s*[:：/／・])\s*"
    rf"([{_HAN}]{{2,4}}(?:\s*[、,，]\s*[{_HAN}]{{2,4}}){{0,4}})\s*(?:[/／]|(?:[{_HAN}]{{2,4}}\s*)?(?:報導|报道|報道)|[】\]）)]|$)"
    rf"|^[\[【(]?\s*(?:[^\s=]{{2,12}}\s*=\s*)?([\uac00-\ud7a3]{{2,4}}(?:\s*[·,、]\s*[\uac00-\ud7a3]{{2,4}}){{0,4}})\s*(?:인턴|선임|수습)?기자"
    rf"|^([{_HAN}]{{2,4}}\s?[{_HAN}\u3040-\u30ff]{{1,4}})\s*(?:記者|記)$"
)

_PIECES = re.compile(
    r"(?<! und)(?<! and)(?<! och)(?<! og)(?<! et)(?<! y)(?<! e)(?<! &)\s+(?=(?:fotos?|foton|photos?|bild(?:er)?|video)\s*:)|"
    r"\s*[|｜•·●◦…\n]\s*|\s+[–—-]\s+|\s*[;；]\s*|\s+(?=(?:edited|photo\w*|illustrat\w*|video|translated|fact.checked|updated) by\b)", re.I
)
_NAMES = re.compile(
    r"\s*(?:[&、,，/／]|\s(?:and|und|et|och|og|en|ja|és|și|та|и|και|ve|dan|with|mit|avec|con|com|met)\s|(?<=\w\s)[yei](?=\s[^\W\d_]\S*\s\S))\s*",
    re.I,
)
_HANDLE = re.compile(r"[^\s@]{0,80}@\S{1,200}|https?://\S{0,500}|\([^()]{0,60}\)|\[[^\[\]]{0,60}\]")
_BEHIND = re.compile(r"\s+(?:(?:in|aus|at|à|en|i|for|für|für den)\s+(?=[^\W\d_a-z])|(?:(?:on|am|le|el|den|på)\s+)?(?=\d)).*$")
_FORBIDDEN = re.compile(r"[\d:!?@#©®™«»„“”\"<>(){}\[\]=+*_$€%|/\\…–—]")
_PARTICLES = words(
    "de da do dos du des del della di la le van von vom der den ter ten te zu zur zum bin ibn al el af av und y e i o bint abu ould das"
)
_OPENINGS = words("the this that in on at from")
_ARTICLES = _OPENINGS | words(
    "a an ein eine einer der die das el los las un una il lo gli i le les une des um uma os o as by et en den det"
)
_PREFIXED = re.compile(r"^(?:(?:d|l|o|m|t|s|n|k)['’`]|(?:al|el|ad|an|as|ash|at|bin|ben|abu|ibn)-)[^\W\d_a-z]")
_JOB = words(
    """
    writer correspondent editor reporter columnist contributor producer chief analyst critic intern photographer korrespondent
    korrespondentin redakteur redakteurin reporterin chefredakteur autorin journalist journalistin volontär volontärin
    kolumnistin corresponsal correspondant correspondante journaliste rédacteur rédactrice redactor redactora redattore
    giornalista inviato redacteur verslaggever korrespondentti toimittaja reportteri muhabiri yazarı корреспондент обозреватель
    редактор журналист
    """
)
# What stands between a name and a profession.
_RANKS = words(
    """
    senior chief deputy managing associate assistant staff special contributing political politics sports sport business economics
    economy diplomatic foreign national local digital news crime health science environment education home affairs city features
    investigative security defence technology media culture arts the our freie freier leitender leitende
    """
)
# Words that no person's name holds.
_NEVER = _JOB | words(
    """
    staff team filed under newsroom desk agency agencies redaktion redaktionen redacción redacao redação redazione rédaction редакция
    reuters afp dpa associated agence agentur agenturen agencia agencias agenzia ajansı zeitung nachrichten noticias notizie haberler
    updated published posted modified breaking exclusive share save print listen watch photos fotos images pictures gallery
    comment comments kommentare comentarios commentaires subscribe subscribers subscription newsletter login follow email
    facebook twitter whatsapp telegram linkedin instagram youtube google getty shutterstock alamy aktualisiert veröffentlicht
    erstellt datum uhr lesezeit minuten minutes minute min mins ago today yesterday tomorrow heute gestern hoy ayer hier oggi
    ieri monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
    lunes martes miércoles jueves viernes domingo lundi mardi mercredi jeudi vendredi samedi dimanche advertisement anzeige
    werbung publicidad sponsored copyright reserved the this your our all from für und teilen merken drucken anhören speichern
    vorlesen compartir guardar imprimir partager condividi salva stampa paylaş kaydet yazdır güncelleme giriş yayınlanma dela
    spara skriv lyssna del lagre lytt gem læs
    """
)
# Words that may be names ("Susan Page"), but mostly are not where nothing says that a line is a byline.
_UNLIKELY = words(
    """
    news press media online web newspaper magazine daily times post tribune herald gazette network service services wire wires
    nyheter actualités haber last latest first live read more less video photo foto image picture kommentar sign copy link mail
    stand politics politik política politica politique business sport sports sportlich opinion opinions world culture kultur
    cultura economy wirtschaft economía économie société society health science technology entertainment lifestyle travel weather
    local national international regional analysis analyse análisis interview report review editorial feature features category
    categories section sections tags topics home page menu search ad rights button artikel article artículo articolo story
    stories with hören premium plus abo limited company university institute ministry minister president prime premier government
    council committee department police party club fc united city middle east west north south eastern western northern southern
    central new york africa asia europe america states kingdom union street islands sea war day week month year crime climate
    environment education money markets tech arts books music film food style sábado jan feb mar apr jun jul aug sep oct nov dec
    january february march april june july august september october november december januar februar märz juni juli oktober
    dezember
    """
)


def people(text: str, *, marked: bool = False) -> list[str]:
    """The persons that a line names, in its order. `marked`: the line is known to be a byline, by its element or by what stands before."""
    found: list[str] = []
    text = " ".join(text.split()) if "\n" in text or "  " in text else text
    if len(text) > 200:
        return found
    if east := eastern(text):
        return east
    for piece in _PIECES.split(text):
        bare = _LEAD.sub("", piece)
        sure = marked or bare != piece
        # After the first part that is no person (a place, a paper, a title) the list of names is over.
        names = [_untitled(_HANDLE.sub(" ", part), sure=sure) for part in _NAMES.split(bare) if part and part.strip()]
        kept = list(takewhile(partial(is_person, marked=sure), names))
        if bare != piece and not kept and names and _is_one_word(names[0]):
            kept = names[:1]
        if not sure and len(kept) < len(names) and len(kept[:1]) != len(names) - 1:
            kept = []
        found.extend(kept)
        if found and bare != piece:
            break
    return found[:MAX_NAMES]


def eastern(text: str) -> list[str]:
    """The names of a Chinese, Japanese or Korean byline, which stand beside the word for a reporter, mostly without blanks."""
    match = None if text.isascii() else _EAST.search(text)
    return [n for n in re.split(r"\s*[、,，·]\s*", next(filter(None, match.groups()))) if n][:MAX_NAMES] if match else []


def is_person(text: str, *, marked: bool = False) -> bool:
    """Whether words look like a person's name: two to five of them, capitalised but for particles, none that names have not."""
    if not 4 <= len(text) <= 60 or _FORBIDDEN.search(text):
        return marked and _caseless(text)
    parts = text.split()
    if not 2 <= len(parts) <= 6:
        return marked and _caseless(text)
    if parts[0].casefold() in (_OPENINGS if marked else _ARTICLES):
        return False
    folded = [part.casefold().strip(".,'’") for part in parts]
    if (
        not _NEVER.isdisjoint(folded)
        or (folded[0] in _UNLIKELY and folded[0] not in MONTHS)
        or any(part.endswith(("'s", "’s")) for part in parts)
    ):
        return False
    if not marked and not _UNLIKELY.isdisjoint(folded):
        return False
    if text.upper() == text.lower():
        return marked and _caseless(text)
    if text.isupper() and not marked:
        return False
    capitals = [p for p in parts if p[0].isupper() or _PREFIXED.match(p)]
    return len(capitals) >= 2 and all(p in capitals or p.casefold() in _PARTICLES for p in parts)


def labelled(lines: Iterator[str]) -> tuple[list[str], list[str]]:
    """Persons behind labels such as "Author:" anywhere on a page, and those whom it names as its editors."""
    authors: list[str] = []
    editors: list[str] = []
    label = False
    for line in lines:
        if label:
            authors.extend(people(line, marked=True))
            label = False
        if len(line) > 100:
            continue
        if ":" in line or "：" in line:
            if match := _LABELLED.match(line):
                authors.extend(people(match[1], marked=True))
            elif match := _EDITED.match(line):
                editors.extend(people(match[1], marked=True))
        if not authors and 5 <= len(line) <= 40:
            label = is_label(line)
        if authors:
            break
    return authors[:MAX_NAMES], editors[:MAX_NAMES]


def is_label(line: str) -> bool:
    """Whether a line is nothing but "By", "Von:", "Autorin": the name is the next one."""
    return len(line) <= 40 and _LABEL_ALONE.match(line) is not None


def begins(line: str) -> bool:
    """Whether a line begins as a byline does. In running text that links cut to pieces "de" and "por" stand there in small letters."""
    if _LEAD.match(line):
        return _SMALL.match(line) is None
    return not line.isascii() and len(line) < 60 and bool(eastern(line))


def is_job(name: str) -> bool:
    """Whether words name what somebody is ("AP National Political Writer") and nobody."""
    parts = name.casefold().split()
    return len(parts) > 1 and not _JOB.isdisjoint(parts)


def without_job(name: str) -> str:
    """A name without the profession, agency or place that is written behind it: "Ann Archer Political correspondent"."""
    parts = name.split()
    if len(parts) < 3:
        return name
    folded = [part.casefold() for part in parts]
    if folded[0] in _RANKS or folded[1] in _RANKS or agency(folded[0]):
        return name  # "AP National Political Writer" is nobody's name
    end = next((place for place in range(2, len(parts)) if folded[place] in _JOB), len(parts))
    while 2 < end < len(parts) and folded[end - 1] in _RANKS:
        end -= 1
    # A place is written with "in", an agency by its name alone.
    ends = (place for place in range(2, end) if folded[place] == "in" or agency(" ".join(parts[place:end])))
    return " ".join(parts[: next(ends, end)]).rstrip(" ,:|–—-") if is_person(" ".join(parts[:2]), marked=True) else name


def bare(name: str) -> str:
    """A name without addresses, handles and what stands in brackets."""
    return " ".join(_HANDLE.sub(" ", name).split())


def _untitled(name: str, *, sure: bool) -> str:
    """A name without the marks around it, without the number, place or profession behind it: "Ann Archer in Alderton"."""
    name = " ".join(name.split()).strip(" \t.,;:|-–—·•*\"'“”„()")
    if " " not in name:
        return name
    numbered = _BEHIND.search(name)
    parts = _BEHIND.sub("", name).split()
    if numbered and len(parts) > 2 and any(map(str.isdigit, numbered[0])) and parts[-1].casefold().strip(".,") in MONTHS:
        parts.pop()
        parts = parts[:-1] if parts[-1] in ("on", "am") else parts
    name = " ".join(parts)
    if sure and len(parts) > 2 and not name.isupper():
        folded = [part.casefold() for part in parts]
        for place in range(2, len(parts)):
            if folded[place] in _JOB or folded[place] in _UNLIKELY or (2 <= len(parts[place]) <= 4 and parts[place].isupper()):
                return " ".join(parts[:place]) if not _JOB.isdisjoint(folded[place:]) else name
    return name


def _is_one_word(name: str) -> bool:
    """A single name behind "By": as good as one can be."""
    return (
        2 <= len(name) <= 25
        and name[0].isupper()
        and " " not in name
        and name.isalpha()
        and name.casefold() not in _NEVER
        and name.casefold() not in _UNLIKELY
    )


def _caseless(text: str) -> bool:
    """A name in a script that knows no capitals, where a mark says that it is one."""
    letters = [c for c in text if not c.isspace() and c not in ".·・'’-"]
    if not letters or any(c.upper() != c.lower() or category(c)[0] not in "LM" for c in letters):
        return False
    if any("\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in letters):
        longest = 8 if " " in text or any("\u3040" <= c <= "\u30ff" for c in letters) else 5
        return 2 <= len(letters) <= longest and len(text.split()) <= 2
    return 1 <= len(text.split()) <= 4 and 4 <= len(text) <= 40
