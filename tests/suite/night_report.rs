//! What the nightly check leaves for programs: the report folder, metrics, the trend, the log; and its exit codes.

use serde_json::Value;

use crate::cli_store::{event, workspace};
use crate::openmetrics;
use crate::sandbox::{Output, Sandbox};

/// A nightly run with its report and metrics.
fn night(sandbox: &Sandbox, as_of: &str, more: &[&str]) -> Output {
    sandbox.run(&[&["nightly", "--as-of", as_of, "--report", "out", "--metrics", "out/duly.prom"], more].concat())
}

fn lines(sandbox: &Sandbox, name: &str) -> Vec<Value> {
    sandbox.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Case and change of each line.
fn brief(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let text = |line: &Value, field: &str| line[field].as_str().unwrap_or("-").to_owned();
    lines(sandbox, name).iter().map(|line| format!("{} {}", text(line, "case"), text(line, "change"))).collect()
}

fn summary(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&sandbox.read("out/run.json")).unwrap()
}

/// The summary without what is of the moment.
fn still(mut run: Value) -> String {
    let told = |value: &mut Value, name: &str| {
        let known = value[name].take();
        assert!(!known.is_null(), "{name} is not there");
        value[name] = "..".into();
    };
    ["started", "seconds", "policies"].iter().for_each(|name| told(&mut run, name));
    for row in run["trend"].as_array_mut().unwrap() {
        ["at", "policies"].iter().for_each(|name| told(row, name));
    }
    serde_json::to_string_pretty(&run).unwrap()
}

