"""Months, weekdays, eras and calendars, as pages of many countries write them."""

import re
from datetime import date, datetime, timedelta
from unicodedata import digit

_MONTH_NAMES = (
    "january jan januar jänner jän janvier janv enero ene janeiro gennaio gen januari január januára januarja januara "
    "janeiro ledna styczeń stycznia sty ocak oca января январь янв січня студзеня януари јануар јануара јануари siječnja "
    "sječanj sij jaanuar janvāris janvārī sausio sausis tammikuuta tammikuu ianuarie janúar gener yanvar ιανουαρίου ιανουάριος "
    "ιαν يناير ינואר בינואר",
    "february feb februar februari février févr fév fev febrero fevereiro febbraio febbr februára februarja februara "
    "február febrúar február února luty lutego lut şubat şub февраля февраль фев лютого лютага февруари фебруар фебруара "
    "veljače velj veebruar februāris februārī vasario vasaris helmikuuta helmikuu februarie februarij febrer fevral φεβρουαρίου "
    "φεβρουάριος φεβ فبراير פברואר בפברואר",
    "march mar märz mrz mär mars marzo março marco maart mrt maret marec marca marzec mart марта мар март березня сакавіка "
    "мартa ožujka ožu märts marts martā kovo kovas maaliskuuta maaliskuu martie március marec března mac març μαρτίου μάρτιος "
    "μαρ مارس מרץ במרץ",
    "april apr avril avr abril abr aprile április apríla aprila dubna kwiecień kwietnia kwi nisan nis апреля апрель апр "
    "квітня красавіка април априла travnja tra aprill aprīlis aprīlī balandžio balandis huhtikuuta huhtikuu aprilie apríl aprel "
    "απριλίου απρίλιος απρ أبريل ابريل إبريل אפריל באפריל",
    "may mai mayo maio maggio mag mei maj maja mayıs mayis мая май травня мај маја svibnja svi května maí mája majs maijs maijā "
    "gegužės gegužė toukokuuta toukokuu május maig μαΐου μάιος μαϊ مايو ماي מאי במאי",
    "june jun juni juin junio junho giugno giu juni czerwiec czerwca cze haziran haz июня июнь июн червня чэрвеня юни јун "
    "јуна lipnja června június júna junija juuni jūnijs jūnijā birželio birželis kesäkuuta kesäkuu iunie júní juny iyun "
    "ιουνίου ιούνιος ιουν يونيو יוני ביוני",
    "july jul juli juillet juil julio julho luglio lug lipiec lipca lip temmuz tem июля июль июл липня ліпеня юли јул јула "
    "srpnja července július júla julija juuli jūlijs jūlijā liepos liepa heinäkuuta heinäkuu iulie júlí juliol iyul julai "
    "ιουλίου ιούλιος ιουλ يوليو יולי ביולי",
    "august aug août aout agosto ago ağustos ağu august augustus agustus ags sierpień sierpnia sie августа август авг "
    "серпня жніўня август kolovoza kol srpna augusztus augusta avgusta avgust augusts augustā rugpjūčio rugpjūtis elokuuta "
    "elokuu ágúst augusti agost ogos αυγούστου αύγουστος αυγ أغسطس אוגוסט באוגוסט",
    "september sep sept septembre septiembre setiembre setembro settembre set sett wrzesień września wrz eylül eyl сентября "
    "сентябрь сен сент вересня верасня септември септембар септембра rujna ruj září szeptember septembra septembrī septembris "
    "rugsėjo rugsėjis syyskuuta syyskuu septembrie setembre sentyabr σεπτεμβρίου σεπτέμβριος σεπ سبتمبر ספטמבר בספטמבר",
    "october oct oktober okt octobre octubre outubro out ottobre ott październik października paź ekim eki октября октябрь "
    "окт жовтня кастрычніка октомври октобар октобра října október októbra oktobra oktoober oktobris oktobrī spalio spalis "
    "lokakuuta lokakuu octombrie oktyabr οκτωβρίου οκτώβριος οκτ أكتوبر אוקטובר באוקטובר",
    "november nov novembre noviembre novembro listopad listopada kasım kas ноября ноябрь ноя нояб листопада лістапада "
    "ноември новембар новембра studenoga studenog stu listopadu lis novembra novembris novembrī lapkričio lapkritis marraskuuta "
    "marraskuu noiembrie nóvember noyabr νοεμβρίου νοέμβριος νοε نوفمبر נובמבר בנובמבר",
    "december dec dezember dez décembre déc decembre diciembre dic dezembro dicembre desember des grudzień grudnia gru "
    "aralık ara декабря декабрь дек грудня снежня декември децембар децембра prosinca prosince decembra detsember decembris "
    "decembrī gruodžio gruodis joulukuuta joulukuu decembrie desembre dekabr disember δεκεμβρίου δεκέμβριος δεκ ديسمبر "
    "דצמבר בדצמבר",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}

