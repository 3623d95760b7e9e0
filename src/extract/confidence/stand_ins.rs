//! Pages that stand in the place of an article: bot checks, maintenance, parked domains, regions, removals, error pages,
//! logins, consent. One table of the words on them, in many languages.

use crate::model::WarningKind;

/// A page with more text than this is one only if its title and its text say so, in the units of `html::text::weight`.
pub const SHORT: usize = 1500;

/// The number of phrases that no short article about something else has.
const MANY: usize = 3;

/// A page with less text than this needs no title, and one phrase at its beginning.
const TINY: usize = 600;

/// A page with less text than this needs no phrase if its title says it.
const NO_PHRASE: usize = 300;

/// The largest rest of a title beside the words of a wall, in characters: `404`, an exclamation mark.
const REST: usize = 8;

/// A kind of page that stands in the place of an article. Phrases are in lower case and separated by `|` and line breaks.
pub struct StandIn {
    /// The warning's kind.
    pub kind: WarningKind,
    /// The text of the warning.
    pub detail: &'static str,
    /// What such pages have as their title, perhaps beside the site's name.
    titles: &'static str,
    /// What they say to their reader.
    phrases: &'static str,
}

/// What is looked at of a page.
pub struct Seen<'a> {
    /// The title in lower case.
    pub title: &'a str,
    /// The kept text in lower case, or its beginning.
    pub text: &'a str,
    /// The first sentences of it.
    pub start: &'a str,
    /// The weight of the kept text.
    pub weight: usize,
}

impl StandIn {
    /// Returns whether a title, in lower case, is that of such a page.
    pub fn is_titled(&self, title: &str) -> bool {
        let parts = parts(title);
        split(self.titles).any(|phrase| is_title(&parts, phrase))
    }

    /// Returns whether a page is of this kind. An article that mentions the words in passing is not.
    pub fn is(&self, seen: &Seen<'_>) -> bool {
        let is_title = || self.is_titled(seen.title);
        if seen.weight >= SHORT {
            return is_title() && split(self.phrases).any(|phrase| seen.start.contains(phrase));
        }
        let said: Vec<&str> = split(self.phrases).filter(|phrase| seen.text.contains(phrase)).collect();
        // "accept all cookies" says "accept all" as well, and is one phrase.
        let is_part = |phrase: &str| said.iter().any(|other| *other != phrase && other.contains(phrase));
        let said = said.iter().filter(|phrase| !is_part(phrase)).take(MANY).count();
        let starts = || split(self.phrases).any(|phrase| seen.start.contains(phrase));
        match said {
            0 => is_title() && seen.weight < NO_PHRASE,
            1 => is_title() || seen.weight < TINY && starts(),
            MANY => true,
            _ => is_title() || seen.weight < TINY,
        }
    }
}