#[test]
fn the_report_folder() {
    let sandbox = workspace();
    night(&sandbox, "2026-03-03T12:00", &[]).code(0);
    insta::assert_snapshot!(still(summary(&sandbox)), @r#"
    {
      "run": 5,
      "since": null,
      "as_of": "2026-03-03T12:00:00+08:00",
      "started": "..",
      "seconds": "..",
      "policies": "..",
      "fallback": false,
      "cases": 2,
      "judged": 2,
      "skipped": 0,
      "counts": {
        "overdue": 1,
        "breached": 0,
        "due_soon": 0,
        "undetermined": 0,
        "pending": 0,
        "waived": 0,
        "met_late": 0,
        "met": 1
      },
      "open": [
        {
          "policy": "complaints",
          "severity": "major",
          "count": 1
        }
      ],
      "new": 1,
      "persisting": 0,
      "cleared": 0,
      "reopened": 0,
      "trend": [
        {
          "run": 5,
          "at": "..",
          "as_of": "2026-03-03T12:00:00+08:00",
          "cases": 2,
          "open": 1,
          "due_soon": 0,
          "new": 1,
          "cleared": 0,
          "reopened": 0,
          "policies": "..",
          "policies_changed": false,
          "fallback": false
        }
      ]
    }
    "#);
    insta::assert_snapshot!(sandbox.read("out/findings.jsonl"), @r#"{"case":"C-2","kind":"complaint","policy":"complaints","clause":"complaints/1","instance":"a7665fdb4a6f4e98","state":"overdue","violation":true,"open":true,"severity":"major","due":"2026-03-03T11:00:00+08:00","provisional":false,"since":"2026-03-03T11:00:00+08:00","met_at":null,"overdue_by":"PT1H","next_action":{"role":"service-desk","text":"Answer the serious complaint","before":"2026-03-03T11:00:00+08:00"},"missing":[],"evidence":["a7665fdb4a6f4e98"],"message":"Answer in time: awaits: answered; was due 2026-03-03 11:00, 1 h late","first_seen":"2026-03-03T12:00:00+08:00","times_reopened":0,"change":"new"}"#);
    assert_eq!(sandbox.read("out/findings.jsonl"), sandbox.read("out/changes.jsonl"));
    insta::assert_snapshot!(sandbox.read("out/duly.prom").replace(|c: char| c.is_ascii_digit(), "#"), @r#"
    # TYPE duly_obligations gauge
    # HELP duly_obligations Obligations by state, at the last nightly run.
    duly_obligations{state="overdue"} #
    duly_obligations{state="breached"} #
    duly_obligations{state="due_soon"} #
    duly_obligations{state="undetermined"} #
    duly_obligations{state="pending"} #
    duly_obligations{state="waived"} #
    duly_obligations{state="met_late"} #
    duly_obligations{state="met"} #
    # TYPE duly_open_violations gauge
    # HELP duly_open_violations Violations not settled, by policy and severity.
    duly_open_violations{policy="complaints",severity="major"} #
    # TYPE duly_findings_new gauge
    # HELP duly_findings_new Findings that were never there before.
    duly_findings_new #
    # TYPE duly_findings_persisting gauge
    # HELP duly_findings_persisting Findings that were there before and are.
    duly_findings_persisting #
    # TYPE duly_findings_cleared gauge
    # HELP duly_findings_cleared Findings that were there before and are no more.
    duly_findings_cleared #
    # TYPE duly_findings_reopened gauge
    # HELP duly_findings_reopened Findings that had been cleared and are back.
    duly_findings_reopened #
    # TYPE duly_cases gauge
    # HELP duly_cases Cases in the store.
    duly_cases #
    # TYPE duly_cases_judged gauge
    # HELP duly_cases_judged Cases that the run judged; the others stood as before.
    duly_cases_judged #
    # TYPE duly_run_seconds gauge
    # UNIT duly_run_seconds seconds
    # HELP duly_run_seconds How long the run took.
    duly_run_seconds #.###
    # TYPE duly_run_timestamp_seconds gauge
    # UNIT duly_run_timestamp_seconds seconds
    # HELP duly_run_timestamp_seconds When the run was recorded; alert on its age.
    duly_run_timestamp_seconds ##########.###
    # TYPE duly_run_fallback gauge
    # HELP duly_run_fallback # when the policies on disk did not load and the last good ones ran.
    duly_run_fallback #
    # EOF
    "#);
    // The next night it persists, and nothing has changed.
    night(&sandbox, "2026-03-04T12:00", &["--lang", "zh"]).code(0);
    assert_eq!(brief(&sandbox, "out/findings.jsonl"), ["C-2 persisting"]);
    assert!(sandbox.read("out/findings.jsonl").contains("答复严重投诉"), "sentences are in the language asked for");
    assert_eq!(sandbox.read("out/changes.jsonl"), "");
    // An answer in time, recorded late, clears it; taken back, it is there again, and known to have been.
    event(&sandbox, "2026-03-03T10:30", "a1");
    night(&sandbox, "2026-03-05T12:00", &[]).code(0);
    assert_eq!(sandbox.read("out/findings.jsonl"), "");
    insta::assert_snapshot!(sandbox.read("out/changes.jsonl"), @r#"{"case":"C-2","policy":"complaints","clause":"complaints/1","instance":"a7665fdb4a6f4e98","change":"cleared"}"#);
    sandbox.run(&["event", "C-2", "--retract", "a1", "--by", "lin", "--reason", "wrong case"]).code(0);
    night(&sandbox, "2026-03-06T12:00", &[]).code(0);
    let back = &lines(&sandbox, "out/changes.jsonl")[0];
    assert_eq!((&back["change"], &back["times_reopened"]), (&"reopened".into(), &1.into()));
    let mut names: Vec<String> =
        std::fs::read_dir(sandbox.path("out")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["changes.jsonl", "duly.prom", "findings.jsonl", "run.json"], "no draft and no mark is left");
}

#[test]
fn metrics_are_open_metrics() {
    let sandbox = workspace();
    night(&sandbox, "2026-03-03T12:00", &[]).code(0);
    let page = sandbox.read("out/duly.prom");
    let families = openmetrics::read(&page).unwrap_or_else(|why| panic!("{why}\n{page}"));
    let single = |name: &str| families[name][0].1.as_str();
    assert_eq!(families["duly_obligations"].len(), 8, "a state that nothing is in is there with 0");
    assert_eq!((single("duly_findings_new"), single("duly_cases"), single("duly_run_fallback")), ("1", "2", "0"));
    let (labels, count) = &families["duly_open_violations"][0];
    assert_eq!((labels["policy"].as_str(), labels["severity"].as_str(), count.as_str()), ("complaints", "major", "1"));
    assert!(single("duly_run_timestamp_seconds").parse::<f64>().unwrap() > 1.7e9);
}

#[test]
fn falling_back_is_exit_code_2_and_all_the_same_a_run() {
    let sandbox = workspace();
    night(&sandbox, "2026-03-03T10:00", &[]).code(0);
    let good = sandbox.read("policies/complaints/policy.yaml");
    sandbox.write("policies/complaints/policy.yaml", "policy: [\n");
    let out = night(&sandbox, "2026-03-03T12:00", &["--log", "night.log"]).code(2);
    assert!(out.stdout.contains("1 overdue") && out.stderr.contains("running those of the last good run"), "{}", out.all());
    let run = summary(&sandbox);
    // Due soon before, overdue now: the same finding.
    assert_eq!((&run["fallback"], &run["persisting"], &run["counts"]["overdue"]), (&true.into(), &1.into(), &1.into()));
    assert!(sandbox.read("out/duly.prom").contains("\nduly_run_fallback 1\n"));
    assert!(sandbox.read("night.log").contains("event=\"fallback\""), "{}", sandbox.read("night.log"));
    // A reader that goes away changes nothing about the exit code.
    let mut child = sandbox.start(&["nightly", "--as-of", "2026-03-03T12:00"]);
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(sandbox.run(&["nightly", "--trend"]).code(0).stdout.contains(" last good"));
    sandbox.write("policies/complaints/policy.yaml", good);
    night(&sandbox, "2026-03-03T13:00", &[]).code(0);
    assert_eq!(summary(&sandbox)["fallback"], false);
}

#[test]
fn a_run_that_was_not_reported_is_told_by_the_next_report() {
    let sandbox = workspace();
    night(&sandbox, "2026-03-02T17:00", &[]).code(0);
    assert_eq!(sandbox.read("out/findings.jsonl"), "");
    // Somebody looks at noon, without a report.
    sandbox.run(&["nightly", "--as-of", "2026-03-03T12:00"]).code(0);
    let first = summary(&sandbox)["run"].clone();
    let out = night(&sandbox, "2026-03-04T12:00", &[]).code(0);
    assert!(out.stdout.contains("Since the last run: 0 new, 1 persisting"), "{}", out.all());
    assert_eq!(brief(&sandbox, "out/changes.jsonl"), ["C-2 new"]);
    let run = summary(&sandbox);
    assert_eq!((&run["since"], &run["new"], &run["persisting"]), (&first, &1.into(), &0.into()));
}

#[test]
fn a_report_that_was_interrupted_is_made_good() {
    let sandbox = workspace();
    night(&sandbox, "2026-03-02T17:00", &[]).code(0);
    let since = summary(&sandbox)["run"].as_u64().unwrap();
    night(&sandbox, "2026-03-03T12:00", &[]).code(0);
    let (changes, findings) = (sandbox.read("out/changes.jsonl"), sandbox.read("out/findings.jsonl"));
    // As if it had been killed when all was written and nobody had been told.
    sandbox.write("out/running.json", format!("{{\"since\":{since},\"pid\":1}}"));
    insta::assert_snapshot!(night(&sandbox, "2026-03-03T12:00", &["--top", "1"]).code(0).stderr, @r#"note: the run before was interrupted before its report was complete; this report tells its changes as well"#);
    assert_eq!((sandbox.read("out/changes.jsonl"), sandbox.read("out/findings.jsonl")), (changes, findings));
    assert!(!sandbox.path("out/running.json").exists());
    sandbox.write("out/running.json", "{\"since\":0}");
    insta::assert_snapshot!(night(&sandbox, "2026-03-03T12:00", &["--lang", "zh"]).code(0).stderr, @r#"注意：上次运行在报告完成之前中断；本次报告一并列出其变化"#);
    assert_eq!(brief(&sandbox, "out/changes.jsonl"), ["C-2 new"]);
    // A report of another store, and files that say nothing, count for nothing: changes are those since the run before.
    for text in ["{\"run\":999}", "{\"run\":\"x\"}", "nonsense", ""] {
        sandbox.write("out/run.json", text);
        night(&sandbox, "2026-03-03T12:00", &[]).code(0);
        assert_eq!((brief(&sandbox, "out/changes.jsonl").len(), summary(&sandbox)["persisting"].clone()), (0, 1.into()), "{text}");
    }
}

#[test]
fn the_trend() {
    let sandbox = workspace();
    insta::assert_snapshot!(sandbox.run(&["nightly", "--trend"]).code(0).all(), @r#"
    exit 0
    --- stderr
    no run is recorded yet
    "#);
    insta::assert_snapshot!(sandbox.run(&["nightly", "--trend", "--lang", "zh"]).code(0).all(), @r#"
    exit 0
    --- stderr
    尚无运行记录
    "#);
    assert_eq!(sandbox.run(&["nightly", "--trend", "--format", "json"]).code(0).stdout.trim(), "[]");
    for as_of in ["2026-03-03T10:00", "2026-03-03T12:00"] {
        sandbox.run(&["nightly", "--as-of", as_of]).code(0);
    }
    event(&sandbox, "2026-03-03T10:30", "a1");
    let changed = sandbox.read("policies/complaints/policy.yaml").replace("4 working hours", "5 working hours");
    sandbox.write("policies/complaints/policy.yaml", changed);
    sandbox.run(&["nightly", "--as-of", "2026-03-04T12:00"]).code(0);
    // Without what is of the moment: when it ran, and the hash of policies with their paths.
    let still = |text: String| {
        let row = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_run = words.first().is_some_and(|word| word.parse::<u64>().is_ok());
            let hash = |word: &&str| word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit());
            let kept = words.iter().enumerate().filter(|(index, word)| !is_run || (!matches!(index, 1 | 2) && !hash(word)));
            kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
        };
        text.lines().filter(|line| !line.contains(['─', '═'])).map(row).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(still(sandbox.run(&["nightly", "--trend"]).code(0).stdout), @r#"
    Run When As of Cases Open Due soon New Cleared Reopened Policies
    5 2026-03-03 10:00 2 0 1 1 0 0
    7 2026-03-03 12:00 2 1 0 0 0 0
    11 2026-03-04 12:00 2 0 0 0 1 0 changed
    "#);
    insta::assert_snapshot!(still(sandbox.run(&["nightly", "--trend", "2", "--lang", "zh"]).code(0).stdout), @r#"
    运行 时间 截至 个案 未了结 即将到期 新增 消除 再现 策略
    7 2026-03-03 12:00 2 1 0 0 0 0
    11 2026-03-04 12:00 2 0 0 0 1 0 已变更
    "#);
    let json: Vec<Value> = serde_json::from_str(&sandbox.run(&["nightly", "--trend", "1", "--format", "json"]).code(0).stdout).unwrap();
    assert_eq!(json.len(), 1);
    assert_eq!((&json[0]["cleared"], &json[0]["open"], &json[0]["policies_changed"]), (&1.into(), &0.into(), &true.into()));
    // What ran can be shown while nothing could run.
    sandbox.write("policies/complaints/policy.yaml", "policy: [\n");
    assert!(sandbox.run(&["nightly", "--trend"]).code(0).stdout.contains("2026-03-04 12:00"));
}

#[test]
fn the_log() {
    let sandbox = workspace();
    night(&sandbox, "2026-03-03T12:00", &["--log", "night.log", "--log-format", "json"]).code(0);
    let first = lines(&sandbox, "night.log");
    let events: Vec<&str> = first.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["start", "end"]);
    let (start, end, run) = (&first[0], &first[1], summary(&sandbox));
    assert_eq!(start["workspace"], sandbox.path("").canonicalize().unwrap().to_str().unwrap());
    assert_eq!((&start["as_of"], &start["policies"], &start["cases"]), (&run["as_of"], &run["policies"], &run["cases"]));
    assert!(start["pid"].is_u64() && start["timestamp"].as_str().unwrap().ends_with('Z') && start["level"] == "INFO");
    for name in ["run", "new", "persisting", "cleared", "reopened", "judged", "fallback"] {
        assert_eq!(end[name], run[name], "{name}");
    }
    assert_eq!((end["open"].as_u64(), end["seconds"].is_f64()), (Some(1), true));
    // A failure is logged too, and a log only grows.
    sandbox.write("duly.yaml", "workspac: x\n");
    let out = night(&sandbox, "2026-03-03T12:00", &["--log", "night.log", "--log-format", "json", "--lang", "zh"]).code(2);
    let log = lines(&sandbox, "night.log");
    assert_eq!((log.len(), &log[2]["event"], &log[2]["level"]), (3, &"failed".into(), &"ERROR".into()));
    assert_eq!(log[2]["message"], "运行失败");
    assert_eq!(
        log[2]["error"].as_str().unwrap().trim(),
        out.stderr.trim().replace("[dir]", sandbox.path("").to_str().unwrap().trim_end_matches('/'))
    );
}

#[test]
fn the_log_on_standard_error() {
    let sandbox = workspace();
    let out = night(&sandbox, "2026-03-03T12:00", &["--log", "-"]).code(0);
    let told: Vec<&str> = out.stderr.lines().map(|line| line.split_once("INFO ").unwrap().1.split(" event").next().unwrap()).collect();
    assert_eq!(told, ["the run begins", "the run is complete"]);
    assert!(!out.stdout.contains("INFO"));
}

#[test]
fn options_that_cannot_be_followed() {
    let sandbox = workspace();
    sandbox.write("file", "");
    let said = |more: &[&str]| sandbox.run(&[&["nightly", "--as-of", "2026-03-03T12:00"], more].concat()).code(2).stderr;
    insta::assert_snapshot!(said(&["--report", "file"]), @r#"error: cannot create `file`: File exists (os error 17)"#);
    insta::assert_snapshot!(said(&["--report", "file/x", "--lang", "zh"]), @r#"错误：无法创建`file/x`：Not a directory (os error 20)"#);
    insta::assert_snapshot!(said(&["--log", "nowhere/night.log"]), @r#"
    error: cannot write the log `nowhere/night.log`: No such file or directory (os error 2)
      help: name a file in a folder that is there, or `-`
    "#);
    insta::assert_snapshot!(said(&["--log", "nowhere/night.log", "--lang", "zh"]), @r#"
    错误：无法写入日志 `nowhere/night.log`：No such file or directory (os error 2)
      建议：请指定现有文件夹中的文件，或 `-`
    "#);
    insta::assert_snapshot!(said(&["--metrics", "nowhere/duly.prom"]), @r#"error: cannot create `nowhere/duly.prom`: No such file or directory (os error 2)"#);
    insta::assert_snapshot!(said(&["--log-format", "json"]), @r#"
    error: the following required arguments were not provided:
      --log <FILE>

    Usage: duly nightly --log <FILE> --as-of <T> --log-format <FORMAT>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(said(&["--trend", "0"]), @r#"
    error: invalid value '0' for '--trend [<N>]': 0 is not in 1..=4294967295

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(said(&["--trend", "--install"]), @r#"
    error: the argument '--trend [<N>]' cannot be used with '--install [<DIR>]'

    Usage: duly nightly --as-of <T> --trend [<N>]

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(said(&["--log", "-", "--log-format", "xml", "--lang", "zh"]), @r#"
    错误：选项的值无效
    error: invalid value 'xml' for '--log-format <FORMAT>'
      [possible values: text, json]

    For more information, try '--help'.
    "#);
}
