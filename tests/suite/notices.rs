//! Notices end to end: the program itself, and servers that fail.

use std::time::Duration;

use crate::fake::{Came, Does, Fake};
use crate::sandbox::{Output, Sandbox};

const POLICY: &str = r#"policy: desk
title: {en: The desk, zh: 前台}
effective: 2026-01-01
calendar: china-office
roles:
  clerk: {en: clerk, zh: 文员}
  head: {en: head of the desk, zh: 主管}
kinds:
  complaint:
    en: complaint
    zh: 投诉
    facts: {site: {type: text, en: site, zh: 地点}, grade: {type: text, en: grade, zh: 级别}}
    events: {received: {en: received, zh: 收到}, answered: {en: answered, zh: 答复}}
clauses:
  - id: "1"
    title: {en: Answer in time, zh: 按时答复}
    for: complaint
    owner: clerk
    severity: critical
    deadline: {after: received, expect: answered, within: 2d}
    next: {en: "Answer {site}", zh: "答复{site}"}
    escalate: {after: 1h, to: head}
  - id: "2"
    title: {en: Grade is known, zh: 级别明确}
    for: complaint
    owner: clerk
    when: =grade == "serious"
    deadline: {after: received, expect: answered, within: 30d}
"#;

/// Monday noon in Shanghai: A is long overdue, B falls due today at 24:00, C on Wednesday.
pub const AS_OF: &str = "2026-03-16T12:00:00+08:00";

fn case(id: &str, site: &str, received: &str) -> String {
    format!(
        r#"{{"case":"{id}","kind":"complaint","facts":{{"site":"{site}","grade":"general"}},"events":[{{"type":"received","at":"{received}+08:00"}}]}}"#
    )
}

/// A workspace with three complaints; `notices` is the value of that key.
pub fn company(notices: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let roles = "roles:\n  clerk: [lin, wu]\n  head: {people: [zhao]}\n";
    sandbox.write("duly.yaml", "workspace: Acme\n");
    sandbox.write("policies/desk/policy.yaml", POLICY);
    let ungraded =
        r#"{"case":"U","kind":"complaint","facts":{"site":"Gate"},"events":[{"type":"received","at":"2026-03-16T09:00:00+08:00"}]}"#;
    let cases = [
        case("A/1", "North, <b>*Hall*</b>", "2026-03-02T09:00:00"),
        case("B", "South", "2026-03-13T09:00:00"),
        case("C", "西站", "2026-03-16T09:00:00"),
        ungraded.to_owned(),
    ];
    sandbox.write("cases.jsonl", cases.join("\n"));
    sandbox.run(&["import", "cases.jsonl"]).code(0);
    sandbox.write("duly.yaml", format!("workspace: Acme\nzone: Asia/Shanghai\n{roles}notices:\n{notices}"));
    sandbox
}

fn night(sandbox: &Sandbox, send: bool) -> Output {
    let mut words = vec!["nightly", "--as-of", AS_OF];
    words.extend(send.then_some("--send"));
    sandbox.run(&words).code(0)
}

/// A send at a later time: what waits is made due at once.
fn retry_all(sandbox: &Sandbox) {
    for notice in sandbox.run(&["notices", "--format", "json"]).code(0).json_lines() {
        sandbox.run(&["notices", "retry", notice["id"].as_str().unwrap()]).code(0);
    }
}

fn send(sandbox: &Sandbox) -> serde_json::Value {
    sandbox.run(&["notices", "send", "--format", "json"]).code(0).json_lines().remove(0)
}

fn mail(port: u16) -> String {
    format!(
        "  from: \"duly <duly@acme.example>\"\n  link: https://duly.acme.example/\n  people:\n    lin: {{mail: lin@acme.example}}\n    wu: {{mail: wu@acme.example, lang: zh}}\n    zhao: {{mail: zhao@acme.example}}\n  channels:\n    post: {{mail: {{host: 127.0.0.1, port: {port}, tls: none}}}}\n  send:\n    - {{what: digest, to: owners, by: post}}\n    - {{what: escalation, to: {{role: head}}, by: post, intro: {{en: Please look., zh: 请关注。}}}}\n"
    )
}

