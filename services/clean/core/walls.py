"""How pages speak that stand in an article's place: errors, checks for robots, searches, logins, consent, imprints; in many languages.

Headings are matched as a whole, or nearly, since articles are written about all of this: "500 people evacuated" is no server's error and
"Search for missing hiker called off" no search. Texts are matched by what only a wall says, in the first and second person.
"""

import re
from collections import Counter

from services.clean.core import walltalk

LONGEST = 90  # characters of a heading that is a wall's
_ALONE = 0.8  # the same, where it is one paragraph
_SHARE = 0.6  # of a text's characters that stand in a wall's paragraphs

_ERROR = re.compile(
    r"(?:http |error |fehler |erreur |ошибка |errore )*(?:40[0-9]|410|429|451|50[0-9])"
    r"(?:\W*$|\W+(?:error|not found|page|forbidden|gone|bad gateway|internal|service|gateway|unavailable|unauthori[sz]ed|too many|"
    r"oops|sorry|seite|nicht|página|pagina|erreur|страница|не найдено|页面|找不到).{0,60}$)"
    r"|.{0,30}\b(?:page|article|story|content|url|link) (?:you .{2,40} )?(?:was |is |has |could |can ?|may )?"
    r"(?:not (?:be )?found|cannot be found|can[’']t be found|n[o’']t (?:be )?(?:found|available|exist)|missing|does ?n[o’']t exist|"
    r"do(?:es)? not exist|"
    r"no longer (?:exists|available)|been (?:removed|deleted|moved)|unavailable)\W*$"
    r"|.{0,25}\b(?:can[’']?t|cannot|can not|could ?n[o’']t|couldn[’']t|could not|unable to) (?:seem to )?find (?:that|this|the|"
    r"your)\b.{0,25}\bpage\b.{0,30}$"
    r"|(?:oops|whoops|uh[- ]oh)\W.{0,60}$|page (?:not found|missing)\b.{0,30}$|not found\W*$|nothing (?:was )?found\W*$|file not found\W*$"
    r"|(?:internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|website is offline|site maintenance|"
    r"under maintenance|unavailable (?:for|due to) legal reasons)\b.{0,30}$"
    r"|(?:(?:die|diese) )?(?:angeforderte )?seite (?:wurde )?(?:leider )?(?:nicht gefunden|existiert nicht|ist nicht verfügbar|"
    r"nicht verfügbar)\b.{0,30}$"
    r"|.{0,20}página (?:no|não) (?:encontrada|existe|disponible|disponível|se encuentra)\b.{0,20}$|.{0,20}no (?:se )?(?:encuentra|"
    r"encontramos|existe) (?:la|esta) página\b.{0,20}$"
    r"|.{0,20}page (?:introuvable|non trouvée|n[’']existe (?:pas|plus)|demandée)\b.{0,30}$|.{0,20}pagina (?:non (?:è stata )?trovata|"
    r"niet gevonden|bestaat niet|nu a fost găsită)\b.{0,20}$"
    r"|(?:(?:сторінк|страниц)[ауиы] не (?:найдена|существует|знайдено|існує)|такой страницы нет)\b.{0,20}$"
    r"|(?:sidan (?:kunde inte hittas|hittades inte|finns inte)|sid(?:en|a) (?:ble |blev )?(?:ikke funnet|ikke fundet|findes ikke|"
    r"finnes ikke)|sivua ei löyty\w*)\b.{0,20}$"
    r"|(?:nie znaleziono strony|strona nie (?:istnieje|została znaleziona)|stránka (?:nebyla )?nenalezena|az oldal nem található|"
    r"sayfa bulunamadı|halaman tidak ditemukan|không tìm thấy trang|η σελίδα δεν (?:βρέθηκε|υπάρχει))\b.{0,20}$"
    r"|.{0,12}(?:页面不存在|頁面不存在|找不到.{0,6}(?:页面|頁面|網頁)|页面.{0,4}找不到|ページが見つかりません|ページは見つかりません|"
    r"お探しのページ|페이지를 찾을 수 없|"
    r"الصفحة غير موجودة|لم يتم العثور على|صفحه .{0,8}یافت نشد|(?:הדף|העמוד) לא נמצא|ไม่พบหน้า|पृष्ठ नहीं मिला).{0,30}$",
    re.I,
)
_ROBOT = re.compile(
    r"(?:just a moment|one moment,? please|please wait|attention required|access (?:to this page has been )?denied|forbidden|"
    r"request (?:blocked|rejected|unsuccessful)|"
    r"are you (?:a robot|human|a human)|pardon our interruption|checking (?:your browser|if the site connection is secure)|"
    r"security check(?: required)?|"
    r"(?:human|bot|browser) verification|verify(?:ing)? (?:that )?you are (?:a )?human|please verify|unusual traffic|captcha|robot check|"
    r"enable javascript(?: and cookies)? to continue|javascript is (?:disabled|required)|ddos protection|zugriff verweigert|"
    r"accès refusé|acceso denegado|доступ (?:запрещ[её]н|ограничен))"
    r"\W*(?:\|.{0,40}|by .{0,20}|cloudflare.{0,10})?$",
    re.I,
)
_SEARCH = re.compile(
    r"(?:(?:your )?search(?: results?)?(?: (?:for|of)\s*[\"“”„«'‘:].{0,60}|\s*:.{0,60})?|(?:\d[\d,.]* )?search results\b.{0,60}|"
    r"\d[\d,.]* results (?:for|found)\b.{0,60}|you searched for\b.{0,60}|"
    r"no results(?: found)?(?: for\b.{0,60})?|such(?:e|ergebnisse?)(?: (?:für|nach|zu)\b.{0,60})?|résultats (?:de (?:la |"
    r"votre )?recherche|pour)\b.{0,60}|recherche|"
    r"resultados (?:de (?:la )?(?:búsqueda|busca|pesquisa)|para)\b.{0,60}|risultati (?:della )?ricerca\b.{0,60}|zoekresultaten\b.{0,60}|"
    r"sökresultat\b.{0,60}|søkeresultater\b.{0,60}|"
    r"результаты поиска\b.{0,60}|поиск|wyniki wyszukiwania\b.{0,60}|arama sonuçları\b.{0,60}|hasil pencarian\b.{0,60}|搜[索尋](?:结果|"
    r"結果)?.{0,30}|.{0,30}検索結果.{0,30}|.{0,20}검색 ?결과.{0,30}|نتائج البحث.{0,30})\W*$",
    re.I,
)
_LOGIN = re.compile(
    r"(?:please )?(?:log|sign)[ -]?in(?: (?:to|or|with|for|required|page|here|first)\b.{0,60})?\W*$|(?:member |subscriber |"
    r"user )?log-?in(?: page| required)?\W*$"
    r"|(?:subscribe|register|sign up|create (?:an?|your) (?:free )?account|log in)(?: now| today| for free| or (?:log|"
    r"sign) in)? to (?:continue|keep|read|unlock|access|view|see)\b.{0,50}$"
    r"|(?:create (?:an?|your) (?:free )?account|register(?: now)?|sign up|forgot(?:ten)?(?: your)? password\??|reset (?:your )?password|"
    r"my account)\W*$"
    r"|(?:this (?:article|content|story|page) is (?:reserved )?for (?:our )?(?:subscribers|members)(?: only)?|(?:subscribers|"
    r"members)[- ]only(?: content)?|premium content)\W*$"
    r"|(?:anmelden|anmeldung|einloggen|registrieren|bitte (?:melden sie sich an|einloggen)|(?:jetzt )?weiterlesen mit\b.{0,30}|"
    r"se connecter|connexion|connectez-vous\b.{0,40}|iniciar? sesi[oó]n|inicia sesión\b.{0,40}|identifícate|"
    r"accedi|effettua il login|entrar|fazer login|inloggen|logga in|logg inn|log ind|kirjaudu(?: sisään)?|zaloguj się|přihlášení|"
    r"bejelentkezés|giriş yap|войти|вход|авторизация|увійти|вхід|"
    r"登录|登入|登錄|会员登录|ログイン|会員登録|로그인|تسجيل الدخول|התחברות|เข้าสู่ระบบ)\W*$",
    re.I,
)
_CONSENT_HEADING = re.compile(
    r"(?:before you continue\b.{0,40}|(?:we value|your) (?:your )?privacy(?: (?:choices?|matters|settings?|is important to us))?|"
    r"(?:cookie|privacy|consent) (?:settings|preferences|choices|consent|centre|center|notice)|cookie consent|"
    r"(?:we use|about|our use of) cookies|(?:this|our) (?:web)?site uses cookies\b.{0,40}|manage (?:your )?(?:cookies|consent|"
    r"privacy)\b.{0,30}|.{0,40} is part of the .{0,30} family of brands|"
    r"bevor sie (?:fortfahren|zu .{2,30} weitergehen)\b.{0,40}|(?:ihre )?(?:privatsphäre|cookie)[- ]?(?:einstellungen|hinweis)|"
    r"zustimmung(?: erforderlich)?|.{2,40} mit werbung (?:und cookies )?(?:oder|lesen|nutzen)\b.{0,40}|"
    r"avant de (?:continuer|poursuivre)\b.{0,40}|nous respectons votre vie privée|antes de continuar\b.{0,40}|"
    r"tu privacidad es importante\b.{0,30}|prima di continuare\b.{0,40}|voordat je verdergaat\b.{0,40})\W*$",
    re.I,
)
_SERVICE = re.compile(
    r"(?:privacy(?: and cookies?)? (?:policy|notice|statement)|cookies? (?:policy|notice|statement)|terms (?:of (?:use|service|sale)|"
    r"(?:and|&) conditions)(?: .{0,30})?|terms|legal notice|disclaimer|imprint|impressum|"
    r"datenschutz(?:erklärung|hinweise?|bestimmungen)?|agb|allgemeine geschäftsbedingungen|nutzungsbedingungen|"
    r"(?:politique de )?confidentialité|mentions légales|conditions (?:générales )?d[’']utilisation|"
    r"(?:política|aviso) de (?:privacidad|privacidade|cookies)|aviso legal|términos y condiciones|termos de uso|"
    r"informativa (?:sulla )?privacy|note legali|privacybeleid|integritetspolicy|personvern(?:erklæring)?|"
    r"политика конфиденциальности|пользовательское соглашение|polityka prywatności|gizlilik politikası|"
    r"プライバシーポリシー|利用規約|隐私政策|개인정보 ?처리방침|"
    r"سياسة الخصوصية|"
    r"about us|contact(?: us)?|über uns|kontakt|qui sommes-nous\??|contactez-nous|contacto|quiénes somos|chi siamo|contatti|"
    r"advertise(?: with us)?|site ?map|newsletters?|careers|faq)\W*$",
    re.I,
)


