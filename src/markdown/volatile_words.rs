//! The words of lines that change from visit to visit, in many languages and in lower case.

/// What a word of such a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What is counted: `views`, `阅读量`.
    Counted,
    /// What is counted on a line of its own, and elsewhere in an article as well: `visitors`, `points`.
    Tally,
    /// A unit of time: `minutes`.
    Unit,
    /// What makes a time an age: `ago`, `前`.
    Age,
    /// An age without a number: `just now`.
    Now,
    /// A part of a date: `monday`, `december`.
    Date,
    /// What stands between the others: `posted`, `total`, `次`.
    Filler,
}

/// Words and phrases by class, separated by `|` and line breaks.
pub(super) const WORDS: [(Class, &str); 7] = [
    (
        Class::Counted,
        "views|view|reads|read|min read|minute read|page views|pageviews|hits|visits|likes|like|claps
         clap|shares|share|comments|comment|replies|reply|responses|followers|follower|subscribers
         reactions|reaction|upvotes|retweets|reposts|repost|bookmarks|saves|favorites|favourites
         downloads|readers|people reading|reading now|readers online|online|watching|plays|reading time
         阅读量|阅读数|阅读|閱讀量|閱讀數|閱讀|浏览量|浏览次数|浏览数|浏览|瀏覽量|瀏覽次數|瀏覽數|瀏覽|点击量|点击数|点击|點擊數|點擊|点赞数|点赞|點讚數|點讚|按讚|赞|讚|喜欢
         喜歡|在看|评论数|评论|評論數|評論|跟贴|跟帖|留言|回复|回覆|转发|轉發|分享|收藏|播放量|播放|人气|人氣|热度|熱度|围观|粉丝|粉絲|关注|關注|在线|在線|访问量|訪問量
         人参与|人参與|阅读时间|阅读时长|閱讀時間|觀看次數|观看次数|观看|觀看|閲覧数|閲覧|再生回数|再生|いいね|いいね！|コメント数|コメント|シェア|ブックマーク|アクセス数|アクセス
         ビュー|で読めます|リツイート|フォロワー|조회수|조회|좋아요|댓글|공유|공감|추천|읽음|구독자|팔로워|aufrufe|aufruf|ansichten|kommentare
         kommentar|gefällt mir|gefällt|geteilt|lesezeit|minuten lesezeit|leser|klicks|vues|vue|lectures
         lecture|de lecture|temps de lecture|commentaires|commentaire|j'aime|j’aime|partages|partage
         réactions|abonnés|consultations|visitas|vistas|lecturas|lectura|de lectura|me gusta|comentarios
         comentario|compartidos|compartido|compartir|reproducciones|seguidores|visualizações
         visualizaciones|leituras|leitura|de leitura|tempo de leitura|tiempo de lectura|curtidas|curtida
         gostos|comentários|comentário|compartilhamentos|partilhas|acessos|visualizzazioni
         visualizzazione|letture|lettura|di lettura|tempo di lettura|mi piace|commenti|commento
         condivisioni|visite|просмотров|просмотра|просмотры|просмотр|прочтений|прочитали|комментариев
         комментария|комментарии|комментарий|лайков|лайка|нравится|репостов|поделились|подписчиков
         время чтения|на чтение|görüntülenme|okunma|yorum|beğeni|wyświetleń|odsłon|komentarzy|weergaven
         reacties|مشاهدة|مشاهدات|تعليق|تعليقات|إعجاب
         lecteurs en ligne|en ligne|lu|lue|fois lu|téléchargements|j'aime cette page
         lectores en línea|en línea|usuarios en línea|leído|leída|suscriptores|descargas
         utenti online|letto|letta|iscritti|download|scaricamenti|reazioni
         visualização|lido|lida|inscritos|assinantes|reações|reações|transferências
         abrufe|mal gelesen|gelesen|mal geteilt|mal angesehen|likes und|reaktionen
         downloads bisher|reaktion|aufgerufen|leser online|lesende|personen lesen|lesen gerade
         читают|читает|читают сейчас|сейчас читают|прочитано|прочитали раз|онлайн
         просмотрели|лайк|лайки|реакций|реакции|реакция|репост|репоста|скачиваний|понравилось
         閲覧中|人が閲覧中|閲覧回数|回閲覧|閲覧者|視聴回数|視聴中|アクセスカウンター|カウンター|拍手|リポスト|リアクション|返信数
         お気に入り|保存数|スキ|人気度|読了時間|読了目安|ダウンロード数
         읽는 중|보는 중|접속 중|접속자|현재 접속자|조회 수|조회수는|답글|스크랩|다운로드|추천수|댓글수|댓글 수|공유수|읽은 사람|읽는 시간|소요 시간
         阅读次数|閱讀次數|人阅读|人閱讀|人看过|人看過|人在看|次阅读|次閱讀|已阅读|已閱讀|浏览人数|瀏覽人數|访问人数|访问次数|訪問次數
         点击次数|點擊次數|喜欢数|获赞|獲讚|人喜欢|人喜歡|打赏|下载次数|下载量|下載次數|下載量|弹幕|彈幕|在线人数|線上人數|线上|線上|人在线|收藏数|转载|評論數
         人评论|人評論|人收藏|人点赞|人點讚|人转发|人轉發|人关注|人關注|被赞|觀看人次|閱讀人次|点播
         okunma sayısı|okuma süresi|görüntüleme|kez okundu|paylaşım|beğenme|yorumlar|takipçi|çevrimiçi
         wyświetlenia|wyświetlenie|komentarze|komentarz|polubień|polubienia|udostępnień|czyta teraz|przeczytano|czas czytania
         keer gelezen|gelezen|bekeken|reactie|lezers online|leestijd|gedeeld|volgers|vind-ik-leuks
         lượt xem|bình luận|lượt thích|thích|chia sẻ|người đang xem|lượt đọc|phút đọc|người đọc|dilihat|dibaca|komentar|suka|dibagikan
         visningar|läsningar|kommentarer|delningar|gillar|visninger|lesere|delinger
         قراءة|قراءات|قارئ|مشاهد|إعجابات|مشاركة|مشاركات|متابع|زائر|زوار|وقت القراءة|đang xem|read so far|currently reading
         views today|users online|members online|people are reading|people watching
         are reading this|are viewing this|others are viewing|is reading|are reading|thumbs up
         reblogs",
    ),
    (
        Class::Tally,
        "points|point|signatures|answers|quotes|notes|ratings|rating|votes|vote|stars|visitor|visitors|guest
         guests|listens|streams|recommendations|recommends|boosts|kudos|loves|投票|参与|參與|推荐|推薦|读者|讀者|访客|訪客|访问
         訪問|来訪|來訪|订阅|訂閱|besucher|besuche|zuschauer|antworten|antwort|abonnenten|zugriffe|visiteurs|visiteur
         visitantes|visitante|visitatori|visitatore|читателей|читателя|читатели|ответов|ответа|ответ
         посетителей|посетителя|подписчик|подписчика|방문자|방문자 수|구독|반응|답변|訪問者|来訪者|読者|購読者|返信|abonné|lecteurs
         lecteur|lectores|lector|lettori|lettore|leitores|leitor|lezers|ziyaretçi|czytelników|viewers|viewer",
    ),
    (
        Class::Unit,
        "s|sec|secs|second|seconds|m|min|mins|min.|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|week
         weeks|mo|month|months|y|yr|yrs|year|years|秒|秒钟|秒鐘|分|分钟|分鐘|小时|小時|个小时|時間|天|日|周|週|週間|个月|個月|か月|ヶ月|月
         年|초|분|시간|일|주|개월|년|sekunde|sekunden|minuten|stunde|stunden|std.|tag|tagen|tage|woche|wochen|monat
         monaten|jahr|jahren|seconde|secondes|heure|heures|jour|jours|semaine|semaines|mois|an|ans
         segundo|segundos|minuto|minutos|hora|horas|día|días|dia|dias|semana|semanas|mes|meses|mês|año
         años|ano|anos|secondo|secondi|minuti|ora|ore|giorno|giorni|settimana|settimane|mese|mesi|anno
         anni|секунд|секунды|секунду|минут|минуты|минуту|мин|мин.|час|часа|часов|день|дня|дней|неделю
         недели|недель|месяц|месяца|месяцев|год|года|лет
         sec ago|mins ago|分間|時|時間半|秒間|日間|年間|か月間|个星期|個星期|星期|礼拜|禮拜|刻钟|개월간|시간째|일간|주일
         minuut|uur|uren|dagen|weken|maanden|jaren|dakika|saat|gün|hafta|ay|yıl|saniye|minut|minuty|minutę|godzin|godziny|godzinę|dni|tygodni
         miesięcy|lat|timmar|timme|dagar|veckor|månader|år|minutter|timer|dager|phút|giờ|ngày|tuần|tháng|năm|menit|jam|hari|minggu|bulan|tahun
         دقيقة|دقائق|ساعة|ساعات|يوم|أيام|أسبوع|أسابيع|شهر|أشهر|سنة|ثانية|ثوان|minutes de|min.|std|tagen",
    ),
    (
        Class::Age,
        "ago|前|以前|之前|전|vor|il y a|hace|há|atrás|fa|назад|önce|temu|geleden|منذ|sedan|siden|trước|yang lalu|lalu|قبل|in the last|in the past|vor etwa|vor rund|il y a environ|hace unos|hace unas|за последние|within the last",
    ),
    (
        Class::Now,
        "just now|moments ago|a moment ago|today|yesterday|now|刚刚|剛剛|刚才|昨天|今天|前天|昨日|今日|たった今|어제|오늘|방금|방금 전
         heute|gestern|gerade eben|aujourd'hui|aujourd’hui|hier|à l'instant|hoy|ayer|ahora|hoje|ontem
         agora|oggi|ieri|adesso|сегодня|вчера|только что
         vor kurzem|vor wenigen augenblicken|soeben|à l’instant|il y a un instant|hace un momento|hace unos instantes|justo ahora
         agora mesmo|há instantes|poco fa|proprio ora|сейчас|минуту назад|час назад|позавчера|завтра|지금|지금 막|조금 전|그저께|내일|さっき|たった今
         先ほど|本日|現在|本日は|今天是|今日は|明天|現時點|此刻|现在|現時|today is|oggi è|hoy es|hoje é|heute ist|nous sommes|vandaag|gisteren|zojuist
         dzisiaj|dziś|wczoraj|przed chwilą|bugün|dün|az önce|şimdi|idag|igår|nyss|i dag|i går|hôm nay|hôm qua|vừa xong|hari ini|kemarin|baru saja
         اليوم|أمس|الآن|right now|currently|this morning|this evening|tonight|at the moment|als laatste",
    ),
    (
        Class::Date,
        "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb
         mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|monday|tuesday|wednesday|thursday|friday|saturday
         sunday|mon|tue|wed|thu|fri|sat|sun|am|pm|a.m.|p.m.|gmt|utc|st|nd|rd|th|星期一|星期二|星期三|星期四|星期五|星期六
         星期日|星期天|周一|周二|周三|周四|周五|周六|周日|週一|週二|週三|週四|週五|週六|週日|月曜日|火曜日|水曜日|木曜日|金曜日|土曜日|日曜日|时|時|点|點|上午|下午|午前
         午後|农历|農曆|월요일|화요일|수요일|목요일|금요일|토요일|일요일|월|오전|오후|januar|februar|märz|mai|juni|juli|oktober|dezember
         montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|uhr|janvier|février|mars
         avril|juin|juillet|août|septembre|octobre|novembre|décembre|lundi|mardi|mercredi|jeudi|vendredi
         samedi|dimanche|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre
         diciembre|lunes|martes|miércoles|jueves|viernes|sábado|domingo|janeiro|fevereiro|março|maio
         junho|julho|setembro|outubro|novembro|dezembro|segunda-feira|terça-feira|quarta-feira
         quinta-feira|sexta-feira|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre
         lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|января|февраля|марта|апреля|мая|июня
         июля|августа|сентября|октября|ноября|декабря|понедельник|вторник|среда|четверг|пятница|суббота
         воскресенье
         a. m.|p. m.|clock|o'clock|heure d'été|mez|mesz|cet|cest|est|edt|pst|pdt|jst|kst|msk|bst|mié|jue|vie|sáb|dom|lun|lu|ma|me|je|ve|sa|di
         пн|вт|ср|чт|пт|сб|вс|янв|фев|мар|апр|июн|июл|авг|сен|сент|окт|ноя|дек|mo|di|mi|do|fr|so|janv|févr|avr|juil|déc|ene|abr|ago|dic|fev|mai
         set|out|dez|gen|mag|giu|lug|ott|月曜|火曜|水曜|木曜|金曜|土曜|日曜|(月)|(火)|(水)|(木)|(金)|(土)|(日)|礼拜一|礼拜二|礼拜三|礼拜四|礼拜五|礼拜六|礼拜日|礼拜天
         maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|januari|februari|maart|mei|augustus|poniedziałek|wtorek|środa|czwartek
         piątek|sobota|niedziela|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia
         pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık
         thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|chủ nhật|senin|selasa|rabu|kamis|jumat|sabtu|ahad
         正月|腊月|初一|初二|初三|初四|初五|初六|初七|初八|初九|初十|除夕|凌晨|早上|中午|下午|傍晚|晚上|清晨|년도|새벽|아침|저녁|정오",
    ),
    (
        Class::Filler,
        "posted|published|updated|last updated|last update|last modified|on|at|of|the|total|times|time
         about|over|is|it is|it's|current time|local time|last seen|so far|and|a|an|one|this article has
         has been read|已|共|共有|总|總|总共|次|人|个|個|条|條|位|篇|于|於|更新|更新于|更新於|最后更新|最後更新|更新时间|更新時間|发布|發布|发布于|發佈|發佈於
         发表于|發表於|本文|约|約|大约|是|现在是|現在是|現在時刻|当前时间|當前時間|北京时间|回|件|公開|更新日|게시|업데이트|회|개|명|입력|수정|veröffentlicht
         aktualisiert|zuletzt aktualisiert|ist|am|um|der|publié|mis à jour|le|à|nous sommes|publicado
         actualizado|es|el|a las|de|atualizado|é|às|em|pubblicato|aggiornato|è|il|alle|опубликовано
         обновлено|в|been|was|were|has|have|you are|you are the|this|story|article|page|post|now|in total|already|only|more|other|others|people|persons|user|users|reader
         number|no.|nr.|n.º|no|by|with|for|since|to|number of|estimated|approx.|approx|ca.|least|average|all|counter|count|current|date|clock|day is|s|'s
         您是|你是|您是第|你是第|第|名|位|等|者|已有|已被|已经|已經|有|被|了|的|在|今|共计|共計|目前|当前|當前|现有|現有|累计|累計|约有|本页|本頁|本站|全文|预计|預計|需|左右|以上|字|全文共|字数
         阅读本文|現在の|現在|これまで|これまでに|合計|計|約|この記事|この記事は|あなたは|番目|番目の|の|は|が|に|を|で|と|も|人|名|度|点|件の|回の|です|でした|ます|まで|より|今
         현재|지금까지|총|약|모두|이|그|번|번째|이 글|이 기사|당신은|명이|명의|입니다|있습니다|예상|오늘은|지금은
         bisher|insgesamt|derzeit|momentan|zurzeit|gerade|schon|etwa|rund|circa|mal|sie sind|sie sind der|dieser artikel|dieser beitrag|wurde|wurden|und|mit|den
         dem|das|die|uhrzeit|datum|stand|personen|nutzer|gäste|l'article|cet article|a été|ont été|fois|environ|déjà|au total|actuellement|en ce moment|vous êtes le
         personnes|utilisateurs|du|la|les|l'heure|il est|et|este artículo|ha sido|veces|vez|unos|unas|aproximadamente|en total|actualmente|personas|usuarios|son las
         son|y|la hora|usted es el|el artículo|este artigo|foi|vezes|cerca de|ao todo|atualmente|pessoas|usuários|são|e|hora|você é o|questo articolo|è stato|volte|volta
         circa|in totale|attualmente|persone|utenti|sono le|ora|oggi|всего|раз|раза|около|уже|человек|человека|эту статью|статью|статья|этот материал|вы|г.|год|года|время
         сейчас|на|и|bu yazı|toplam|kez|kişi|tarih|razy|osób|łącznie|keer|totaal|personen online|lần|người|kali|orang|total:",
    ),
];

