"""What walls say to their visitor, by kind and language: in the first and second person, as articles about them do not.

A line of a table is `words ~ pattern`: one of the words must stand in a paragraph (cheap to look for) before the pattern is tried. All of
it is in small letters, with a straight apostrophe, as is what it is compared with (`folded`).
"""

import re
from functools import cache

Line = tuple[tuple[str, ...], re.Pattern[str]]

_CONSENT = r"""
cookie,partner,privacy,consent,personal data,your data ~ we and our (?:[\d.,]+ )?(?:\w+[- ]){0,3}(?:partners|vendors)|our (?:[\d.,]+ )?(?:\w+[- ]){0,3}(?:partners|vendors)|\bwe (?:\w+ )?(?:use|set|store|place|collect|process)\b.{0,40}(?:cookies|data|information)|(?:this|our) (?:web)?sites? uses? cookies|store and/or access information|\byour (?:privacy|consent|choices|agreement|device|(?:personal )?(?:data|information)|data preferences|cookie (?:settings|choices))|(?:withdraw|give|refuse) (?:your )?consent|(?:our|the) (?:privacy|cookie) (?:policy|dashboard|settings)|you (?:may|can) (?:accept|manage|withdraw|change|reject|object)|\byou (?:agree|consent) to|(?:accept|reject) all\b|manage (?:my |your )?(?:choices|settings|preferences|privacy)|^use .{2,60} with (?:personalised |personalized )?(?:ads|advertising)
cookie,partner,ihre daten,datenschutz,einwilligung,zustimmung,pur-abo,tracking ~ wir und unsere|\bwir (?:verwenden|nutzen|setzen|verarbeiten|speichern)\b|unsere (?:[\d.]+ )?partner|\b(?:mit )?(?:ihre|deine)[rnm]? (?:einwilligung|zustimmung|privatsphäre|daten|auswahl)|einwilligung jederzeit|jederzeit .{0,40}widerr|alle akzeptieren|stimm(?:en sie|st du)|unserer? datenschutz|in der datenschutzerklärung|pur-abo|nutzen sie (?:unsere?|\w+) .{0,40}(?:werbung|tracking|mit )
cookie,partenaires,vos données,vie privée,consentement,confidentialité,traceur ~ nous et nos|partenaires et nous|nos (?:\d+ )?partenaires|\bvotre (?:consentement|vie privée|choix|accord|appareil|terminal)|\bvos (?:choix|données|préférences)|nous utilisons|utilisons des (?:cookies|traceurs)|sans accepter|tout (?:accepter|refuser)|vous acceptez|en acceptant|vous (?:pouvez|abonner) .{0,40}(?:retirer|accepter|refuser|paramétrer|gérer)|notre politique de
cookie,socios,tus datos,sus datos,privacidad,consentimiento ~ nosotros y nuestros|nuestros (?:\d+ )?socios|\b(?:tu|su) (?:consentimiento|privacidad)|\b(?:tus|sus) (?:datos|preferencias)|\b(?:utilizamos|usamos)\b|aceptas|acepta las cookies|aceptar (?:todo|todas)|nuestra política de|puedes? .{0,20}(?:retirar|aceptar|rechazar|configurar)
cookie,partner,privacy,consenso,pubblicità,tuoi dati ~ noi e i nostri|i nostri (?:\d+ )?partner|\b(?:il )?(?:tuo|suo) consenso|\b(?:la )?tua privacy|\btu(?:oi|e) (?:dati|preferenze|scelte)|\b(?:utilizziamo|usiamo)\b|accetta(?:re)? (?:tutti|i cookie)|accettando i cookie|acconsenti\b|nostra informativa|\bpuoi .{0,20}(?:revocare|accettare|rifiutare|gestire|continuare)
cookie,parceiros,seus dados,privacidade,consentimento ~ nós e (?:os )?nossos|nossos (?:\d+ )?parceiros|\b(?:seu|teu) consentimento|\b(?:sua|tua) privacidade|\b(?:seus|teus) dados|\b(?:usamos|utilizamos)\b|aceitar (?:tod[oa]s|os)|concorda com|nossa política de
cookie,partners,privacy,toestemming,gegevens ~ wij en onze|onze (?:\d+ )?partners|\b(?:je|jouw|uw) (?:toestemming|privacy|gegevens|voorkeuren|keuze)|\b(?:wij|we) (?:gebruiken|verwerken|plaatsen)\b|alles accepteren|gebruik van cookies|stem(?:t u| je) |(?:ga je|gaat u) .{0,20}akkoord|\bons (?:cookie|privacy)
cookie,ciasteczk,dane,zgod,prywatno,partner ~ my i nasi|nasi (?:\d+ )?(?:zaufani )?partnerzy|naszych? .{0,12}partner|\b(?:twoj|twoi|swoj|państwa)\w* (?:zgod|prywatno|dan|preferencj)|\b(?:używamy|wykorzystujemy|korzystamy|przetwarzamy|dbamy)\b|zgadzasz się|akceptuj(?:ę|esz)|możesz .{0,20}(?:wycofać|zmienić|odrzucić)|naszej polityce
cookie,куки,согласи,конфиденциальн,партн ~ мы и наши|наши (?:\d+ )?партн|\b(?:сво[её]|ваш)\w* (?:согласи|конфиденц|данны|предпочт|устройств)|\bмы (?:используем|обрабатываем|собираем)|этот сайт использует|соглашаетесь|принять все|вы можете .{0,20}(?:отозвать|изменить|отказаться)|наш\w+ политик
çerez,cookie,gizlilik,gizliliğiniz,onay,rıza,ortağı ~ iş ortağımız|ortaklarımız|onayınız|rızanız|gizliliğiniz|verilerinizi|tercihleriniz|çerez(?:ler)? kullan(?:ıyoruz|maktayız)|işliyoruz|kabul (?:etmiş (?:olur|sayıl)|edersiniz)|çerez\w+ (?:faydalan|yararlan)|tümünü kabul et|politikamız
ملفات تعريف الارتباط,خصوصي,موافقت,كوكيز ~ نحن وشركاؤنا|شركائنا|شركاؤنا|موافقتك|خصوصيتك|بياناتك|تفضيلاتك|نستخدم|قبول الكل|فإنك توافق|سياسة الخصوصية الخاصة بنا
cookie,隐私,隱私,同意,合作伙伴 ~ 我们(?:和|与|及)我们的|我們(?:和|與|及)我們的|我们(?:会)?(?:使用|重视|收集)|我們(?:會)?(?:使用|重視|收集)|您(?:的|可以|同意)|你的(?:隐私|同意)|全部接受|接受所有
cookie,クッキー,プライバシー,同意 ~ [当本](?:社|サイト|ウェブサイト)|お客(?:様|さま)の|同意したもの|同意したこと|すべて(?:に)?(?:同意|受け入れ|許可)|いつでも.{0,30}同意を
kakor,cookie,samtyck,partner,samtykke ~ våra partners|ditt samtycke|vi använder|våre partnere|vores partnere|dit samtykke|ditt samtykke|vi bruker|vi bruger
"""  # noqa: E501
_LOGIN = r"""
log in,sign in,subscri,password,account,members,reading,unlimited ~ \b(?:please |to )?(?:log|sign) in\b|already (?:a|have an?) (?:subscriber|member|account|subscription)|\byour (?:password|account|subscription|e-?mail address)|create an? (?:free )?account|(?:no|have an) account\b|new (?:here|user)\?|(?:subscribe|register)(?: now)? (?:to|for|and|free)\b|(?:reserved|only) for (?:our )?(?:subscribers|members)|to continue reading|(?:limit of|last) free articles?|keep reading|choose (?:your|a) (?:plan|subscription)|unlimited access|cancel (?:at )?any ?time|forgot(?:ten)? (?:your )?password
abo,passwort,konto,registr,anmeld,melden,kündbar ~ bereits .{0,12}(?:abonnent|registriert|kunde)|jetzt (?:\w+ ){0,3}(?:abonnieren|anmelden|registrieren|testen)|\b(?:ihr|dein)e? (?:passwort|konto|abo|e-mail)|passwort vergessen|noch kein (?:konto|abo)|(?:nur|exklusiv) für (?:unsere )?abonnent|jetzt einloggen|testen sie|melden sie sich|um sich anzumelden|um weiterzulesen|wählen sie .{0,20}abo|(?:monatlich|jederzeit) kündbar|sie sind bereits
abonn,compte,connecte,mot de passe,inscri ~ déjà abonné|abonnez-vous|connectez-vous|inscrivez-vous|réservée? (?:aux|à nos) abonnés|(?:êtes|suis) (?:déjà )?abonné|de cet article|\bvotre (?:mot de passe|compte|abonnement|adresse)|mot de passe oublié|pas encore de compte|sans engagement|pour vous connecter|poursuivre (?:votre )?lecture
suscri,suscríb,contraseña,cuenta,sesión,regístr,cancela ~ ya (?:eres|soy) suscriptor|suscríb\w+ |\btu (?:contraseña|cuenta|correo)|inicia sesión|para iniciar sesión|seguir leyendo|límite de (?:artículos|noticias)|si ya tienes|(?:exclusivo|solo|sólo) para suscriptores|cancela cuando|no tienes cuenta|regístrate
abbona,account,password,registrati,disdici,illimitato ~ già abbonat|riservat\w+ agli abbonati|per continuare a leggere|abbonati (?:ora|subito|per)\b|oppure abbonarti|disdici|accesso illimitato|non hai un account|registrati (?:gratis|ora|qui|subito|per)\b|\b(?:tuo|suo) (?:account|abbonamento|indirizzo)|hai dimenticato
assin,senha,conta,login,cadastr,cancele,ilimitado ~ já (?:é|sou) assinante|limite de (?:matérias|artigos|notícias)|esqueceu|cadastre-se|\bassine\b|(?:exclusivo|só) para assinantes|continuar? (?:a ler|lendo)|faça login|cancele quando|\b(?:sua|tua) conta|\b(?:seu|teu) e-?mail|ainda não tem|acesso ilimitado
abonn,wachtwoord,account,opzegbaar,toegang ~ al abonnee|alleen voor abonnees|verder lezen|neem een abonnement|opzegbaar|wachtwoord vergeten|nog geen account|\b(?:je|uw|jouw) (?:e-mailadres|wachtwoord|account|abonnement)|log (?:hier )?in\b|om in te loggen|onbeperkte? toegang
prenumer,subskry,zaloguj,zalogować,hasł,konta,zarejestruj,dostęp,zrezygnuj ~ tylko dla (?:prenumerator|subskrybent|zalogowan)|aby (?:czytać|przeczytać)|zaloguj się|aby się zalogować|zarejestruj|nie (?:masz|pamiętasz)|masz już|limit \w+ artykułów|zrezygnuj|nieograniczony dostęp|twoje konto
подпис,аккаунт,парол,войдите,зарегистр,отменить ~ уже подписан|войдите|зарегистрируйтесь|\b(?:ваш|свой) (?:аккаунт|пароль)|забыли пароль|нет аккаунта|оформ\w+ подписку|только (?:для )?подписчик|чтобы (?:читать|прочитать|продолжить)|введите|отменить можно|полный доступ
abone,giriş,şifre,hesab,üye ol,sınırsız ~ abone misiniz|abone olun|abonelere özel|okumaya devam|giriş yap(?:ın|mak için)|şifrenizi(?: mi| girin)|hesabınız|üye olun|sınırsız erişim
اشترك,مشترك,الدخول,المرور,حساب,محدود ~ للمشتركين فقط|لمتابعة القراءة|اشترك الآن|سجل الدخول|سجّل الدخول|هل نسيت|ليس لديك حساب|أنشئ حساب|حسابك|وصول غير محدود|هل أنت مشترك
密码,密碼,登录,登入,注册,註冊,订阅,訂閱,付费,付費,畅读 ~ 忘记密码|忘記密碼|立即(?:注册|註冊)|请(?:先)?登录|請(?:先)?登入|登录账号|还没有账号|订阅后|訂閱後|免费阅读|付费(?:内容|阅读)|付費(?:內容|閱讀)|畅读|请输入您的
パスワード,ログイン,会員,登録,読み放題,解約 ~ をお忘れ|ログインして(?:ください|続き)|会員登録|新規登録|会員限定|続き[をは]|読み放題|会員の方
"""  # noqa: E501
_ERROR = r"""
page,match any,found,results,link,technical,maintenance,inconvenience,try again,problem,home page,homepage ~ (?:go back|return) to (?:the|our) home|the page (?:that )?you (?:are|were|have been)? ?(?:looking for|requested|trying to|asked for)|page .{0,40}(?:does not exist|doesn't exist|has (?:been )?(?:moved|removed|deleted)|no longer exists|may have been)|check the (?:address|url|spelling)|mistyped|did(?: not|n't) match any|no (?:results|matches|articles) (?:were )?found|try (?:another|a different|other|again with) (?:search|words?|keywords?)|\bwe(?: are|'re) (?:having|experiencing) |try again (?:later|in a)|scheduled maintenance|apologi[sz]e for (?:the|any) inconvenience|contact our (?:customer|support)|link you followed
seite,adresse,fehler,wartung,treffer,ergebnisse,beitrag,artikel,verständnis ~ angeforderte seite|von ihnen (?:aufgerufene|gesuchte|gewünschte|angeforderte)|seite (?:existiert nicht|wurde nicht gefunden|gibt es nicht)|prüfen sie (?:die|ihre|bitte)|kehren sie zur|zur startseite|keine (?:ergebnisse|treffer)|technischer fehler|versuchen sie es|wegen wartungsarbeiten|bitten um (?:ihr )?verständnis|(?:beitrag|artikel) (?:wurde|ist) .{0,40}(?:gelöscht|entfernt|nicht mehr verfügbar)
page,adresse,résultat,problème,maintenance,gêne,contenu ~ la page (?:que vous|demandée)|l'adresse (?:saisie|demandée)|revenir à la page|retour à (?:la page d')?l?'?accueil|nous rencontrons|veuillez réessayer|réessayez|(?:momentanément|temporairement) indisponible|gêne occasionnée|aucun résultat|auquel vous
página,url,noticia,resultados,problemas,mantenimiento,molestias ~ la página (?:que|solicitada)|la noticia que (?:intentas|buscas)|comprueb\w+ (?:que )?la|vuelve a la portada|problemas técnicos|inténtalo|inténtelo|disculp\w+ las molestias|no se (?:han )?encontra\w+ resultados|sin resultados
pagina,articolo,indirizzo,problema,manutenzione,risultat ~ la pagina (?:che|richiesta)|l'articolo che hai|torna alla home|verifica (?:l'indirizzo|l'url)|\briprova\b|ci scusiamo|non ha prodotto|nessun risultato
página,endereço,notícia,problemas,manutenção,resultado ~ a página (?:que|solicitada)|verifique o endereço|página inicial|tente (?:novamente|outr)|estamos em manutenção|pedimos desculpa pel|nenhum resultado|encontrados resultados|a notícia que (?:você|procura)
pagina,artikel,adres,storing,website,resultaten ~ de pagina die (?:u|je)\b|het artikel dat (?:u|je)\b|controleer (?:het|de)|ga terug naar|probeer (?:het|een)|(?:website|site) is tijdelijk|onze excuses|geen resultaten
strona,stronę,artykuł,adres,problemy,wyników ~ strona, której|artykuł, który próbujesz|sprawdź|wróć (?:na|do)|spróbuj|chwilowo niedostępn|przepraszamy|nie znaleziono
страниц,стать,адрес,ошибка,работы,найдено,запрос ~ страница, котор|запрашиваем\w+ (?:вами )?|запрошенн\w+|проверьте|вернитесь на|вернуться на главную|техническая ошибка|ведутся технические|попробуйте|приносим извинения|ничего не найдено
sayfa,haber,içerik,adres,teknik,bakım,sonuç ~ aradığınız|ulaşmaya çalıştığınız|adresi kontrol|ana sayfaya dön|daha sonra tekrar|bakım nedeniyle|için özür dileriz|sonuç bulunamadı
الصفحة,الخبر,الرابط,مشكلة,الصيانة,نتائج ~ الصفحة التي (?:تبحث|تحاول|طلبت)|الخبر الذي تحاول|تأكد من|الصفحة الرئيسية|المحاولة مرة أخرى|نعتذر عن|لم يتم العثور
页面,頁面,网址,網址,文章,系统,网站,稍后,稍後,相关 ~ 您(?:访问|查看|要查看|要找|请求|搜索|訪問)的|可能已被(?:管理员)?删除|检查网址|返回首页|返回首頁|稍后(?:再试|重试)|稍後再試|不便敬请|没有找到
ページ,記事,url,サーバー,メンテナンス,見つかりません ~ お探しの|ご指定の|ご確認(?:のうえ|の上|ください)|しばらくして|混み合って|メンテナンスを行|ご不便|見つかりません|ご覧いただけません
"""  # noqa: E501
_ROBOT = r"""
javascript,robot,human,browser,captcha,block,access,this server,security ~ permission to access|on this server|enable javascript|javascript is (?:turned off|disabled|required)|supported browser|(?:check\w*|enable\w*|updat\w*|chang\w*|switch\w*|in) your browser|your browser (?:will|settings)|verif(?:y|ying) (?:that )?you are|are (?:not a robot|a human)|\byou (?:have been|are|were) (?:blocked|unable to access)|security of your connection|security (?:service|solution)|were blocked|complete the captcha
javascript,roboter,browser,berechtigung,datenverkehr ~ kein roboter|\b(?:ihr|ihrem|deinem) browser|javascript (?:in|aktivieren)|ohne javascript|aktivieren sie|sie haben keine berechtigung|aus ihrem netzwerk
javascript,robot,navigateur,autorisé,activité ~ pas un robot|votre navigateur|activer javascript|nécessite javascript|vous n'êtes pas autorisé|votre adresse ip
javascript,robot,navegador,permiso,actividad ~ no eres un robot|\b(?:tu|su) navegador|activ\w+ javascript|no tienes? permiso|(?:tu|su) dirección ip
javascript,robot,browser,permess,attività ~ non (?:essere|sei) un robot|\b(?:tuo|suo) browser|abilita\w* javascript|non hai (?:i permessi|l'autorizzazione)|tuo indirizzo ip
javascript,robô,robot,navegador,permissão,atividade ~ não (?:é|sou) um rob|\b(?:seu|teu) navegador|(?:ative|habilite) (?:o )?javascript|você não tem permissão|na sua rede
javascript,robot,browser,toestemming,verkeer ~ geen robot|\b(?:uw|je) browser|schakel javascript|u hebt geen toestemming|uw netwerk
javascript,robot,przegląda,uprawnień,ruch ~ nie jesteś robotem|\btwoj\w+ przegląda|włącz (?:obsługę )?javascript|bez javascript|nie masz uprawnień|twojej sieci
javascript,робот,браузер,прав,ip-адрес ~ вы не робот|\bваш\w* браузер|включите javascript|у вас нет прав|с вашего ip
javascript,robot,tarayıcı,erişim,trafi ~ robot olmadığınız|tarayıcınız|javascript'?i etkinleştir|javascript olmadan|erişim izniniz yok|ağınızdan
javascript,جافا,روبوت,متصفح,إذن,نشاط ~ لست روبوت|متصفحك|تفعيل (?:javascript|جافا)|ليس لديك إذن|من عنوانك
javascript,机器人,機器人,浏览器,瀏覽器,权限,权限,流量 ~ 您(?:不是|的浏览器|的瀏覽器|没有权限|的网络)|启用javascript|开启javascript|啟用javascript
javascript,ロボット,ブラウザ,権限,ネットワーク ~ ロボットではない|ブラウザ(?:の設定|を確認)|javascriptを有効|権限がありません|お使いのネットワーク
"""  # noqa: E501
# What it is, the most characters (Chinese, Japanese and Korean count twice) of such a wall, and what it says.
KINDS = (
    ("a page that asks for consent", 8_000, _CONSENT),
    ("a login page", 2_500, _LOGIN),
    ("an error page", 2_500, _ERROR),
    ("a check for robots", 2_500, _ROBOT),
)


@cache
def lines(table: str) -> tuple[Line, ...]:
    """A table's lines, each its words and its pattern."""
    parted = (line.partition(" ~ ") for line in table.strip().splitlines())
    return tuple((tuple(words.split(",")), re.compile(pattern)) for words, _, pattern in parted)


def folded(text: str) -> str:
    """A paragraph as the tables are written."""
    return text.lower().replace("’", "'")


def says(paragraph: str, table: str) -> bool:
    """Whether a paragraph, folded, is what a wall of this kind says."""
    return any(any(word in paragraph for word in words) and pattern.search(paragraph) for words, pattern in lines(table))