def heading(text: str | None) -> str | None:
    """What a heading gives a page away as; None for one that may be an article's."""
    if not text:
        return None
    text = text.strip()
    if len(text) > LONGEST:
        return None
    for what, pattern in (
        ("an error page", _ERROR),
        ("a check for robots", _ROBOT),
        ("a search", _SEARCH),
        ("a login page", _LOGIN),
        ("a page that asks for consent", _CONSENT_HEADING),
        ("a page of the site's service", _SERVICE),
    ):
        if pattern.match(text):
            return what
    return None


def text(paragraphs: list[str]) -> str | None:
    """What a text gives a page away as: most of its characters stand in paragraphs that only a wall says, of one kind or of several."""
    total = sum(map(len, paragraphs))
    kinds = [(what, table) for what, most, table in walltalk.KINDS if total <= most]
    room = (1 - _SHARE) * total  # characters that may say something else
    hits: Counter[str] = Counter()
    for one in paragraphs if kinds else ():
        shown = walltalk.folded(one)
        said = next((what for what, table in kinds if walltalk.says(shown, table)), None)
        if said is not None:
            hits[said] += 1
            continue
        room -= len(one)
        if room < 0:
            return None
    alone = room >= (_ALONE - _SHARE) * total
    return hits.most_common(1)[0][0] if hits and (hits.total() > 1 or alone) else None
