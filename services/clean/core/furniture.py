"""What is page furniture: the names that designers give to it, and the phrases it speaks in, in many languages.

All lists are general: no word in them belongs to one outlet. Class names are compared word by word (`relatedArticles` is `related
articles`), phrases with a whole block only, so that no sentence of a story is lost for a word that it holds.
"""

import re
from functools import lru_cache
from itertools import pairwise

from lxml import etree

from services.clean.core.words import pairs, phrases, words

# Tags whose content is never a story's text. Removed from the tree before it is read.
NOT_TEXT = (
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "audio", "video", "canvas", "map", "select", "option",
    "textarea", "input", "button", "dialog", "math", "progress", "meter", "datalist",
)  # fmt: skip
_AMP_JUNK = words(
    """
    amp-ad amp-sticky-ad amp-auto-ads amp-sidebar amp-carousel amp-base-carousel amp-stream-gallery amp-iframe amp-list amp-consent
    amp-user-notification amp-social-share amp-embed amp-video amp-lightbox amp-next-page amp-subscriptions amp-brightcove amp-youtube
    """
)
JUNK_TAGS = frozenset(("nav", "footer", "aside", "form", "menu", "header", "figure", "address", "fieldset", "label")) | _AMP_JUNK
INLINE = words(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q rp rt rtc ruby s samp small span
    strike strong sub sup time tt u var wbr bold blink picture img source track area link meta
    """
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

_WORDS = re.compile(r"[A-Z]+[a-z]*|[a-z]+")  # `relatedArticles` is two
# What an element has or lacks is not what it is.
_LAYOUT = re.compile(
    r"\b(?:has|with|no|not|without|w|elementor|hide|show|is|single|two|col|columns?) "
    r"(?:sidebar|comments?|ads?|banner|menu|nav|navigation|footer|widgets?|social)\b"
)

_LAID_OUT = words("sidebar comment comments ad ads banner menu nav navigation footer widget widgets social")

# Words of class and id that mark a subtree as furniture.
_JUNK_WORDS = words(
    """
    share sharing sharebar sharer shares social socials socialbar addthis addtoany related relateds recommended recommendation
    recommendations recirc recirculation trending popular promo promos promobox promotion teaser teasers outbrain taboola
    newsletter newsletters subscribe subscription signup advert advertisement advertising advertorial adv advt ads adsense adslot adunit
    adbox adbanner adsbygoogle adcontainer adwrapper dfp sponsor sponsored werbung anzeige publicidad publicite banner banners
    cookie cookies consent gdpr breadcrumb breadcrumbs nav navigation navbar navi menu menubar footer sidebar widget widgets tags
    taglist topics keywords keyword hashtags authorbox authorbio biography bio pagination pager paging modal popup overlay tooltip
    lightbox dropdown infobox login register registration donate donation toc footnotes toolbar tools print carousel slider
    slideshow swiper slick skip srt jwplayer byline bylines credit credits copyright disclaimer masthead topbar feedback poll quiz
    survey rating ratings shariff mehr readmore morefrom upsell paywall piano hidden offscreen visuallyhidden screenreader
    callout callouts calloutbox pullquote pullquotes emailform cta socialmedia hide factbox
    """
)
_JUNK_PAIRS = pairs(
    """
    ad: slot unit wrapper container banner label box space placeholder block text inline
    inline article page google mobile desktop: ad ads
    read: more next also on
    links: block box list
    also: read like
    might: like
    more: on from news stories articles in links like
    most top: read viewed popular stories news
    latest: news stories articles
    see: also
    you: may
    sr: only text
    screen: reader
    visually: hidden
    side: bar
    right: rail col column
    left: rail
    author: box bio info card profile details name block about
    about the: author
    post: author meta date info flair
    article entry story content: meta author authors header date info topics actions
    next prev previous: article post
    tag topic link article story news post: list
    of: article story contents
    call: out outs to
    sign: up in
    log: in
    follow: us
    email mail: form
    app: download store
    video: player wrapper embed playlist
    image: source gallery
    photo: gallery
    jp: relatedposts
    print: only
    no: print
    d: none
    fact info: box
    """
)
_CAPTION_WORDS = words(
    """
    caption captions figcaption legend legende bildunterschrift bildtext imgtext imagecaption cutline photocaption pie bildquelle
    """
)
_GALLERY_WORDS = words("gallery galleries photogallery imagegallery bildergalerie fotostrecke galerie galeria fotogaleria diaporama")
_COMMENT_WORDS = words("comment comments kommentar kommentare comentarios commentaires disqus discussion replies respond")
_BODY_WORDS = re.compile(
    r"\b(?:(?:article|story|post|entry|news|content|blog|detail|page)s? ?(?:body|content|text|main|copy|maincontent)|"
    r"body (?:text|content|copy)|"
    r"(?:text|main) (?:body|content)|articlebody|storybody|richtext|rich text|paragraph|paragraphs|prose|wysiwyg)\b"
)
_STANDFIRST_WORDS = words(
    """
    standfirst lead lede deck dek intro subtitle subheadline subhead subheading subline vorspann abstract summary excerpt chapo chapeau
    ingress sommario occhiello entradilla bajada spot description synopsis introduction preamble anrisstext
    """
)
_STANDFIRST_PAIRS = pairs(
    """
    sub: title headline heading line
    teaser kicker: text
    """
)


# The same few names stand on many elements of a page and on all pages of an outlet: each is judged once.


@lru_cache(maxsize=16_384)
def name_words(name: str | None, number: str | None = None) -> list[str]:
    """A class and id attribute as lower-case words: `relatedArticles__box-2` is related, articles, box; `has-sidebar` is nothing."""
    name = (name or "") if number is None else f"{name or ''} {number}"
    single = _WORDS.findall(name if len(name) <= 400 else name[:400])
    if not name.islower():
        single = [word.lower() for word in single]
    return single if len(single) < 2 or _LAID_OUT.isdisjoint(single) else _LAYOUT.sub(" ", " ".join(single)).split()


@lru_cache(maxsize=16_384)
def junk_name(name: str | None, number: str | None) -> str:
    """What a class and an id say of an element: "caption", "comment", "name" (other furniture), or "" for nothing."""
    single = name_words(name, number)
    if not _CAPTION_WORDS.isdisjoint(single):
        return "caption"
    if not _COMMENT_WORDS.isdisjoint(single):
        return "comment"
    return "name" if not _JUNK_WORDS.isdisjoint(single) or _has_pair(single, _JUNK_PAIRS) else ""


def is_gallery(element: etree._Element | None) -> bool:
    """Whether an element is named as a gallery of images: what heads it is no heading of the story."""
    name = element.get("class") if element is not None else None
    return name is not None and not _GALLERY_WORDS.isdisjoint(name_words(name))


@lru_cache(maxsize=4_096)
def is_body_name(name: str | None, number: str | None) -> bool:
    return _BODY_WORDS.search(" ".join(name_words(name, number))) is not None


@lru_cache(maxsize=16_384)
def is_standfirst_name(name: str | None, number: str | None = None) -> bool:
    single = name_words(name, number)
    return not _STANDFIRST_WORDS.isdisjoint(single) or _has_pair(single, _STANDFIRST_PAIRS)


def _has_pair(single: list[str], known: dict[str, frozenset[str]]) -> bool:
    return not known.keys().isdisjoint(single) and any(b in known[a] for a, b in pairwise(single) if a in known)


# Whole blocks that are furniture wherever they stand. Compared case-folded, without trailing punctuation.
PHRASES = phrases(
    """
    advertisement|advertising|advertisements|ad|ads|sponsored|sponsored content
    story continues below advertisement|article continues below
    story continues|continue reading|continue reading below|read more|read more here|read also
    also read|see also|more on this story|related
    related stories|related articles|related content|related news|related topics|related story|related article|related posts|recommended
    recommended for you|you may also like|you might also like|more from|more stories|most read|most popular|trending|trending now
    top stories|share|share this|share this article|share this story|share on facebook
    share on twitter|share via email|tweet|email|print|copy link|save
    facebook|twitter|whatsapp|linkedin|reddit|pinterest|telegram|flipboard|instagram|youtube|follow us|comments|comment|leave a comment
    like this|like loading|like loading...|older post|newer post|older posts|newer posts|blogthis!|share to twitter|share to facebook
    no comments|post a comment|view comments|show comments|add a comment|leave a reply|reply|sign up|subscribe
    subscribe now|log in|login
    newsletter|loading|loading...|loading…|close|menu|search|skip to content|play video|watch|watch now|listen|video
    photos|gallery|image
    about the author|about the authors|über den autor|die redaktion empfiehlt|click here|tap here
    back to top|next|previous|tags|topics|all rights reserved|report a typo|report an error|article content|photo|photos
    anzeige|werbung|lesen sie auch|lesen sie hier|mehr zum thema|auch interessant|das könnte sie auch interessieren|teilen|kommentare
    weiterlesen|weiter nach der anzeige|artikel merken|artikel teilen|zur startseite|drucken|merken|empfohlener redaktioneller inhalt
    externer inhalt|mehr lesen|lesen sie mehr zum thema|schlagworte|themen|newsletter abonnieren|jetzt abonnieren|inhalt|header|quelle
    publicité|publicite|lire aussi|à lire aussi|a lire aussi|partager|commentaires|s'abonner|lire plus|lire la suite|à lire également
    publicidad|publicidade|lee también|lea también|lea también|leia também|leia mais|te puede interesar|compartir
    compartilhar|comentarios
    comentários|más información|suscríbete|continua após a publicidade|pubblicità|leggi anche|condividi|commenti|potrebbe interessarti
    reklam|реклама|читайте также|читать также|смотрите также|поделиться|комментарии|подписаться|annons|annonse|annonce|læs også|les også
    läs också|läs mer|les mer|læs mere|dela|del|kommentarer|advertentie|lees ook|lees meer|delen|reclame|reklama|czytaj też|czytaj także
    iklan|baca juga|bagikan|advertensi|広告|関連記事|あわせて読みたい|シェア|コメント|続きを読む|相关阅读|相关新闻|延伸阅读
    广告|分享|相關新聞|廣告|延伸閱讀|광고|관련기사|공유|댓글|إعلان|شارك|اقرأ أيضا|اقرأ أيضاً|التعليقات|ilan
    haberin devamı|paylaş|benzer haberler|ilgili haberler
    caption|link kopiert|copiar enlace
    listen to this article|listen to this story|listen to article|audio article|scroll to continue|advertisement - scroll to continue
    article continues below this ad|article continues after this ad|article continues after advertisement
    article continues below advertisement|story continues below this ad|story continues after advertisement|content continues below
    continue reading the main story|skip advertisement|skip ad|report this ad|report ad|remove ads|ad feedback|paid content|paid post
    sponsor content|promoted|view image in fullscreen|view image|enlarge image|enlarge this image|open image in lightbox
    open image in gallery|image caption|hide caption|toggle caption|view gallery|view photos|show more|show less|load more|see more
    view more|view all|see all|learn more|expand|collapse|copy|copied|link copied|save article|save for later|gift this article
    gift article|print this page|add to favorites|read full article|read full story|read the full story|read the full article
    what to read next|read next|up next|don't miss|don’t miss|editor's picks|editor’s picks|editors' picks|suggested reading
    you might be interested in|in other news|this is a modal window|no compatible source was found for this media
    your browser does not support the video tag|your browser does not support the audio element|please enable javascript
    javascript is required|play|pause|mute|unmute|fullscreen|playback speed|getty images|ap photo|reuters|afp|dpa|epa|shutterstock|istock
    alamy|picture alliance|associated press|imago images|artikel anhören|artikel hören|bild vergrößern|video abspielen|mehr dazu
    zum thema|lesen sie mehr|mehr anzeigen|weniger anzeigen|empfehlungen der redaktion|meistgelesen|nach oben|zurück|weiter|jetzt lesen
    link kopieren|kommentieren|écouter l'article|écouter cet article|réagir|partager l'article|sur le même sujet|à découvrir|voir plus
    voir tout|afficher plus|escuchar artículo|escuchar|ver más|seguir leyendo|lo más leído|más leídas|relacionado|relacionados
    artículos relacionados|lee más|ler mais|veja também|veja mais|saiba mais|ouvir|mais lidas|ascolta l'articolo|continua a leggere
    leggi di più|leggi tutto|i più letti|lyssna på artikeln|lytt til artikkelen|lyt til artiklen|del artikkelen|dela artikeln
    deel dit artikel|lees verder|meer lezen|czytaj więcej|czytaj dalej|zobacz także|zobacz też|čtěte také|přečtěte si také|olvassa el
    citește și|citeşte şi|прочети още|още по темата|читайте по теме|читать далее|показать ещё|показать еще|слушать|слухати|читайте також
    devamını oku|daha fazla|simak juga|lihat juga|もっと見る|続きを見る|あわせて読む|おすすめ記事|この記事をシェア|続きはこちら
    フォローする|더보기|기사 공유|관련 뉴스|구독하기|查看更多|展开全文|阅读更多|查看更多内容|閱讀更多|اقرأ المزيد|المزيد|مواضيع ذات صلة
    קראו עוד|עוד בנושא|อ่านต่อ|ข่าวที่เกี่ยวข้อง|đọc thêm|xem tiếp
    auglýsing|mainos|lue myös|διαφήμιση|διαβάστε επίσης|פרסומת|โฆษณา|อ่านเพิ่มเติม|विज्ञापन|यह भी पढ़ें|quảng cáo|tin liên quan|xem thêm
    """
)

# Beginnings of short blocks that are furniture.
STARTS = re.compile(
    r"^\W{0,2}(?:read (?:more|also|next|the full)\b[^.]{0,6}:|(?:also|must) read\s*:|"
    r"related\s*(?:story|stories|article|articles|news)?\s*:|"
    r"see also\s*:|more\s*:|watch\s*[:|]|listen\s*[:|]|recommended\s*:|"
    r"sign up (?:for|to|here|now)|subscribe to|follow (?:us|me|him|her|@)|click here|share this|download (?:the|our) |"
    r"join (?:us|our|the conversation)|"
    r"copyright\b|©|\(c\) ?\d{4}|all rights reserved|"
    r"(?:photos?|images?|picture|video|fotos?|bild|фото|видео|fot|kuva|ảnh)\s*(?:credits?|by|source)?\s*:|"
    r"(?:getty images|this (?:article|story) (?:was|has been) (?:originally )?(?:published|updated))|(?:last )?updated?:|published:|"
    r"lesen sie (?:auch|hier|mehr|dazu|jetzt)|mehr (?:zum thema|dazu)\b|auch interessant\s*:|das könnte (?:sie|dich) auch|"
    r"hier (?:geht es|können sie)|"
    r"(?:à )?lire (?:aussi|également)\b|voir aussi|lee también|lea también|te puede interesar|leia (?:também|mais)|leggi anche|"
    r"читайте также|читайте ещё|смотрите также|подпис(?:ывайтесь|аться)|baca juga|lees ook|läs (?:också|mer|även)|les også|læs også|"
    r"czytaj (?:też|także)|lue myös|\W*関連記事|【関連|もっと読む|相关(?:阅读|新闻)|اقرأ أيضا|यह भी पढ़ें|mehr (?:von|aus|über)\b|tags?\s*:|"
    r"with files from|\(?reporting by|was this (?:article|page|story) (?:useful|helpful)|责任编辑|المصدر\s*:|"
    r"additional reporting by|责编|責編|编辑[:：]|filed under|posted in|"
    r"categories\s*:|topics\s*:|keywords\s*:|"
    r"schlag(?:worte|wörter)\s*:|etiquetas\s*:|теги\s*:|(?:source|fuente|fonte|kaynak|źródło|zdroj|forrás|kilde|"
    r"källa|lähde|bron|sumber|nguồn|источник|джерело|πηγή)\s*:|via\s*:)",
    re.I,
)
# What boxes between paragraphs ask of their readers, below a word that stands in it; no pattern: the word says it all.
_ASKS = tuple(
    (word, re.compile(pattern, re.I) if pattern else None)
    for word, pattern in (
        ("inbox", r"\b(?:to|in|into) your (?:e-?mail )?inbox\b"),
        ("ostfach", r"\bin (?:ihr|dein|ihrem|deinem) (?:e-?mail-?)?postfach\b"),
        ("boîte", r"\bdans votre boîte (?:e?-?mail|aux lettres|de réception)\b"),
        ("correo", r"\ben tu correo\b"),
        ("your privacy preferences", None),
        ("ookie", r"\b(?:accept|enable|allow) (?:all |the |these |marketing )*cookies\b.{0,60}\b(?:to|view|see|watch|content)\b"),
        ("ookie", r"\bcookies? (?:akzeptieren|zulassen)\b|\bacceptez les cookies\b|\bacepta las cookies\b|\baccetta i cookie\b"),
        ("xtern", r"\bexterne[rnms]? inhalte?\b.{0,80}\b(?:anzeigen|geladen|laden|angezeigt|ergänzt|zustimm)"),
        ("an Drittplattformen", None),
        ("have an account", None),
        ("rivacy ", r"\b(?:agree to|accept|read) (?:our|the) (?:terms\b.{0,30}\b)?privacy policy\b"),
    )
)
# A place in a gallery, the length of a film, an age, a bare address.
_COUNTS = re.compile(
    r"(?:(?:image|photo|bild|foto|slide|picture) )?\d{1,3} ?(?:/|of|of /|von|de|sur|из) ?\d{1,3}|(?:duration:? )?\d{1,2}:\d\d(?::\d\d)?"
    r"(?: ?/ ?\d{1,2}:\d\d(?::\d\d)?)?|(?:duration:? )?\d{1,3} (?:seconds?|mins?|minutes?|hours?|days?) ago|https?://\S+",
    re.I,
)
_EDGE = " \t\n\r\u00a0.:,;!?»«>›→-–—|•·…[](){}*#+/\\"


def is_phrase(text: str) -> bool:
    """Whether a whole block is a furniture phrase."""
    return len(text) < 80 and text.strip(_EDGE).casefold() in PHRASES


def counts(text: str) -> bool:
    """Whether a whole block is a number of an image, a length, an age or an address."""
    if not (text[-1].isdigit() or text.endswith(" ago") or text.startswith("http")):
        return False
    return len(text) < 200 and _COUNTS.fullmatch(text) is not None


def asking(text: str) -> list[tuple[str, re.Pattern[str] | None]]:
    """What boxes ask for, of which the whole text holds the word: on most pages nothing."""
    return [ask for ask in _ASKS if ask[0] in text]


def asks(text: str, known: list[tuple[str, re.Pattern[str] | None]]) -> bool:
    """Whether a block asks its reader for an address, or to let something be shown. `known` are those of `asking`."""
    return any(word in text and (pattern is None or pattern.search(text) is not None) for word, pattern in known)
