//! The words of lines that change from visit to visit, in many languages and in lower case.

/// What a word of such a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What is counted: `views`, `阅读量`.
    Counted,
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
pub(super) const WORDS: [(Class, &str); 6] = [
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
         reacties|مشاهدة|مشاهدات|تعليق|تعليقات|إعجاب",
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
         недели|недель|месяц|месяца|месяцев|год|года|лет",
    ),
    (
        Class::Age,
        "ago|前|以前|之前|전|vor|il y a|hace|há|atrás|fa|назад|önce|temu|geleden|منذ",
    ),
    (
        Class::Now,
        "just now|moments ago|a moment ago|today|yesterday|now|刚刚|剛剛|刚才|昨天|今天|前天|昨日|今日|たった今|어제|오늘|방금|방금 전
         heute|gestern|gerade eben|aujourd'hui|aujourd’hui|hier|à l'instant|hoy|ayer|ahora|hoje|ontem
         agora|oggi|ieri|adesso|сегодня|вчера|только что",
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
         воскресенье",
    ),
    (
        Class::Filler,
        "posted|published|updated|last updated|last update|last modified|on|at|of|the|total|times|time
         about|over|is|it is|it's|current time|local time|last seen|so far|and|a|an|one|this article has
         has been read|已|共|共有|总|總|总共|次|人|个|個|条|條|位|篇|于|於|更新|更新于|更新於|最后更新|最後更新|更新时间|更新時間|发布|發布|发布于|發佈|發佈於
         发表于|發表於|本文|约|約|大约|是|现在是|現在是|現在時刻|当前时间|當前時間|北京时间|回|件|公開|更新日|게시|업데이트|회|개|명|입력|수정|veröffentlicht
         aktualisiert|zuletzt aktualisiert|ist|am|um|der|publié|mis à jour|le|à|nous sommes|publicado
         actualizado|es|el|a las|de|atualizado|é|às|em|pubblicato|aggiornato|è|il|alle|опубликовано
         обновлено|в",
    ),
];

/// How lines that greet the reader begin.
pub(super) const GREETINGS: [&str; 22] = [
    "good morning",
    "good afternoon",
    "good evening",
    "早上好",
    "上午好",
    "下午好",
    "晚上好",
    "早安",
    "午安",
    "晚安",
    "おはようございます",
    "こんにちは",
    "こんばんは",
    "guten morgen",
    "guten tag",
    "guten abend",
    "bonjour",
    "bonsoir",
    "buenos días",
    "buenas tardes",
    "buongiorno",
    "доброе утро",
];

/// What stands before the number of unread messages in a tab's title or after it: `(3 new) Title`.
pub(super) const UNREAD: [&str; 10] =
    ["new", "unread", "messages", "notifications", "条新消息", "條新訊息", "条未读", "件", "neu", "nouveaux"];