/// How lines that greet the reader begin.
pub(super) const GREETINGS: [&str; 57] = [
    "good morning",
    "good afternoon",
    "good evening",
    "good night",
    "good day",
    "welcome back",
    "早上好",
    "早晨好",
    "上午好",
    "中午好",
    "下午好",
    "傍晚好",
    "晚上好",
    "凌晨好",
    "早安",
    "午安",
    "晚安",
    "夜深了",
    "欢迎回来",
    "歡迎回來",
    "おはよう",
    "こんにちは",
    "こんばんは",
    "おかえりなさい",
    "좋은 아침",
    "좋은 오후",
    "좋은 하루",
    "좋은 저녁",
    "좋은 밤",
    "안녕하세요",
    "guten morgen",
    "guten tag",
    "guten abend",
    "gute nacht",
    "willkommen zurück",
    "bonjour",
    "bon après-midi",
    "bonsoir",
    "bonne soirée",
    "bonne journée",
    "buenos días",
    "buenas tardes",
    "buenas noches",
    "bom dia",
    "boa tarde",
    "boa noite",
    "buongiorno",
    "buon pomeriggio",
    "buonasera",
    "доброе утро",
    "добрый день",
    "добрый вечер",
    "доброй ночи",
    "goedemorgen",
    "goedemiddag",
    "goedenavond",
    "صباح الخير",
];