fn split(phrases: &'static str) -> impl Iterator<Item = &'static str> {
    phrases.split(['|', '\n']).map(str::trim).filter(|phrase| !phrase.is_empty())
}

/// Returns the parts of a title between its separators, and the whole.
fn parts(title: &str) -> Vec<&str> {
    title.split(['|', '–', '—', '_', '·', '»', '«', '-']).map(str::trim).chain([title]).collect()
}

/// Returns whether a part of a title is a phrase, perhaps with a few characters around it.
fn is_title(parts: &[&str], phrase: &str) -> bool {
    let has = |part: &&str| {
        // A character has at most four bytes: a part that is much longer need not be searched.
        part.len() >= phrase.len()
            && part.len() <= phrase.len() + 4 * REST
            && part.contains(phrase)
            && part.chars().count().saturating_sub(phrase.chars().count()) <= REST
    };
    parts.iter().any(has)
}

/// The kinds in the order of their warnings.
pub const STAND_INS: [StandIn; 8] = [
    StandIn {
        kind: WarningKind::BotCheck,
        detail: "the page checks whether a browser asks; open it in a browser and save it",
        titles: "just a moment|one moment, please|attention required! | cloudflare|security check|security verification
            are you a robot|are you human|human verification|verify you are human|bot verification|ddos protection
            please wait...|checking your browser|robot check|access to this page has been denied|pardon our interruption
            安全验证|安全驗證|人机验证|人機驗證|验证码|驗證碼|访问验证|訪問驗證|请稍候|請稍候|滑动验证|百度安全验证
            セキュリティチェック|しばらくお待ちください|ロボットではありません|보안 확인|잠시만 기다려
            sicherheitsüberprüfung|einen moment bitte|nur einen moment|vérification de sécurité|un instant
            comprobación de seguridad|verificación de seguridad|un momento|verificação de segurança|um momento
            verifica di sicurezza|un attimo|проверка безопасности|один момент|проверка браузера",
        phrases: "checking your browser|checking if the site connection is secure|are you a robot|you are not a robot
            you're not a robot|verify you are human|verify that you are human|verifying you are human|confirm you are human
            needs to review the security of your connection|complete the security check|enable javascript and cookies
            enable cookies and javascript|unusual traffic from your|ray id|ddos protection by|complete the captcha
            solve the captcha|performing security verification|made us think you were a bot|automated access to this page
            请完成安全验证|请完成验证|请先完成验证|请输入验证码|拖动滑块|滑块完成|证明您不是机器人|确认您不是机器人|正在检查您的浏览器
            正在验证您|您的访问过于频繁|访问过于频繁|请求过于频繁|检测到异常流量|異常流量|請完成安全驗證|請完成驗證|請輸入驗證碼
            證明您不是機器人|確認您不是機器人|正在檢查您的瀏覽器|正在驗證您|存取過於頻繁
            ロボットではないことを|ブラウザを確認しています|ブラウザを確認中|人間であることを確認|アクセスが集中|不審なアクセス
            로봇이 아닙니다|로봇이 아님을|브라우저를 확인|사람인지 확인|비정상적인 접근|자동입력 방지
            ihr browser wird überprüft|überprüfen ihren browser|dass sie kein roboter sind|ein mensch sind|sicherheitsprüfung abzuschließen
            vérification de votre navigateur|vérifions votre navigateur|vous n'êtes pas un robot|vous êtes humain
            que vous êtes un humain|comprobando su navegador|comprobando tu navegador|no es un robot|no eres un robot|que eres humano
            verificando seu navegador|verificando o seu navegador|não é um robô|que você é humano
            verifica del browser|controllo del browser|non sei un robot|che sei umano
            проверяем ваш браузер|проверка вашего браузера|что вы не робот|подтвердите, что вы человек",
    },
    StandIn {
        kind: WarningKind::Maintenance,
        detail: "the site is closed for maintenance; archive the page again later",
        titles: "maintenance|under maintenance|maintenance mode|scheduled maintenance|site maintenance|down for maintenance
            we'll be back soon|we'll be right back|be right back|temporarily unavailable|系统维护|系統維護|网站维护|網站維護|维护中|維護中
            维护公告|網站維護中|系统升级|メンテナンス|メンテナンス中|점검 중|시스템 점검|서비스 점검|wartungsarbeiten|wartung|wartungsmodus
            site en maintenance|en maintenance|en mantenimiento|sitio en mantenimiento|em manutenção|site em manutenção
            in manutenzione|sito in manutenzione|технические работы|сайт на обслуживании|техническое обслуживание",
        phrases: "down for scheduled maintenance|down for maintenance|undergoing maintenance|undergoing scheduled maintenance
            under maintenance|closed for maintenance|offline for maintenance|unavailable due to maintenance|performing maintenance
            performing scheduled maintenance|carrying out maintenance|we'll be back|we will be back|we expect to be back
            be back shortly|be back soon|back online soon|back online shortly|thank you for your patience|thanks for your patience
            系统维护中|系统正在维护|网站正在维护|网站维护中|正在进行系统维护|正在维护|维护升级|系统升级|升级维护|暂停访问|暂停服务|稍后再访问|敬请谅解
            請稍後再訪問|系統維護中|系統正在維護|網站正在維護|網站維護中|正在進行系統維護|正在維護|維護升級|系統升級|暫停服務|敬請見諒
            メンテナンス中|メンテナンスを実施|メンテナンスのため|ただいまメンテナンス|しばらくしてから|ご不便をおかけ
            점검 중입니다|점검을 진행|점검으로 인해|시스템 점검|서비스 점검|이용에 불편을 드려|잠시 후 다시
            wegen wartungsarbeiten|wird gerade gewartet|wird derzeit gewartet|wartungsarbeiten durchgeführt|sind bald wieder|sind in kürze wieder
            vielen dank für ihre geduld|um etwas geduld|en cours de maintenance|en maintenance|pour cause de maintenance|de retour bientôt
            serons de retour|bientôt de retour|merci de votre patience|votre compréhension
            en mantenimiento|por mantenimiento|tareas de mantenimiento|volveremos pronto|volvemos pronto|estaremos de vuelta|gracias por su paciencia
            em manutenção|para manutenção|voltaremos em breve|estaremos de volta|agradecemos a sua paciência|agradecemos a compreensão
            in manutenzione|per manutenzione|torneremo presto|torniamo presto|saremo di nuovo|grazie per la pazienza
            ведутся технические работы|технических работ|на техническом обслуживании|на обслуживании|скоро вернёмся|скоро вернемся|приносим извинения за",
    },
    StandIn {
        kind: WarningKind::Parked,
        detail: "the domain is for sale or has no site",
        titles: "domain for sale|domain is for sale|this domain is for sale|is for sale|domain parking|parked domain|parked domain name
            domain expired|domain has expired|buy this domain|account suspended|website suspended|welcome to nginx|apache2 ubuntu default page
            default web site page|域名出售|域名转让|域名停放|域名已过期|网站已关闭|此網域出售|網域出售|ドメイン販売|このドメインは|도메인 판매|domain zu verkaufen
            domain steht zum verkauf|domaine à vendre|nom de domaine à vendre|dominio en venta|domínio à venda|dominio in vendita|домен продаётся|домен продается",
        phrases: "domain is for sale|domain may be for sale|domain name is for sale|domain for sale|buy this domain|purchase this domain
            acquire this domain|domain is parked|domain has been parked|parked free|this domain has expired|domain has recently been registered
            domain name has expired|the domain has expired|interested in this domain|make an offer on this domain|account has been suspended
            related searches|该域名正在出售|此域名正在出售|域名可以转让|域名出售|域名转让|购买此域名|购买该域名|该域名已过期|此域名已过期|域名已到期|网站暂时无法访问
            此網域出售|此網域名稱|購買此網域|網域已過期|網域正在出售|このドメインは売り出し中|このドメインは販売|このドメインを購入|ドメインの有効期限|このドメインは
            이 도메인은 판매|이 도메인은|도메인을 구입|도메인을 구매|domain steht zum verkauf|domain zum verkauf|diese domain kaufen|domain kaufen|domain ist geparkt
            ce domaine est à vendre|nom de domaine est à vendre|acheter ce domaine|ce nom de domaine|este dominio está en venta|dominio está a la venta|comprar este dominio
            este domínio está à venda|domínio está à venda|comprar este domínio|questo dominio è in vendita|dominio è in vendita|acquista questo dominio
            домен продаётся|домен продается|купить этот домен|купить домен|домен припаркован|срок регистрации домена",
    },
    StandIn {
        kind: WarningKind::Region,
        detail: "the page is not shown in this region",
        titles: "not available in your region|unavailable in your region|not available in your country|content not available in your
            unavailable for legal reasons|451: unavailable due to legal reasons|geo restricted|地区限制|地區限制|您所在的地区|您所在的地區
            お住まいの地域|地域制限|지역 제한|in ihrer region nicht verfügbar|in ihrem land nicht verfügbar|non disponible dans votre|no disponible en su
            no disponible en tu|indisponível na sua região|indisponível no seu país|não disponível|non disponibile nel tuo|недоступно в вашем|недоступно в вашей",
        phrases: "not available in your region|unavailable in your region|not available in your country|unavailable in your country
            not available in your location|unavailable in your location|not available in your area|is not available to visitors from|from your country
            available in most european countries|unavailable in most european countries|countries belonging to the european economic area
            european economic area (eea)|legal reasons|region restrictions|blocked in your country|restricted in your
            您所在的地区|您所在地区|您所在的国家|所在地区无法|所在国家或地区|地区暂不|因版权限制|应当地法律|您所在的地區|您所在地區|您所在的國家|所在地區無法|因版權限制
            お住まいの地域|お住まいの国|お客様の地域|お使いの地域|この地域では|地域からは|국가에서는|지역에서는|해당 지역|해당 국가|거주 지역
            in ihrer region|in ihrem land|in deinem land|in deiner region|aus ihrem land|dans votre pays|dans votre région|depuis votre pays|raisons légales
            en su región|en tu región|en su país|en tu país|desde su país|motivos legales|na sua região|no seu país|em sua região|motivos legais
            nella tua regione|nel tuo paese|nella tua area|dal tuo paese|motivi legali|в вашем регионе|в вашей стране|из вашей страны|из вашего региона",
    },
    StandIn {
        kind: WarningKind::Removed,
        detail: "the article was removed by its author or the site",
        titles: "content removed|post removed|article removed|this post was deleted|this article has been removed|content deleted|deleted|removed
            内容已删除|内容已被删除|文章已删除|文章已被删除|该内容已被删除|此内容因违规无法查看|该内容已被发布者删除|内容不见了|内容不存在|帖子已删除|微博已删除|內容已刪除
            文章已刪除|貼文已刪除|記事は削除されました|削除されました|削除済み|삭제된 게시물|삭제된 글|삭제된 게시글|삭제되었습니다|beitrag gelöscht|artikel gelöscht
            inhalt entfernt|contenu supprimé|article supprimé|publicación eliminada|contenido eliminado|artículo eliminado|conteúdo removido|artigo removido
            publicação removida|contenuto rimosso|articolo rimosso|post eliminato|запись удалена|материал удалён|материал удален|статья удалена",
        phrases: "has been removed by its author|removed by its author|has been removed by the author|was removed by the author|was deleted by its author
            was deleted by the author|has been deleted by the author|has been deleted by its author|deleted by the user|removed by the user
            this article has been removed|this post has been removed|this content has been removed|this story has been removed|this page has been removed
            this article has been deleted|this post has been deleted|this content has been deleted|this post was removed|this content was removed
            this article was removed|this article is no longer available|this content is no longer available|this story is no longer available
            this post is no longer available|author has deleted|author deleted this story|removed for violating|violates our
            该内容已被发布者删除|内容已被发布者删除|已被发布者删除|已被作者删除|被作者删除|被用户删除|内容已被删除|文章已被删除|该文章已删除|该文章已被|该内容已删除|此内容已被删除
            此文章已被|该帖子已被|该微博已被|帖子已被删除|内容已经被删除|因违规无法查看|内容违规|暂时无法查看|文章已下架|内容已下架|已下架|该页面已被删除|原文已删除
            已被作者刪除|已被發布者刪除|已被發佈者刪除|內容已被刪除|文章已被刪除|此文章已|該文章已|此內容已|貼文已被刪除|內容已下架|文章已下架|無法查看
            この記事は削除|記事は削除されました|投稿者により削除|投稿者によって削除|投稿は削除|コンテンツは削除|削除された可能性|公開を終了|掲載を終了|掲載期間が終了|公開期間が終了
            삭제된 게시물|삭제된 기사|삭제된 글|삭제된 게시글|작성자가 삭제|작성자에 의해 삭제|작성자의 요청|기사가 삭제|게시물이 삭제|삭제되었거나|삭제되었습니다|비공개 처리
            vom autor gelöscht|vom autor entfernt|vom verfasser gelöscht|beitrag wurde gelöscht|artikel wurde gelöscht|beitrag wurde entfernt|artikel wurde entfernt
            inhalt wurde entfernt|inhalt wurde gelöscht|nicht mehr verfügbar|a été supprimé par son auteur|supprimé par son auteur|supprimé par l'auteur|retiré par son auteur
            contenu a été supprimé|article a été supprimé|contenu a été retiré|article a été retiré|article n'est plus disponible|contenu n'est plus disponible
            eliminado por su autor|eliminada por su autor|eliminado por el autor|eliminada por el autor|contenido ha sido eliminado|artículo ha sido eliminado
            publicación ha sido eliminada|borrado por su autor|ya no está disponible|removido pelo autor|removida pelo autor|excluído pelo autor|excluída pelo autor|apagado pelo autor
            conteúdo foi removido|artigo foi removido|publicação foi removida|não está mais disponível|já não está disponível
            rimosso dall'autore|eliminato dall'autore|cancellato dall'autore|contenuto è stato rimosso|articolo è stato rimosso|contenuto è stato eliminato|non è più disponibile
            удалена автором|удалён автором|удален автором|удалено автором|материал удалён|материал удален|запись удалена|статья удалена|была удалена|больше не доступна|больше недоступн",
    },
    StandIn {
        kind: WarningKind::ErrorPage,
        detail: "the page looks like an error message of the server",
        titles: "page not found|not found|404|404 not found|error 404|404 error|page doesn't exist|page does not exist|page cannot be found|page can't be found
            nothing found|oops|something went wrong|an error occurred|error|server error|internal server error|500 internal server error|502 bad gateway|503 service unavailable
            service unavailable|bad gateway|gateway timeout|access denied|forbidden|403 forbidden|410 gone|429 too many requests|too many requests|page unavailable|story not found|article not found
            页面不存在|页面未找到|页面没有找到|找不到页面|网页不存在|内容不存在|文章不存在|您访问的页面不存在|访问出错|出错了|系统错误|系统繁忙|服务器错误|拒绝访问|无法访问
            頁面不存在|找不到頁面|找不到網頁|找不到此頁面|網頁不存在|文章不存在|發生錯誤|系統錯誤|系統忙碌|拒絕存取|ページが見つかりません|お探しのページ|ページが存在しません|エラー|エラーが発生しました
            アクセスできません|페이지를 찾을 수 없습니다|페이지를 찾을 수|존재하지 않는 페이지|오류|오류가 발생|접근이 거부|seite nicht gefunden|seite existiert nicht|fehler 404|fehler|zugriff verweigert|nicht gefunden
            page introuvable|page non trouvée|erreur 404|erreur|accès refusé|page inexistante|página no encontrada|no encontrado|error 404|acceso denegado|página no existe
            página não encontrada|não encontrado|erro 404|acesso negado|erro|pagina non trovata|non trovato|errore 404|errore|accesso negato
            страница не найдена|ошибка 404|ошибка|доступ запрещён|доступ запрещен|не найдено|pagina niet gevonden|nie znaleziono strony|sayfa bulunamadı|الصفحة غير موجودة",
        phrases: "page not found|page you are looking for|page you're looking for|page you were looking for|page you requested|requested page|page does not exist|page doesn't exist
            page cannot be found|page can't be found|could not be found|couldn't find the page|can't find the page|couldn't find that page|can't find that page|no longer exists|does not exist any more
            has been moved or|may have been moved|might have been removed|moved or deleted|moved or removed|check the address|check the url|check the spelling|error code|reference #|permission to access
            something went wrong|an error has occurred|an error occurred|please try again later|temporarily unable|temporarily unavailable|server error|bad gateway|too many requests
            页面不存在|页面没有找到|找不到页面|您访问的页面|您要访问的页面|您查看的页面|你访问的页面|你要找的页面|您要找的页面|页面可能已|页面走丢了|页面已经不存在|网页不存在|您访问的网页|输入的网址|网址是否正确|返回首页|系统繁忙|请稍后再试|服务器错误
            服务器开小差|没有权限访问|頁面不存在|找不到頁面|找不到網頁|您要找的頁面|您訪問的頁面|您瀏覽的頁面|您所查看的頁面|頁面可能已|網址是否正確|返回首頁|系統忙碌|請稍後再試|沒有權限
            ページが見つかりません|お探しのページ|ページは存在しません|ページは見つかりません|指定されたページ|移動または削除|移動したか|削除された可能性|urlをご確認|アドレスをご確認|トップページへ|エラーが発生|時間をおいて
            페이지를 찾을 수 없습니다|존재하지 않는 페이지|요청하신 페이지|찾으시는 페이지|주소가 정확한지|주소를 확인|삭제되었거나|변경되었거나|오류가 발생|잠시 후 다시 시도
            seite nicht gefunden|seite wurde nicht gefunden|seite konnte nicht gefunden|gesuchte seite|angeforderte seite|seite existiert nicht|existiert nicht mehr|verschoben oder gelöscht|überprüfen sie die adresse|ist ein fehler aufgetreten
            page introuvable|cette page n'existe pas|page que vous cherchez|page que vous recherchez|page demandée|n'existe plus|a été déplacée|vérifiez l'adresse|une erreur s'est produite|une erreur est survenue
            página no encontrada|página que busca|página que buscas|página que está buscando|página solicitada|ya no existe|no existe o|ha sido movida|compruebe la dirección|se ha producido un error|ha ocurrido un error
            página não encontrada|página que procura|página que você procura|página que você está procurando|página solicitada|não existe mais|já não existe|foi movida|verifique o endereço|ocorreu um erro
            pagina non trovata|pagina che cerchi|pagina che stai cercando|pagina richiesta|non esiste più|non esiste o|è stata spostata|controlla l'indirizzo|si è verificato un errore
            страница не найдена|страницы не существует|страница не существует|страница, которую вы ищете|запрашиваемая страница|запрошенная страница|была перемещена|проверьте адрес|произошла ошибка",
    },
    StandIn {
        kind: WarningKind::Login,
        detail: "the page asks for a login; the rest may be behind it",
        titles: "log in|login|sign in|log in or sign up|member login|please log in|login required|用户登录|会员登录|登录|请登录|账号登录|用戶登入|會員登入|登入|請先登入
            ログイン|会員ログイン|로그인|anmelden|anmeldung|einloggen|connexion|se connecter|identifiez-vous|iniciar sesión|acceder|identifícate|entrar|iniciar sessão|fazer login
            accedi|login utente|вход|войти|авторизация",
        phrases: "log in to continue|log in to read|log in to view|log in to see|sign in to continue|sign in to read|sign in to view|please log in|please sign in|you must be logged in|you must log in
            you need to be logged in|you need to log in|forgot your password|forgot password|don't have an account|create an account|remember me|enter your password
            需要登录|登录后|请登录|请先登录|没有账号|还没有账号|注册账号|立即注册|忘记密码|用户协议|登录即表示|需要登入|登入後|請登入|請先登入|沒有帳號|還沒有帳號|註冊帳號|忘記密碼
            ログインしてください|ログインが必要|ログインすると|パスワードをお忘れ|アカウントをお持ちでない|会員登録|로그인이 필요|로그인 후|로그인해|비밀번호 찾기|비밀번호를 잊|계정이 없|회원가입
            bitte melden sie sich an|bitte loggen sie sich|bitte einloggen|passwort vergessen|noch kein konto|noch nicht registriert|um fortzufahren
            connectez-vous pour|vous devez être connecté|veuillez vous connecter|veuillez vous identifier|mot de passe oublié|pas encore de compte|pas encore inscrit
            inicia sesión para|inicie sesión para|debe iniciar sesión|debes iniciar sesión|olvidó su contraseña|olvidaste tu contraseña|no tienes cuenta|no tienes una cuenta
            faça login para|inicie sessão para|precisa fazer login|precisa de iniciar sessão|esqueceu a senha|esqueceu a sua senha|esqueceu-se da|não tem uma conta|ainda não tem conta
            accedi per|effettua il login|effettua l'accesso|devi accedere|devi effettuare|password dimenticata|non hai un account
            войдите, чтобы|необходимо войти|необходимо авторизоваться|авторизуйтесь|забыли пароль|нет аккаунта|зарегистрируйтесь",
    },
    StandIn {
        kind: WarningKind::ConsentWall,
        detail: "the page shows a cookie consent dialog; answer it in a browser and save the page",
        titles: "your privacy choices|your privacy|we value your privacy|privacy choices|cookie consent|cookie settings|manage cookies|before you continue|before you go on|consent|your data, your choice
            隐私设置|隐私选择|隐私提示|cookie 设置|隱私設定|您的隱私權|cookie 設定|プライバシー設定|プライバシーの選択|cookieの設定|개인정보 설정|쿠키 설정
            ihre privatsphäre|privatsphäre-einstellungen|datenschutzeinstellungen|cookie-einstellungen|zustimmung|vos choix de confidentialité|votre vie privée|gestion des cookies|paramètres des cookies
            su privacidad|tu privacidad|configuración de cookies|a sua privacidade|sua privacidade|definições de cookies|configurações de cookies|la tua privacy|impostazioni cookie|preferenze cookie
            ваша конфиденциальность|настройки cookie|настройки файлов cookie",
        phrases: "store and access information on|store and/or access information|store and read cookies|use of cookies|accept all cookies|accept all|reject all|manage your choices|manage choices|we and our
            your privacy choices|we value your privacy|before you continue|personalised advertising|personalized advertising|withdraw your consent|your consent
            使用 cookie|使用cookie|接受全部|接受所有|全部接受|拒绝全部|全部拒绝|合作伙伴|个性化广告|管理您的选择|同意并继续|隐私设置|使用 cookie|全部接受|接受所有|拒絕全部|全部拒絕|合作夥伴|個人化廣告|管理您的選擇|同意並繼續|隱私權設定
            cookieを使用|cookie を使用|すべて同意|すべて受け入れる|すべて拒否|パートナー|パーソナライズ|クッキーを|쿠키를 사용|모두 동의|모두 허용|모두 거부|파트너|맞춤형 광고|맞춤 광고
            alle akzeptieren|cookies akzeptieren|alle ablehnen|wir und unsere|auf einem gerät speichern|informationen auf|personalisierte werbung|wir schätzen ihre privatsphäre|zustimmen und weiter|einwilligung
            tout accepter|accepter les cookies|tout refuser|continuer sans accepter|nous et nos|des informations sur un appareil|publicités personnalisées|publicité personnalisée|votre consentement
            aceptar todas|aceptar todo|aceptar cookies|rechazar todas|rechazar todo|nosotros y nuestros|información en un dispositivo|publicidad personalizada|anuncios personalizados|aceptar y continuar|su consentimiento
            aceitar todos|aceitar tudo|aceitar cookies|rejeitar todos|rejeitar tudo|nós e os nossos|nós e nossos|publicidade personalizada|anúncios personalizados|o seu consentimento|seu consentimento
            accetta tutti|accetta tutto|accetta i cookie|rifiuta tutti|rifiuta tutto|noi e i nostri|informazioni su un dispositivo|pubblicità personalizzata|annunci personalizzati|il tuo consenso
            принять все|отклонить все|мы и наши партнёры|мы и наши партнеры|файлы cookie|персонализированной рекламы|персонализированная реклама|ваше согласие",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(title: &str, text: &str) -> Vec<WarningKind> {
        let weight = crate::html::text::weight(text);
        let (title, text) = (title.to_lowercase(), text.to_lowercase());
        let start: String = text.chars().take(300).collect();
        let seen = Seen { title: &title, text: &text, start: &start, weight };
        STAND_INS.iter().filter(|kind| kind.is(&seen)).map(|kind| kind.kind).collect()
    }

    #[test]
    fn the_table_is_in_lower_case_and_names_nothing_twice() {
        for stand_in in &STAND_INS {
            for phrases in [stand_in.titles, stand_in.phrases] {
                let lower = phrases.to_lowercase();
                assert_eq!(phrases, lower, "{:?}", stand_in.kind);
            }
        }
    }

    #[test]
    fn pages_in_the_place_of_an_article_are_known_in_many_languages() {
        use WarningKind::{BotCheck, ConsentWall, ErrorPage, Login, Maintenance, Parked, Region, Removed};
        for (kind, title, text) in [
            (BotCheck, "Just a moment...", "Verify you are human by completing the action below."),
            (BotCheck, "安全验证", "请拖动滑块完成拼图，以证明您不是机器人。"),
            (BotCheck, "Der Anzeiger", "Bitte bestätigen Sie, dass Sie kein Roboter sind, bevor Sie weiterlesen."),
            (
                Maintenance,
                "Le Courrier",
                "Le site est actuellement en maintenance. Nous serons de retour lundi matin, merci de votre patience.",
            ),
            (Maintenance, "网站维护", "网站正在维护，预计明天早上七点恢复，敬请谅解。"),
            (Maintenance, "お知らせ", "ただいまメンテナンスを実施しています。しばらくしてからアクセスしてください。"),
            (
                Parked,
                "courier.example",
                "Diese Domain steht zum Verkauf. Hier können Sie diese Domain kaufen und gleich nutzen.",
            ),
            (Parked, "courier.example is for sale", "This domain is for sale. Make an offer or call our brokers."),
            (Region, "Nicht verfügbar", "Dieser Inhalt ist in Ihrem Land leider nicht verfügbar."),
            (Region, "提示", "很抱歉，由于版权原因，您所在的地区无法观看此内容。"),
            (Removed, "문화일보", "작성자의 요청으로 삭제된 게시물입니다. 다른 글을 읽어 보세요."),
            (Removed, "提示", "抱歉，該文章已被作者刪除。"),
            (Removed, "Notice", "This story has been removed by its author."),
            (ErrorPage, "Ой", "Страница не найдена. Возможно, она была перемещена. Проверьте адрес."),
            (ErrorPage, "Página não encontrada", "A página que você procura não existe mais ou foi movida."),
            (Login, "Accedi", "Devi accedere per leggere questo articolo. Non hai un account? Password dimenticata?"),
            (
                ConsentWall,
                "La tua privacy",
                "Noi e i nostri 713 partner archiviamo informazioni su un dispositivo. Accetta tutto. Rifiuta tutto.",
            ),
        ] {
            assert!(kinds(title, text).contains(&kind), "{kind:?}: {title}: {text}: {:?}", kinds(title, text));
        }
    }

    #[test]
    fn an_article_about_such_pages_is_not_one() {
        let essay =
            "The word captcha stands for a test that tells people from programs. Sites ask visitors to verify you are \
            human, or to solve the captcha, and some never let them in. "
                .repeat(8);
        assert_eq!(kinds("Why captchas fail", &essay), []);
        let consent =
            "Banners that ask to accept all cookies or to reject all of them were meant to give readers a choice. "
                .repeat(18);
        assert_eq!(kinds("The trouble with cookie consent", &consent), []);
        let news =
            "The library of Eastlow opens again on Monday after two years of work, the council said. Its new reading \
            room looks over the lock, and the old one becomes a school for bookbinders. "
                .repeat(3);
        assert_eq!(kinds("Library opens again", &news), []);
        let bar = format!("{news} We use cookies. Accept all");
        assert_eq!(kinds("Library opens again", &bar), []);
    }
}