# Scripts whose vowel signs are no letters to a pattern, and names of more than one word.
_SIGNED_MONTHS = (
    "มกราคม|ม\\.ค\\.|जनवरी|जानेवारी|জানুয়ারি|জানুয়ারী|ஜனவரி|كانون الثاني|ژانویه",
    "กุมภาพันธ์|ก\\.พ\\.|फरवरी|फ़रवरी|ফেব্রুয়ারি|பிப்ரவரி|شباط|فوریه",
    "มีนาคม|มี\\.ค\\.|मार्च|মার্চ|மார்ச்|آذار",
    "เมษายน|เม\\.ย\\.|अप्रैल|এপ্রিল|ஏப்ரல்|نيسان",
    "พฤษภาคม|พ\\.ค\\.|मई|মে|மே|أيار",
    "มิถุนายน|มิ\\.ย\\.|जून|জুন|ஜூன்|حزيران",
    "กรกฎาคม|ก\\.ค\\.|जुलाई|জুলাই|ஜூலை|تموز",
    "สิงหาคม|ส\\.ค\\.|अगस्त|আগস্ট|ஆகஸ்ட்|آب",
    "กันยายน|ก\\.ย\\.|सितंबर|सितम्बर|সেপ্টেম্বর|செப்டம்பர்|أيلول",
    "ตุลาคม|ต\\.ค\\.|अक्टूबर|अक्तूबर|অক্টোবর|அக்டோபர்|تشرين الأول",
    "พฤศจิกายน|พ\\.ย\\.|नवंबर|नवम्बर|নভেম্বর|நவம்பர்|تشرين الثاني",
    "ธันวาคม|ธ\\.ค\\.|दिसंबर|दिसम्बर|ডিসেম্বর|டிசம்பர்|كانون الأول",
)
_SIGNED = re.compile(
    r"(?<!\d)(\d\d?)\s*,?\s*(?:"
    + "|".join(f"({names})" for names in _SIGNED_MONTHS)
    + r")\s*,?\s*(?:พ\.?ศ\.?|ค\.?ศ\.?)?\s*(\d{4}|\d\d)(?!\d)"
)
_JALALI_MONTHS = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
_JALALI = re.compile(r"(?<!\d)(\d\d?)\s*(" + "|".join(_JALALI_MONTHS) + r")(?:\s*ماه)?\s*(1[34]\d\d)(?!\d)")
_JALALI_NUMBERS = re.compile(r"(?<!\d)(1[34]\d\d)[/.-](\d\d?)[/.-](\d\d?)(?!\d)")
_ERA = re.compile(r"(令和|平成|昭和|民國|民国)\s*(元|\d{1,3})\s*年\s*(\d\d?)\s*月\s*(\d\d?)\s*日")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_BUDDHIST = re.compile(r"(?<!\d)(?:(\d\d?)[/.-](\d\d?)[/.-](25\d\d)|(25\d\d)-(\d\d)-(\d\d))(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d\d?)\s*tháng\s*(\d\d?)\s*,?\s*(?:năm\s*)?((?:19|20)\d\d)(?!\d)", re.I)
_SHORT_YEAR = re.compile(r"(?<![\d:])(\d\d?)[\s-]+([^\W\d_]{3,14})\.?[\s-]+['’]?(\d\d)(?![\d:.h])")  # 12-Mar-21
_YEAR_FIRST = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\.?,?\s*(?:m\.|gada|г\.|оны)?\s*(?:(\d\d?)\.\s*)?([^\W\d_]{3,14})\.?\s*(\d\d?)?(?!\d)"
)  # 2021. március 4. · 2021 m. kovo 4 d. · 2021. gada 4. martā

