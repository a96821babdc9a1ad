"""Which arguments of an address may say which article it is, and which only where a reader came from or who they are.

By the lists of ClearURLs, AdGuard and courlan, without those of their names that news sites use for their articles (`uid`, `eid`,
`keyword`, `sid`). Where a name is used for both, the value decides, and in doubt the argument stays.
"""

import re
from functools import lru_cache
from urllib.parse import unquote

_NEVER = re.compile(
    r"utm[_-].*|at_.*|[mp]k_.*|mtm_.*|matomo_.*|piwik_.*|hsa_.*|itm_.*|mc_.*|ml_.*|oly_.*|vero_.*|ns_.*|ga_.*|gs_.*|ads?_.*|gad_.*|trk_.*|wt[._].*"
    r"|_?_hs.*|hsctatracking|_ga|_gl|_gid|s_(?:kw)?cid|ef_id|cm_mmc.*|fb_(?:action|ref|source|comment).*|guce?_?(?:counter|referrer.*)"
    r"|(?:fbc|gc|dc|twc|ttc|yc|ysc|gb|yadc|ymc)lid|gclsrc|msclkid|wbraid|gbraid|(?:rb_)?click_?id|irclickid|partner_?id|igshi?d?|mibextid|srsltid|epik"
    r"|li_fat_id|rdt_cid|wickedid|_openstat|__s|__cft__.*|__tn__|_branch_match_id|zanpid|spm|elq_?track.*|trk|trk(?:campaign|info)"
    r"|cmp|cmp_?id|icmp|int_?cmp|icid|ncid|ocid|ito|smid|smtyp|sr_share|sref|srnd|ftag|taid|tpcc|spref|soc_(?:src|trk)|xt(?:or|ref|cr)|dm_i|mkt_tok|emc"
    r"|sc_(?:campaign|channel|content|country|geo|medium|outcome)|em[cd]i|ceid|wprss|wp(?:i|m)?src|wpmm|unlocked_article_code"
    r"|ref_|ref_?(?:src|url)|referr?er(?:_id)?|referring_?source|referral|source_id|campaign_?id|aff|aff_?id|affiliate_?id"
    r"|__twitter_impression|traffic_source|feed_?(?:name|type)|jsessionid|phpsessid|aspsessionid.*|cfid|cftoken"
)
_DOUBTFUL = re.compile(r"ref|source|medium|campaign|partner|affiliate|kwd|(?:[a-z]+_)+(?:affiliate|campaign|medium|source|referr?er)")
_SOURCE = re.compile(r"from|src|via|mod|origin")
_SESSION = re.compile(r"session|session_?id")
_NO_NUMBER = re.compile(r"(?![0-9]{4,}\Z).*", re.DOTALL)  # a long number may be an article's
_CAMPAIGN = re.compile(r"(?=.*[g-zG-Z_:])[\w:.|-]+")  # `cid` names a campaign in words, or content by a number
_CHANNEL = re.compile(r"(?:rss|feed|newsletter|twitter|facebook|social|e?mail)(?:[_-].*)?", re.IGNORECASE)
_TOKEN = re.compile(r"[0-9A-Za-z]{16,}")
_SCRIPT = re.compile(r".*\.(?:php[345]?|aspx?|jsp|cgi|cfm|dll|do|pl)", re.IGNORECASE)  # whose articles are told apart by arguments


def kept(query: str, path: str) -> list[str]:
    """The arguments of a query, as they are written, that may say which article it is."""
    found: list[str] = []
    doubtful: list[str] = []
    for piece in query.replace("&amp;", "&").split("&") if query else ():
        name, _, value = piece.partition("=")
        unlikely = _unlikely(name)
        if unlikely is None:
            if piece:
                found.append(piece)
        elif unlikely is not _NEVER:
            (doubtful if unlikely.fullmatch(value) else found).append(piece)
    return doubtful if doubtful and not found and _SCRIPT.fullmatch(path) else found


@lru_cache(maxsize=4096)
def _unlikely(name: str) -> re.Pattern[str] | None:
    """What the value of an argument must be to say nothing of the article: None where the name does not hint at that at all."""
    name = unquote(name).lower()
    if _NEVER.fullmatch(name):
        return _NEVER
    if name == "cid":
        return _CAMPAIGN
    if _DOUBTFUL.fullmatch(name):
        return _NO_NUMBER
    if _SOURCE.fullmatch(name):
        return _CHANNEL
    return _TOKEN if _SESSION.fullmatch(name) else None
