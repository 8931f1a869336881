//! Signatures, quiet hours, texts that must fit, and when a failed notice is tried again.

use proptest::prelude::{Strategy, prop, proptest};

use super::{
    back_off, free_from,
    gather::Part,
    page::{Page, Section, cut},
    robot::Message,
    words::{Item, case_link},
};
use crate::{
    lang::Lang,
    policy::{
        PolicySet,
        company::Company,
        compile,
        notices::{Notices, Quiet},
        sources::Sources,
    },
    time::{Instant, Zone},
};

fn zone() -> Zone {
    Zone::parse("Asia/Shanghai").unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text, zone()).unwrap()
}

/// A policy set of nothing, with quiet hours; a calendar is that of the office in China.
fn quiet(hours: Option<(u16, u16)>, calendar: bool) -> PolicySet {
    let node = crate::yaml::parse(
        &std::sync::Arc::new(crate::diagnostic::SourceFile { path: String::new(), text: "china-office".into() }),
        &mut crate::diagnostic::Problems::default(),
    );
    let quiet = Quiet { calendar: node.filter(|_| calendar), hours };
    let notices = Notices { quiet, ..Notices::default() };
    let company = Company { zone: Some(zone()), notices: Some(notices), ..Company::default() };
    compile(&Sources::default(), company).unwrap()
}

#[test]
fn quiet_hours_end_when_they_say() {
    let free = |set: &PolicySet, from: &str| free_from(set, at(from)).show(zone());
    let night = quiet(Some((20 * 60, 8 * 60)), false);
    assert_eq!(free(&night, "2026-03-16 19:59"), "2026-03-16 19:59");
    assert_eq!(free(&night, "2026-03-16 20:00"), "2026-03-17 08:00");
    assert_eq!(free(&night, "2026-03-17 03:00"), "2026-03-17 08:00");
    assert_eq!(free(&night, "2026-03-17 08:00"), "2026-03-17 08:00");
    let noon = quiet(Some((12 * 60, 13 * 60)), false);
    assert_eq!(free(&noon, "2026-03-16 12:30"), "2026-03-16 13:00");
    assert_eq!(free(&noon, "2026-03-16 13:00"), "2026-03-16 13:00");
    // Over the National Day holiday, and not on the make-up day before it.
    let office = quiet(None, true);
    assert_eq!(free(&office, "2026-03-16 03:00"), "2026-03-16 09:00");
    assert_eq!(free(&office, "2026-09-30 23:00"), "2026-10-08 09:00");
    let both = quiet(Some((17 * 60, 10 * 60)), true);
    assert_eq!(free(&both, "2026-09-30 23:00"), "2026-10-08 10:00");
    // A rule that is always quiet holds nothing back for ever.
    let always = quiet(Some((8 * 60, 8 * 60)), false);
    assert_eq!(free(&always, "2026-03-16 12:00"), "2026-03-16 12:00");
}

#[test]
fn each_attempt_waits_longer_and_the_last_is_the_last() {
    let minutes: Vec<Option<i64>> = (1..=super::ATTEMPTS).map(|attempt| back_off(attempt).map(|wait| wait / 60_000)).collect();
    assert_eq!(minutes, [Some(1), Some(5), Some(15), Some(60), Some(240), Some(720), Some(1_440), Some(1_440), None]);
}

#[test]
fn robots_are_signed_as_their_makers_say() {
    let message = Message { subject: "S", text: "T".into(), secret: Some("SEC000"), now: Instant::from_millis(1_774_000_000_123) };
    assert_eq!(
        message.dingtalk_url("https://oapi.dingtalk.com/robot/send?access_token=X"),
        "https://oapi.dingtalk.com/robot/send?access_token=X&timestamp=1774000000123&sign=tCAPMnNEiT6g%2BFiUruFuwz5KBMGbkMIUJiMeCLpZok4%3D"
    );
    let feishu = message.feishu();
    assert_eq!(
        (feishu["timestamp"].as_str(), feishu["sign"].as_str()),
        (Some("1774000000"), Some("IkXwfUkVyweBgnNJ0L058KsUZOwUgBFZoWBGGNqSNzo="))
    );
    let open = Message { secret: None, ..message };
    assert!(open.feishu().get("sign").is_none());
    assert_eq!(open.dingtalk_url("https://x/y"), "https://x/y");
}