/// A mail's text, decoded; what changes from run to run is taken out.
fn text(body: &str) -> String {
    let (head, body) = body.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ");
    let is_base64 = head.contains("base64");
    let kept = |line: &&str| !line.starts_with("Date:") && !line.starts_with("MIME") && !line.starts_with("Content-T");
    let head = head.lines().filter(kept).map(decoded).collect::<Vec<_>>().join("\n");
    let body = if is_base64 { from_base64(body) } else { quoted(body) };
    let all = format!("{head}\n\n{}", body.replace("\r\n", "\n"));
    let mut out = String::new();
    let mut rest = all.as_str();
    while let Some(at) = rest.find("N-") {
        out.push_str(&rest[..at]);
        let id: String = rest[at + 2..].chars().take_while(char::is_ascii_hexdigit).collect();
        out.push_str(if id.len() == 20 { "N-id" } else { &rest[at..at + 2 + id.len()] });
        rest = &rest[at + 2 + id.len()..];
    }
    out + rest
}

fn from_base64(text: &str) -> String {
    use base64::Engine;
    let text: String = text.split_whitespace().collect();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}

fn decoded(line: &str) -> String {
    let mut out = String::new();
    let mut was_encoded = true;
    for word in line.split(' ') {
        let inner = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        // Between two encoded words a space means nothing.
        out.push_str(if out.is_empty() || (was_encoded && inner.is_some()) { "" } else { " " });
        was_encoded = inner.is_some();
        out.push_str(&inner.map_or_else(|| word.to_owned(), from_base64));
    }
    out
}