_WEEKDAY_NAMES = (
    "monday mon montag lunes lundi lunedì segunda-feira maandag måndag mandag maanantai poniedziałek pondělí hétfő luni "
    "понедельник понеділок pazartesi senin الاثنين 月曜日 星期一 월요일",
    "tuesday tue tues dienstag martes mardi martedì terça-feira dinsdag tisdag tirsdag tiistai wtorek úterý kedd marți "
    "вторник вівторок salı selasa الثلاثاء 火曜日 星期二 화요일",
    "wednesday wed mittwoch miércoles mercredi mercoledì quarta-feira woensdag onsdag keskiviikko środa středa szerda "
    "miercuri среда середа çarşamba rabu الأربعاء 水曜日 星期三 수요일",
    "thursday thu thur thurs donnerstag jueves jeudi giovedì quinta-feira donderdag torsdag torstai czwartek čtvrtek "
    "csütörtök joi четверг четвер perşembe kamis الخميس 木曜日 星期四 목요일",
    "friday fri freitag viernes vendredi venerdì sexta-feira vrijdag fredag perjantai piątek pátek péntek vineri пятница "
    "пʼятниця cuma jumat الجمعة 金曜日 星期五 금요일",
    "saturday sat samstag sonnabend sábado samedi sabato zaterdag lördag lørdag lauantai sobota szombat sâmbătă суббота "
    "субота cumartesi sabtu السبت 土曜日 星期六 토요일",
    "sunday sun sonntag domingo dimanche domenica zondag söndag søndag sunnuntai niedziela neděle vasárnap duminică "
    "воскресенье неділя pazar minggu الأحد 日曜日 星期日 星期天 일요일",
)
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names.split()}
_WORD = re.compile(r"[^\W\d_]+(?:-feira)?")


def plain_digits(text: str) -> str:
    """Digits of any script as 0 to 9, and a sign of subtraction as a hyphen."""
    return text if text.isascii() else re.sub(r"\d", lambda m: str(digit(m[0])), text.replace("\u2212", "-"))


def weekday(text: str) -> int | None:
    """The day of the week that a text names, 0 for Monday."""
    return next((WEEKDAYS[word] for word in _WORD.findall(text.lower()) if word in WEEKDAYS), None)


def day_of(text: str) -> tuple[int, int, int, int] | None:
    """Year, month, day and where that ends, of dates in words or eras that need a table: Thai, Arabic, Persian, Japanese, year first."""
    if match := _ERA.search(text):
        return _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])), int(match[3]), int(match[4]), match.end()
    if not text.isascii():
        if match := _SIGNED.search(text):
            month = next(number for number in range(1, 13) if match[number + 1])
            return _buddhist(int(match[14]), "\u0e00" <= match[month + 1][0] <= "\u0e7f"), month, int(match[1]), match.end()
        if match := _JALALI.search(text):
            return *_jalali(int(match[3]), _JALALI_MONTHS.index(match[2]) + 1, int(match[1])), match.end()
    if (match := _JALALI_NUMBERS.search(text)) and int(match[2]) <= 12 and int(match[3]) <= 31:
        return *_jalali(int(match[1]), int(match[2]), int(match[3])), match.end()
    for match in _YEAR_FIRST.finditer(text.lower()):
        day = match[2] or match[4]
        if day and match[3] in MONTHS:
            return int(match[1]), MONTHS[match[3]], int(day), match.end()
    if match := _BUDDHIST.search(text):
        place = (3, 2, 1) if match[1] else (4, 5, 6)
        return int(match[place[0]]) - 543, int(match[place[1]]), int(match[place[2]]), match.end()
    if match := _VIETNAMESE.search(text):
        return int(match[3]), int(match[2]), int(match[1]), match.end()
    if (match := _SHORT_YEAR.search(text.lower())) and match[2] in MONTHS:
        return 2000 + int(match[3]), MONTHS[match[2]], int(match[1]), match.end()
    return None


def american_offset(zone: str, moment: datetime) -> int | None:
    """Minutes east of UTC of "ET", "CT", "MT" or "PT" at a moment: daylight time from March's second to November's first Sunday."""
    hours = {"ET": -5, "CT": -6, "MT": -7, "PT": -8}.get(zone)
    if hours is None:
        return None
    march, november = date(moment.year, 3, 8), date(moment.year, 11, 1)
    begin, end = (day + timedelta(days=(6 - day.weekday()) % 7) for day in (march, november))
    return 60 * (hours + (begin <= moment.date() < end))


def _buddhist(year: int, thai: bool) -> int:
    if thai and year < 100:
        year += 2500
    return year - 543 if 2400 <= year <= 2700 else year + 2000 if year < 100 else year


def _jalali(year: int, month: int, day: int) -> tuple[int, int, int]:
    """The Gregorian day of one of the Persian calendar, by its 33-year cycle (good for 1799 to 2256)."""
    days = 365 * (year + 1595) + (year + 1595) // 33 * 8 + ((year + 1595) % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    found = date.fromordinal(days - 356_033)
    return found.year, found.month, found.day