/// What stands before the number of unread messages in a tab's title or after it: `(3 new) Title`.
pub(super) const UNREAD: [&str; 34] = [
    "new",
    "unread",
    "message",
    "messages",
    "new message",
    "new messages",
    "notification",
    "notifications",
    "条新消息",
    "條新訊息",
    "条消息",
    "条未读",
    "條未讀",
    "条未读消息",
    "条新通知",
    "条通知",
    "件",
    "件の通知",
    "件の新着",
    "개",
    "개의 알림",
    "개의 새 알림",
    "neu",
    "neue",
    "neue nachrichten",
    "nouveaux",
    "nouveau",
    "nouveaux messages",
    "nuevos",
    "mensajes",
    "novas",
    "nuovi",
    "новых",
    "новых сообщений",
];

/// How lines that name the owner of a page and a year begin.
pub(super) const COPYRIGHT: [&str; 8] =
    ["©", "(c) ", "copyright", "版权所有", "版權所有", "著作権", "저작권", "all rights reserved"];

/// What follows a Korean word without a space and does not change what it is.
pub(super) const PARTICLES: [&str; 22] = [
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "로",
    "으로",
    "과",
    "와",
    "도",
    "만",
    "째",
    "씩",
    "부터",
    "까지",
    "이다",
    "입니다",
    "이며",
    "에서",
];