fn quoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((byte, more)) = rest.split_first() {
        let code =
            (*byte == b'=').then(|| std::str::from_utf8(more.get(..2)?).ok().and_then(|two| u8::from_str_radix(two, 16).ok())).flatten();
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &more[2..];
            }
            None => {
                bytes.push(*byte);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn mail_to_each_owner_in_their_language_and_to_whom_it_goes_on() {
    let server = Fake::smtp(&[Does::Takes]);
    let sandbox = company(&mail(server.port));
    let out = night(&sandbox, true);
    assert!(out.stderr.contains("notices: 3 sent, 0 to be tried again, 0 given up"), "{}", out.stderr);
    let mut mails: Vec<String> = server.came().iter().map(|came| text(&came.body)).collect();
    mails.sort();
    insta::assert_snapshot!(mails.join("\n=====\n"), @r#"
    Message-ID: <N-id@acme.example>
    From: duly <duly@acme.example>
    To: lin@acme.example
    Subject: Acme: 1 overdue, 1 due today, 2 due this week, 1 cannot be told

    For lin, as of 2026-03-16 12:00.

    Overdue: 1
      1. A/1: Answer North, <b>*Hall*</b> (critical, new)
         was due 2026-03-04 24:00, 11 d 12 h late; desk/1 Answer in time
         https://duly.acme.example/case/A%2F1

    Due today: 1
      1. B: Answer South (critical, new)
         due 2026-03-16 24:00; desk/1 Answer in time
         https://duly.acme.example/case/B

    Due later this week: 2
      1. C: Answer 西站 (critical)
         due 2026-03-18 24:00; desk/1 Answer in time
         https://duly.acme.example/case/C
      2. U: Answer Gate (critical)
         due 2026-03-18 24:00; desk/1 Answer in time
         https://duly.acme.example/case/U

    New since the last digest: 3
    Cannot be told, since something is not recorded: 1

    -- 
    https://duly.acme.example · notice N-id


    =====
    Message-ID: <N-id@acme.example>
    From: duly <duly@acme.example>
    To: wu@acme.example
    Subject: Acme：逾期或违反 1，今日到期 1，本周到期 2，无法判断 1

    致 wu，截至 2026-03-16 12:00。

    已逾期或违反：1
      1. A/1: 答复North, <b>*Hall*</b>（严重、新增）
         应于 2026-03-04 24:00 前完成，已逾期 11 天 12 小时；desk/1 按时答复
         https://duly.acme.example/case/A%2F1

    今日到期：1
      1. B: 答复South（严重、新增）
         应于 2026-03-16 24:00 前完成；desk/1 按时答复
         https://duly.acme.example/case/B

    本周内到期：2
      1. C: 答复西站（严重）
         应于 2026-03-18 24:00 前完成；desk/1 按时答复
         https://duly.acme.example/case/C
      2. U: 答复Gate（严重）
         应于 2026-03-18 24:00 前完成；desk/1 按时答复
         https://duly.acme.example/case/U

    自上次摘要以来新增：3
    因记录缺失无法判断：1

    -- 
    https://duly.acme.example · 通知 N-id

    =====
    Message-ID: <N-id@acme.example>
    From: duly <duly@acme.example>
    To: zhao@acme.example
    Subject: Acme: 1 escalated

    For zhao, as of 2026-03-16 12:00.
    Please look.

    Escalated: 1
      1. A/1: Answer North, <b>*Hall*</b> (critical, new)
         was due 2026-03-04 24:00, 11 d 12 h late; clerk; desk/1 Answer in time
         https://duly.acme.example/case/A%2F1

    -- 
    https://duly.acme.example · notice N-id
    "#);
    let came = server.came();
    assert!(came.iter().all(|came| came.header("Message-ID").ends_with("@acme.example>")), "{came:?}");

    // A second run of the day, and a second send, tell nothing again.
    let out = night(&sandbox, true);
    assert!(out.stderr.contains("notices: 0 sent"), "{}", out.stderr);
    assert_eq!(send(&sandbox)["sent"], 0);
    assert_eq!(server.came().len(), 3);
}

fn hook(url: &str, more: &str) -> String {
    format!(
        "  channels:\n    hook: {{webhook: {{url: \"{url}\", secret_env: HOOK_SECRET}}{more}}}\n  send:\n    - {{what: new, to: {{role: clerk}}, by: hook, lang: zh}}\n"
    )
}

/// The program with the secrets of the tests in its environment.
fn with_secrets(sandbox: &Sandbox, arguments: &[&str], more: &[(&str, &str)]) -> Output {
    let child = sandbox
        .command(arguments)
        .env("HOOK_SECRET", "s3cret-hook")
        .envs(more.iter().copied())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    sandbox.end(child)
}

fn is_signed(came: &Came, secret: &str) -> bool {
    use hmac::{Hmac, KeyInit, Mac};
    let signed = format!("{}.{}", came.header("X-Duly-Timestamp"), came.body);
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(signed.as_bytes());
    came.header("X-Duly-Signature") == format!("sha256={}", duly::store::hex(&mac.finalize().into_bytes()))
}

#[test]
fn a_webhook_that_fails_in_every_way_gets_it_in_the_end_and_knows_it_again() {
    let plan = [Does::Answers(500, "no room"), Does::HangsUp, Does::Takes];
    let server = Fake::http(&plan);
    let sandbox = company(&hook(&server.url("/in"), ""));
    let out = with_secrets(&sandbox, &["nightly", "--as-of", AS_OF, "--send"], &[]).code(0);
    assert!(out.stderr.contains("notices: 0 sent, 1 to be tried again, 0 given up"), "{}", out.stderr);
    let failed = sandbox.run(&["notices", "list"]).code(0);
    assert!(failed.stdout.contains("failed") && failed.stdout.contains("answered 500: no room"), "{}", failed.stdout);
    assert!(sandbox.run(&["notices", "--lang", "zh"]).stdout.contains("返回 500：no room"));

    // It waits for its time, whoever asks.
    assert_eq!(send(&sandbox)["failed"], 0);
    assert_eq!(server.came().len(), 1);
    retry_all(&sandbox);
    let again = with_secrets(&sandbox, &["notices", "send"], &[]).code(0);
    assert_eq!(again.stdout, "notices: 0 sent, 1 to be tried again, 0 given up\n");
    assert!(sandbox.run(&["notices"]).stdout.contains("broke off before the answer was complete"));
    retry_all(&sandbox);
    assert_eq!(with_secrets(&sandbox, &["notices", "send"], &[]).code(0).stdout, "notices: 1 sent, 0 to be tried again, 0 given up\n");
    let came = server.came();
    assert_eq!(came.len(), 3);
    let keys: Vec<String> = came.iter().map(|came| came.header("Idempotency-Key")).collect();
    assert!(keys[0].starts_with("N-") && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(came.iter().all(|one| one.body == came[0].body), "each attempt says the same");
    assert!(came.iter().all(|came| is_signed(came, "s3cret-hook")));
    assert!(!is_signed(&came[0], "another"));
    let json = came[2].json();
    assert_eq!((json["what"].as_str(), json["to"]["role"].as_str(), json["counts"]["new"].as_u64()), (Some("new"), Some("clerk"), Some(3)));
    assert_eq!(json["items"][0]["case"], "A/1");
    assert_eq!(json["items"][0]["next_action"]["text"], "答复North, <b>*Hall*</b>");

    // Nothing is left to do, and nothing secret was written down.
    assert!(sandbox.run(&["notices"]).code(0).stdout.is_empty());
    let sent = sandbox.run(&["notices", "list", "--all", "--format", "json"]).json_lines();
    assert_eq!((sent.len(), sent[0]["state"].as_str()), (1, Some("sent")));
    let shown = sandbox.run(&["notices", "show", &keys[0][..8], "--format", "json"]).code(0).json_lines();
    assert_eq!(shown[0]["text"].as_str().unwrap(), came[2].body, "the journal keeps what was told");
    let dump = sandbox.run(&["dump"]).code(0).stdout;
    assert!(dump.contains("NoticeMark") && !dump.contains("s3cret-hook"));
    sandbox.run(&["audit", "verify"]).code(0);
}

#[test]
fn a_missing_secret_or_server_fails_the_notice_and_not_the_run() {
    let sandbox = company(&hook("http://127.0.0.1:9/in", ""));
    let out = night(&sandbox, true);
    assert!(out.stderr.contains("1 to be tried again"), "{}", out.stderr);
    assert!(sandbox.run(&["notices"]).stdout.contains("the environment variable `HOOK_SECRET` is not set"));
    retry_all(&sandbox);
    with_secrets(&sandbox, &["notices", "send"], &[]).code(0);
    assert!(sandbox.run(&["notices"]).stdout.contains("cannot be reached"), "{}", sandbox.run(&["notices"]).stdout);
}

/// Robots of all three kinds, told of the same.
fn robots(server: &Fake) -> (String, Vec<(&'static str, String)>) {
    let notices = "  lang: zh\n  channels:\n    wecom: {wecom: {url_env: WECOM}}\n    ding: {dingtalk: {url_env: DING, secret_env: DING_SECRET}}\n    feishu: {feishu: {url_env: FEISHU, secret_file: feishu.key}}\n  send:\n    - {what: digest, to: {role: clerk}, by: [wecom, ding, feishu]}\n";
    let env = vec![
        ("WECOM", server.url("/wecom?key=wecom-key")),
        ("DING", server.url("/ding?access_token=ding-token")),
        ("DING_SECRET", "SECding".to_owned()),
        ("FEISHU", server.url("/hook/feishu-key")),
    ];
    (notices.to_owned(), env)
}

#[test]
fn robots_get_what_each_of_them_takes_and_a_code_in_an_answer_is_a_failure() {
    let server =
        Fake::http(&[Does::Answers(200, r#"{"errcode":310000,"errmsg":"sign not match for wecom-key, ding-token and feishu-key"}"#)]);
    let (notices, env) = robots(&server);
    let sandbox = company(&notices);
    sandbox.write("feishu.key", "feishu-secret\n");
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    with_secrets(&sandbox, &["nightly", "--as-of", AS_OF, "--send"], &env).code(0);
    let failed = sandbox.run(&["notices", "list", "--format", "json"]).json_lines();
    assert_eq!(failed.len(), 3);
    for notice in &failed {
        let reason = notice["reason"].as_str().unwrap();
        assert!(reason.starts_with("refused with code 310000: "), "{reason}");
    }
    let dump = sandbox.run(&["dump"]).code(0).stdout;
    let came = server.came();
    for (path, secrets) in
        [("/wecom", ["wecom-key", "-"]), ("/ding", ["ding-token", "SECding"]), ("/hook", ["feishu-key", "feishu-secret"])]
    {
        let came = came.iter().find(|came| came.head.starts_with(&format!("POST {path}"))).unwrap();
        let reason =
            |channel: &str| failed.iter().find(|notice| notice["channel"] == channel).unwrap()["reason"].as_str().unwrap().to_owned();
        let own = reason(match path {
            "/wecom" => "wecom",
            "/ding" => "ding",
            _ => "feishu",
        });
        assert!(!own.contains(secrets[0]), "{own}");
        assert!(!dump.contains(&format!("\"{}", secrets[1])), "{path}");
        let json = came.json();
        match path {
            "/wecom" => {
                assert_eq!(json["msgtype"], "markdown");
                insta::assert_snapshot!(plain(json["markdown"]["content"].as_str().unwrap()), @r#"
                **Acme：逾期或违反 1，今日到期 1，本周到期 2，无法判断 1**
                致 文员，截至 2026-03-16 12:00。

                **已逾期或违反：1**
                - A/1 答复North, ＜b＞＊Hall＊＜/b＞（严重、新增） · 应于 2026-03-04 24:00 前完成，已逾期 11 天 12 小时；desk/1 按时答复

                **今日到期：1**
                - B 答复South（严重、新增） · 应于 2026-03-16 24:00 前完成；desk/1 按时答复

                **本周内到期：2**
                - C 答复西站（严重） · 应于 2026-03-18 24:00 前完成；desk/1 按时答复
                - U 答复Gate（严重） · 应于 2026-03-18 24:00 前完成；desk/1 按时答复

                自上次摘要以来新增：3

                因记录缺失无法判断：1

                通知 N-xx
                "#);
            }
            "/ding" => {
                let line = came.head.lines().next().unwrap();
                assert!(line.contains("&timestamp=") && line.contains("&sign="), "{line}");
                assert_eq!(json["markdown"]["title"], "Acme：逾期或违反 1，今日到期 1，本周到期 2，无法判断 1");
            }
            _ => {
                assert_eq!(json["msg_type"], "interactive");
                assert!(json["timestamp"].as_str().unwrap().len() == 10 && json["sign"].as_str().unwrap().len() == 44);
                assert!(json["card"]["elements"][0]["content"].as_str().unwrap().contains("**已逾期或违反：1**"));
            }
        }
    }
}

/// A text without the id that changes.
fn plain(text: &str) -> String {
    let (before, id) = text.rsplit_once("N-").unwrap();
    format!("{before}N-{}", "x".repeat(id.len().min(2)))
}

#[test]
fn what_a_robot_does_not_take_is_counted() {
    let server = Fake::http(&[Does::Answers(200, r#"{"code":0,"msg":"success"}"#)]);
    let (notices, env) = robots(&server);
    let sandbox = company(&notices);
    sandbox.write("feishu.key", "k");
    let many: Vec<String> = (0..300)
        .map(|n| case(&format!("M-{n}"), &format!("第{n}号站点\\n# 伪造的标题 [链接](http://x) <@all>"), "2026-03-02T09:00:00"))
        .collect();
    sandbox.write("many.jsonl", many.join("\n"));
    sandbox.run(&["import", "many.jsonl"]).code(0);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    with_secrets(&sandbox, &["nightly", "--as-of", AS_OF, "--send"], &env).code(0);
    let came = server.came();
    assert_eq!(came.len(), 3);
    for came in &came {
        assert!(came.body.len() < 20_000, "{}", came.body.len());
        assert!(!came.body.contains("<@all>") && !came.body.contains("](http://x)") && !came.body.contains("\\n# 伪"), "{}", came.body);
    }
    let wecom = came.iter().find(|came| came.head.contains("/wecom")).unwrap().json();
    let content = wecom["markdown"]["content"].as_str().unwrap();
    assert!(content.len() <= 4_096, "{}", content.len());
    let told = content.matches("- M-").count();
    assert!(told > 10 && content.contains("**已逾期或违反：301**"), "{content}");
    let left: usize = content.split_once("另有 ").unwrap().1.split_once(' ').unwrap().0.parse().unwrap();
    assert_eq!(
        left + content.lines().take_while(|line| !line.contains("今日到期：")).filter(|line| line.starts_with("- ")).count(),
        301,
        "{content}"
    );
}

#[test]
fn killed_while_it_sends_it_knows_that_it_may_have_arrived() {
    let server = Fake::http(&[Does::Lingers(Duration::from_secs(60)), Does::Takes]);
    let sandbox = company(&hook(&server.url("/in"), ""));
    let words = ["nightly", "--as-of", AS_OF, "--send"];
    let mut child = sandbox.command(&words).env("HOOK_SECRET", "k").stdout(std::process::Stdio::null()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while server.came().is_empty() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(server.came().len(), 1);
    let state = || sandbox.run(&["notices", "--format", "json"]).code(0).json_lines().remove(0);
    assert_eq!(
        (state()["state"].as_str(), state()["attempts"].as_u64()),
        (Some("sending"), Some(1)),
        "the attempt was on disk before it was made"
    );
    // A run in between composes nothing anew and does not send beside an attempt that may be under way.
    with_secrets(&sandbox, &words, &[]).code(0);
    assert_eq!(sandbox.run(&["notices"]).stdout.lines().count(), 1);
    assert_eq!(with_secrets(&sandbox, &["notices", "send"], &[]).code(0).stdout, "notices: 0 sent, 0 to be tried again, 0 given up\n");
    let id = state()["id"].as_str().unwrap().to_owned();
    let refused = sandbox.run(&["notices", "retry", &id]).code(2);
    assert!(refused.stderr.contains("is under way"), "{}", refused.stderr);
    assert_eq!(server.came().len(), 1);
}

#[test]
fn a_run_for_another_time_tells_nobody_unless_it_is_asked_to() {
    let server = Fake::http(&[Does::Takes]);
    let sandbox = company(&hook(&server.url("/in"), ""));
    let list = || sandbox.run(&["notices", "--format", "json"]).code(0).json_lines().len();
    night(&sandbox, false);
    assert_eq!(list(), 0);
    with_secrets(&sandbox, &["notices", "send"], &[]).code(0);
    assert_eq!(server.came().len(), 0);
    // One for the present does: by now two more are late, and the clauses speak of all four.
    sandbox.run(&["nightly"]).code(0);
    assert_eq!(list(), 1);
    with_secrets(&sandbox, &["notices", "send"], &[]).code(0);
    assert_eq!((list(), server.came().len()), (0, 1));
}

#[test]
fn a_channel_is_tested_without_the_outbox() {
    let (web, post) = (Fake::http(&[Does::Takes]), Fake::smtp(&[Does::Answers(550, "no such user")]));
    let both = mail(post.port).replace("  send:\n", &format!("    hook: {{webhook: {{url: \"{}\"}}}}\n  send:\n", web.url("/t")));
    let sandbox = company(&both);
    assert_eq!(sandbox.run(&["notices", "test", "hook"]).code(0).stdout, "sent\n");
    assert_eq!(web.came()[0].json()["what"], "test");
    insta::assert_snapshot!(sandbox.run(&["notices", "test", "post", "--to", "lin"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: channel `post`: the mail server: permanent error (550): no such user
    "#);
    insta::assert_snapshot!(sandbox.run(&["notices", "test", "post"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: a test mail needs somebody to go to
      help: name one of `people:` with `--to`
    "#);
    insta::assert_snapshot!(sandbox.run(&["notices", "test", "hok", "--lang", "zh"]).code(2).all(), @r#"
    exit 2
    --- stderr
    错误：未知的渠道 `hok`
      建议：是不是 `hook`？
    "#);
    assert!(sandbox.run(&["notices"]).code(0).stdout.is_empty());
    insta::assert_snapshot!(sandbox.run(&["notices", "show", "N-00"]).code(2).all(), @r#"
    exit 2
    --- stderr
    error: there is no notice `N-00`
      help: `duly notices list --all` lists them
    "#);
}

#[test]
fn mistakes_in_what_is_said_of_notices_are_shown_at_their_lines() {
    let sandbox = company(
        "  channels:\n    a: {wecom: {url: \"https://x\"}}\n    b: {mail: {host: h, user: u}}\n    c: {}\n  people: {lin: {mail: nobody}}\n  quiet: {from: \"20:00\"}\n  send:\n    - {what: digets, to: owners, by: b}\n    - {what: digest, to: {rol: clerk}, by: bb}\n    - {what: new, to: nobody, by: b}\n",
    );
    insta::assert_snapshot!(sandbox.run(&["lint"]).code(2).stderr, @r#"
    error[DU0102]: unknown key `url`
     --> [dir]/duly.yaml:8:17
      |
    8 |     a: {wecom: {url: "https://x"}}
      |                 ^^^
      |
      = help: known here: `secret_env`, `secret_file`, `url_env`, `url_file`

    error[DU0103]: mail needs `from:` in `notices:`
     --> [dir]/duly.yaml:9:5
      |
    9 |     b: {mail: {host: h, user: u}}
      |     ^
      |
      = help: write the address whom mail comes from

    error[DU0103]: `user` without a password
     --> [dir]/duly.yaml:9:15
      |
    9 |     b: {mail: {host: h, user: u}}
      |               ^
      |
      = help: name `password_env` or `password_file`

    error[DU0103]: a channel is one of mail, webhook, wecom, dingtalk, feishu
      --> [dir]/duly.yaml:10:8
       |
    10 |     c: {}
       |        ^
       |
       = help: as `{mail: {host: ...}}`

    error[DU0105]: `nobody` is not a mail address
      --> [dir]/duly.yaml:11:24
       |
    11 |   people: {lin: {mail: nobody}}
       |                        ^^^^^^

    error[DU0103]: quiet hours need a calendar, or `from` and `to`
      --> [dir]/duly.yaml:12:10
       |
    12 |   quiet: {from: "20:00"}
       |          ^
       |
       = help: as `{from: "20:00", to: "08:00"}`

    error[DU0105]: `digets` is not a value of `what`
      --> [dir]/duly.yaml:14:14
       |
    14 |     - {what: digets, to: owners, by: b}
       |              ^^^^^^
       |
       = help: one of `digest`, `new`, `escalation`, `assigned`

    error[DU0102]: unknown key `rol`
      --> [dir]/duly.yaml:15:27
       |
    15 |     - {what: digest, to: {rol: clerk}, by: bb}
       |                           ^^^
       |
       = help: did you mean `role`?

    error[DU0105]: this names nobody to be told
      --> [dir]/duly.yaml:16:23
       |
    16 |     - {what: new, to: nobody, by: b}
       |                       ^^^^^^
       |
       = help: `owners`, `{role: ...}` or `{person: ...}`

    9 errors
    "#);
    let notices = mail(25).replace("{role: head}", "{role: haed}").replace("  send:", "  quiet: {calendar: china-ofice}\n  send:\n    - {what: new, to: {person: lun}, by: post}\n    - {what: new, to: {person: pei}, by: post}").replace("  people:", "  people:\n    pei: {lang: zh}");
    let sandbox = company(&notices);
    insta::assert_snapshot!(sandbox.run(&["lint", "--lang", "zh"]).code(2).stderr, @r#"
    错误[DU0502]: 没有日历 `china-ofice`
      --> [dir]/duly.yaml:16:21
       |
    16 |   quiet: {calendar: china-ofice}
       |                     ^^^^^^^^^^^
       |
       = 建议: 是不是 `china-office`？

    错误[DU0409]: `lun` 不担任任何角色，也不在 `people:` 中
      --> [dir]/duly.yaml:18:32
       |
    18 |     - {what: new, to: {person: lun}, by: post}
       |                                ^^^
       |
       = 建议: 是不是 `lin`？

    错误[DU0409]: `pei` 没有邮箱
      --> [dir]/duly.yaml:19:32
       |
    19 |     - {what: new, to: {person: pei}, by: post}
       |                                ^^^
       |
       = 建议: 请加上 `people: {pei: {mail: ...}}`

    错误[DU0402]: 未知的角色 `haed`
      --> [dir]/duly.yaml:21:37
       |
    21 |     - {what: escalation, to: {role: haed}, by: post, intro: {en: Please look., zh: 请关注。}}
       |                                     ^^^^
       |
       = 建议: 是不是 `head`？

    共 4 处错误
    "#);
}

#[test]
fn a_mail_that_fails_in_every_way_has_one_name() {
    let server = Fake::smtp(&[Does::Answers(451, "come back later"), Does::HangsUp, Does::Answers(550, "not here"), Does::Takes]);
    let sandbox = company(&mail(server.port).replace("to: owners", "to: {person: lin}").replace("what: escalation", "what: assigned"));
    let reason = || sandbox.run(&["notices", "--format", "json"]).json_lines()[0]["reason"].as_str().unwrap().to_owned();
    assert!(night(&sandbox, true).stderr.contains("0 sent, 1 to be tried again"));
    assert!(reason().contains("451") && reason().contains("come back later"), "{}", reason());
    for expected in ["the mail server: ", "not here"] {
        retry_all(&sandbox);
        send(&sandbox);
        assert!(reason().contains(expected), "{}", reason());
    }
    retry_all(&sandbox);
    assert_eq!(send(&sandbox)["sent"], 1);
    let came = server.came();
    assert_eq!(came.len(), 4);
    assert!(came.iter().all(|one| one.body == came[0].body), "the same mail each time");
    assert!(came[0].header("Message-ID").starts_with("<N-"));
}
