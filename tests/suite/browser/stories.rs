//! What people do at the board, told as they do it.

use super::{
    Demo,
    driver::{Browser, ENTER, SPACE},
};

const SUPERVISOR: &str = "Dong Jianhua";
const DEPUTY: &str = "Yu Chunmei";

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap()
}

#[test]
fn the_morning_of_a_supervisor() {
    let demo = Demo::start();
    let browser = Browser::open(&demo.site, 1280, 1000);
    browser.go("/waivers");
    assert!(browser.path().starts_with("/sign-in?back="), "nobody is let in unasked");
    browser.write("input[name=name]", SUPERVISOR);
    browser.write("input[name=password]", "not the password");
    browser.click("main button.main");
    assert_eq!(browser.text("[role=alert]"), "The name or the password is wrong.");
    browser.write("input[name=password]", &demo.password);
    browser.click("main button.main");
    browser.wait("location.pathname === '/waivers'");

    // What is overdue, and whose move it is: the figures are those of the list.
    browser.click("header nav a[href='/']");
    let overdue = number(&browser.text(".tiles a.overdue .figure"));
    assert!(overdue > 0);
    browser.picture("today");
    browser.click(".tiles a.overdue");
    assert!(browser.text(".pages").contains(&format!("/ {overdue}")), "{}", browser.text(".pages"));
    let sums =
        browser.script("return [...document.querySelectorAll('[data-live=groups] tbody tr')].map((row) => Number(row.cells[1].innerText))");
    let sums: Vec<u64> = sums.as_array().unwrap().iter().map(|sum| sum.as_u64().unwrap()).collect();
    assert_eq!(*sums.last().unwrap(), overdue, "the sum under the groups");

    // The first case: assigned, seen, spoken of.
    let assigned = "table tbody tr:last-child td:nth-child(3) a";
    let case = browser.text(&format!("[data-live=list] {assigned}"));
    browser.click(&format!("[data-live=list] {assigned}"));
    browser.wait("location.pathname.startsWith('/case/')");
    assert!(browser.text("h1").starts_with(&case));
    browser.write("section.obligation input[name=to]", DEPUTY);
    browser.click("section.obligation button[value=assign]");
    assert_eq!(browser.text("[role=status].good"), "Assigned.");
    assert!(browser.text("#obligations + .card").contains(DEPUTY));
    browser.click("section.obligation button[value=seen]");
    browser.wait("document.querySelector('[role=status].good')?.innerText === 'Acknowledged.'");
    browser.write("textarea[name=text]", "We call again on Friday. <b>周五再联系</b>");
    browser.click("form[action$='/comment'] button");
    browser.wait("document.body.innerText.includes('<b>周五再联系</b>')");
    browser.picture("case");

    // A waiver: asked for here, granted by somebody else.
    browser.click("section.obligation details:has(form[action$='/waiver']) > summary");
    browser.write("section.obligation form[action$='/waiver'] textarea", "The customer is away until the tenth.");
    browser.script("document.querySelector(\"form[action$='/waiver'] input[name=until]\").value = '2026-04-12'");
    browser.choose("section.obligation form[action$='/waiver'] select[name=approver]", DEPUTY);
    browser.click("section.obligation form[action$='/waiver'] button");
    browser.wait("document.querySelector('[role=status].good')?.innerText.startsWith('The waiver is asked for')");
    browser.go("/waivers");
    let own = browser.script(&format!("return [...document.querySelectorAll('section.obligation')].filter((one) => one.innerText.includes('{case}')).map((one) => one.innerText)[0]"));
    assert!(!own.as_str().unwrap().contains("Grant"), "nobody grants what they asked for themselves");

    let other = Browser::open(&demo.site, 1280, 1000);
    other.sign_in(DEPUTY, &demo.password);
    other.go("/waivers");
    other.script(&format!("[...document.querySelectorAll('section.obligation')].find((one) => one.innerText.includes('{case}')).querySelector('button[value=grant]').id = 'mine'"));
    other.click("#mine");
    other.wait("document.querySelector('[role=status].good')?.innerText === 'The waiver is granted.'");
    other.go("/");
    assert_eq!(number(&other.text(".tiles a.overdue .figure")), overdue - 1, "what is waived is not overdue");

    // The board of the first one keeps up by itself.
    browser.go("/");
    browser.wait(&format!("document.querySelector('.tiles a.overdue .figure').innerText === '{}'", overdue - 1));
    browser.click(".me form button");
    browser.wait("location.pathname === '/sign-in'");
    browser.go("/");
    assert!(browser.path().starts_with("/sign-in"), "signed out is signed out");
}

#[test]
fn the_board_keeps_up_while_somebody_looks() {
    let demo = Demo::start();
    let (left, right) = (Browser::open(&demo.site, 1280, 900), Browser::open(&demo.site, 1280, 900));
    left.sign_in(SUPERVISOR, &demo.password);
    right.sign_in("admin", &demo.password);
    left.go("/");
    let overdue = number(&left.text(".tiles a.overdue .figure"));
    // Somebody takes a row on: whoever looks sees it.
    right.go("/");
    right.click("[data-live=list] tbody input[type=checkbox]");
    right.write("input[name=to]", "admin");
    right.click("button[value=assign]");
    right.wait("document.querySelector('[role=status].good')");
    left.wait("document.querySelector('[data-live=list]').innerText.includes('admin (')");
    // An event settles a violation: the figure goes down, and nobody loads the page.
    right.go("/case/SO-000275");
    right.click("details:has(form[action$='/event']) > summary");
    right.choose("form[action$='/event'] select[name=type]", "register_completed");
    right.write("form[action$='/event'] textarea[name=data]", "drawing: D-17");
    right.click("form[action$='/event'] button");
    right.wait("document.querySelector('[role=status].good')");
    left.wait(&format!("document.querySelector('.tiles a.overdue .figure').innerText === '{}'", overdue - 1));
}