fn item() -> impl Strategy<Value = Item> {
    ("\\PC{0,30}", "\\PC{0,200}", prop::option::of("https://[a-z]{3,40}")).prop_map(|(about, what, link)| Item {
        about,
        what,
        marks: vec!["critical"],
        clause: "desk/1 按时答复".into(),
        due: Some("due 2026-03-16 24:00".into()),
        whose: None,
        link,
    })
}

proptest! {
    #[test]
    fn whatever_it_says_it_fits_and_counts_what_it_leaves_out(
        items in prop::collection::vec(item(), 0..40),
        more in 0_u64..100,
        most in 200_usize..6_000,
        intro in "\\PC{0,100}",
    ) {
        let (told, total) = (items.len(), items.len() as u64 + more);
        let page = Page {
            head: vec![intro],
            sections: vec![Section { part: Part::Overdue, total, items }],
            foot: vec!["foot".into()],
            closing: "notice N-1".into(),
            lang: Lang::En,
        };
        let text = page.markdown(most);
        assert!(text.len() <= most);
        // A cut is the last resort, where not even the head has room.
        if text.ends_with("notice N-1") {
            let lines = text.lines().filter(|line| line.starts_with("- ")).count() as u64;
            let left = text.lines().find_map(|line| line.strip_prefix("... and ")?.strip_suffix(" more")?.parse::<u64>().ok()).unwrap_or(0);
            assert_eq!(lines + left, total);
            // The longest item here has some 1300 bytes.
            assert!(lines == told as u64 || text.len() + 1_400 > most, "no room is wasted");
        }
        let plain = page.plain();
        assert!(plain.contains(&format!("Overdue: {total}")));
    }

    #[test]
    fn a_cut_ends_where_a_character_does(text in "\\PC{0,80}", most in 3_usize..100) {
        let short = cut(text.clone(), most);
        assert!(short.len() <= most);
        assert!(short == text || short.ends_with('…'));
    }

    #[test]
    fn an_address_of_a_case_is_read_back(id in "\\PC{1,30}") {
        let link = case_link("https://x", &id);
        let path = link.strip_prefix("https://x/case/").unwrap();
        assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        let mut bytes = Vec::new();
        let mut rest = path.as_bytes();
        while let [first, more @ ..] = rest {
            if *first == b'%' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&more[..2]).unwrap(), 16).unwrap());
                rest = &more[2..];
            } else {
                bytes.push(*first);
                rest = more;
            }
        }
        assert_eq!(String::from_utf8(bytes).unwrap(), id);
    }
}

#[test]
fn what_comes_from_cases_cannot_look_like_ours() {
    let item = Item {
        about: "A\n**Overdue: 0**".into(),
        what: "x\r\n- <at id=all></at> [click](http://evil) `code`".into(),
        marks: vec![],
        clause: "c".into(),
        due: None,
        whose: None,
        link: None,
    };
    let page = Page {
        head: vec![],
        sections: vec![Section { part: Part::New, total: 1, items: vec![item] }],
        foot: vec![],
        closing: "N".into(),
        lang: Lang::En,
    };
    insta::assert_snapshot!(page.markdown(4_000), @r#"
    **New: 1**
    - A ＊＊Overdue: 0＊＊ x  - ＜at id=all＞＜/at＞ ［click］(http://evil) ＇code＇ · c

    N
    "#);
    assert_eq!(page.plain(), "\nNew: 1\n  1. A **Overdue: 0**: x  - <at id=all></at> [click](http://evil) `code`\n     c\n\n-- \nN\n");
}
