"""News agencies: the names under which they stand in bylines and datelines, and the short form in which they are reported."""

_TABLE = """
    AP: ap, associated press, the associated press
    Reuters: reuters, thomson reuters
    AFP: afp, agence france presse, agence france-presse, afp deutschland
    dpa: dpa, deutsche presse-agentur, deutsche presse agentur, lsw, lby, lhe, lno, dpa-infocom
    APA: apa, austria presse agentur
    ANSA: ansa
    EFE: efe, agencia efe
    TASS: tass, тасс, итар-тасс, itar-tass
    Interfax: interfax, интерфакс
    RIA Novosti: ria novosti, риа новости, ria
    Xinhua: xinhua, xinhua news agency, 新华社, 新華社
    Kyodo: kyodo, kyodo news, 共同通信, 共同
    Jiji: jiji, jiji press, 時事通信, 時事
    Yonhap: yonhap, yonhap news agency, 연합뉴스
    CNA: cna, central news agency, 中央社
    China News Service: 中新社, china news service
    PTI: pti, press trust of india
    ANI: ani
    IANS: ians
    UPI: upi, united press international
    Bloomberg: bloomberg, bloomberg news
    epd: epd
    KNA: kna
    SDA: sda, keystone-sda, ats
    Belga: belga
    ANP: anp
    Ritzau: ritzau
    NTB: ntb
    TT: tt
    STT: stt
    PAP: pap
    ČTK: ctk, čtk
    MTI: mti
    Anadolu: anadolu agency, anadolu ajansı, anadolu, aa
    İHA: iha, i̇ha, ihlas haber ajansı
    DHA: dha, demirören haber ajansı
    Lusa: lusa, agência lusa
    Europa Press: europa press
    PA: pa, press association, pa media
    AAP: aap, australian associated press
    The Canadian Press: canadian press, the canadian press, la presse canadienne
    SID: sid
    dts: dts, dts nachrichtenagentur
    Antara: antara
    Bernama: bernama
    SANA: sana
    IRNA: irna
    WAM: wam
    Ukrinform: ukrinform, укринформ
    UNIAN: unian, униан
"""
_AGENCIES = {
    name.strip(): short.strip()
    for line in _TABLE.strip().split("\n")
    for short, _, names in (line.partition(":"),)
    for name in names.split(",")
}


def agency(name: str | None) -> str | None:
    """The agency that a name means, in its usual short form."""
    if not name or len(name) > 60:
        return None
    key = " ".join(name.casefold().replace("(", " ").replace(")", " ").strip(" .,-").split())
    return _AGENCIES.get(key) or _AGENCIES.get(key.split(",")[0].strip())