#[test]
fn both_languages_and_both_colours_without_hurdles() {
    let demo = Demo::start();
    let browser = Browser::open(&demo.site, 1280, 1000);
    assert_eq!(browser.hurdles_of("/sign-in"), Vec::<String>::new());
    browser.sign_in("admin", &demo.password);
    browser.go("/");
    let case = browser.script("return document.querySelector('[data-live=list] tbody td:nth-child(3) a').getAttribute('href')");
    let case = case.as_str().unwrap().split('#').next().unwrap().to_owned();
    let pages = [
        "/",
        &case,
        "/approvals",
        "/stock",
        "/waivers",
        "/trends",
        "/runs",
        "/clauses",
        "/clause/security-systems/4.2.5",
        "/playground/security-systems",
        "/me",
        "/accounts",
        "/audit",
    ];
    for (lang, theme) in [("en", "light"), ("zh", "dark")] {
        browser.go(&format!("/?lang={lang}"));
        browser.click(&format!("footer button[value={theme}]"));
        browser.wait(&format!("document.documentElement.dataset.theme === '{theme}'"));
        for page in pages {
            assert_eq!(browser.hurdles_of(page), Vec::<String>::new(), "{page} {lang} {theme}");
            let outside: Vec<String> = browser.asked_for().into_iter().filter(|address| !address.starts_with(&demo.site)).collect();
            assert!(outside.is_empty(), "{page} asks for {outside:?}");
            let title = browser.text("h1");
            let chinese = title.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign));
            if page != case && !page.starts_with("/clause/") {
                assert_eq!(chinese, lang == "zh", "{page}: {title}");
            }
            assert_eq!(browser.script("return document.documentElement.lang").as_str().unwrap(), if lang == "zh" { "zh-CN" } else { "en" });
        }
        browser.go("/trends");
        browser.picture(&format!("trends-{lang}"));
    }
    browser.go("/");
    browser.picture("today-zh");
}

#[test]
fn with_the_keyboard_alone() {
    let demo = Demo::start();
    let browser = Browser::open(&demo.site, 1280, 1000);
    browser.go("/sign-in");
    browser.tab_to("input[name=name]");
    browser.press(SUPERVISOR);
    browser.tab_to("input[name=password]");
    browser.press(&demo.password);
    browser.press(ENTER);
    browser.wait("document.querySelector('.tiles')");
    // The first stop leads past the menu.
    browser.tab_to("a.skip");
    browser.press(ENTER);
    browser.wait("document.activeElement.id === 'main'");
    browser.tab_to(".tiles a.overdue");
    browser.press(ENTER);
    browser.wait("location.search.includes('section=overdue')");
    browser.tab_to("[data-live=list] tbody input[type=checkbox]");
    browser.press(SPACE);
    browser.tab_to("input[name=to]");
    browser.press(DEPUTY);
    browser.tab_to("button[value=assign]");
    browser.press(ENTER);
    browser.wait("document.querySelector('[role=status].good')");
    // The focus is always to be seen.
    browser.tab_to("[data-live=list] tbody td:nth-child(3) a");
    let outline = browser.script("return getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline.as_str().unwrap(), "solid");
    browser.press(ENTER);
    browser.wait("location.pathname.startsWith('/case/')");
}

#[test]
fn on_a_phone() {
    let demo = Demo::start();
    let browser = Browser::open(&demo.site, 390, 844);
    browser.sign_in(SUPERVISOR, &demo.password);
    let case = browser.script("return document.querySelector('[data-live=list] tbody td:nth-child(3) a').getAttribute('href')");
    let case = case.as_str().unwrap().split('#').next().unwrap().to_owned();
    for page in ["/", case.as_str(), "/approvals", "/waivers", "/trends", "/runs"] {
        browser.go(page);
        let wide = browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, 0, "{page} is wider than the screen");
        assert_eq!(browser.hurdles(), Vec::<String>::new(), "{page}");
    }
    browser.go("/?section=overdue#list");
    browser.picture("phone");
    browser.click("[data-live=list] tbody td:nth-child(3) a");
    browser.wait("location.pathname.startsWith('/case/')");
}

#[test]
fn an_officer_tries_a_rule_before_it_is_one() {
    let demo = Demo::start();
    let browser = Browser::open(&demo.site, 1280, 1000);
    browser.sign_in("officer", &demo.password);
    browser.go("/clause/security-systems/4.2.5");
    assert!(browser.text("main").contains("4.2.5"));
    browser.go("/playground/security-systems");
    let edit = |from: &str, to: &str| {
        let script = format!(
            "const area = document.querySelector('textarea.code'); const before = area.value; area.value = before.replace({}, {}); return area.value !== before",
            serde_json::json!(from),
            serde_json::json!(to)
        );
        assert_eq!(browser.script(&script), true, "`{from}` is in the policy");
    };
    // A slip is shown with its line, and nothing else happens.
    edit("policy: security-systems", "policyy: security-systems");
    browser.click("button[value=check]");
    browser.wait("document.body.innerText.includes('policyy')");
    assert!(browser.text("main").contains("DU0"), "a code");
    edit("policyy: security-systems", "policy: security-systems");
    // A shorter limit: which cases would be violated, before anybody is.
    edit("ring-1: 2h", "ring-1: 1min");
    browser.click("button[value=impact]");
    browser.wait("document.body.innerText.includes('ewly violated')");
    browser.picture("playground");
    browser.go("/clause/security-systems/4.2.5");
    assert!(!browser.text("main").contains("1min"), "nothing was saved");
}
