//! Examples for systemd and cron, and the forecast of what falls due.

use crate::cli_store::workspace;
use crate::sandbox::Sandbox;

/// What is of this machine, out of a text.
fn still(text: &str) -> String {
    text.replace(env!("CARGO_BIN_EXE_duly"), "/usr/bin/duly")
}

#[test]
fn examples_to_install() {
    let sandbox = workspace();
    let out = sandbox.run(&["nightly", "--install", "units"]).code(0);
    insta::assert_snapshot!(out.all(), @r#"
    exit 0
    --- stdout
    units/duly-nightly.service
    units/duly-nightly.timer
    units/duly-nightly.cron
    --- stderr

    Next, with systemd: look at `User=` and the paths, then
      sudo cp units/duly-nightly.service units/duly-nightly.timer /etc/systemd/system/
      sudo systemctl daemon-reload
      sudo systemctl enable --now duly-nightly.timer
      sudo systemctl start duly-nightly.service && journalctl -u duly-nightly.service   (a first run, now)
    Without systemd: put the line of duly-nightly.cron into `crontab -e`.
    "#);
    let unit = |name: &str| {
        still(
            &sandbox
                .read(&format!("units/duly-nightly.{name}"))
                .replace(sandbox.path("").to_str().unwrap().trim_end_matches('/'), "/srv/company"),
        )
    };
    insta::assert_snapshot!(unit("service"), @r#"
    # /etc/systemd/system/duly-nightly.service
    [Unit]
    Description=Nightly check of /srv/company
    # Exit code 2 makes the unit fail: the run failed, or the policies on disk did not load and the last good ones ran.
    # `systemctl --failed` shows it; name here a unit of yours that tells somebody.
    #OnFailure=tell-somebody@%n.service
    # When this is reached, the reports are whole:
    #OnSuccess=send-the-reports.service
    # Three tries a night, see Restart.
    StartLimitIntervalSec=12h
    StartLimitBurst=3

    [Service]
    Type=oneshot
    User=duly
    WorkingDirectory=/srv/company
    ExecStart=/usr/bin/duly nightly --lang en --report /srv/company/nightly --metrics /srv/company/nightly/duly.prom --log - --log-format json
    # Killed or out of memory: once more, with the same outcome. Not after exit code 2, which another try would not change.
    Restart=on-abnormal
    RestartSec=1min
    TimeoutStartSec=4h
    Nice=10
    IOSchedulingPriority=7

    # It reads the workspace, writes its store and the reports, and needs nothing else: no network, no devices.
    ProtectSystem=strict
    ReadWritePaths=/srv/company
    ProtectHome=read-only
    PrivateDevices=yes
    PrivateNetwork=yes
    RestrictAddressFamilies=AF_UNIX
    NoNewPrivileges=yes
    CapabilityBoundingSet=
    ProtectKernelTunables=yes
    ProtectKernelModules=yes
    ProtectKernelLogs=yes
    ProtectControlGroups=yes
    ProtectClock=yes
    ProtectHostname=yes
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    # Whoever collects the metrics must be able to read them.
    UMask=0022
    "#);
    insta::assert_snapshot!(unit("timer"), @r#"
    # /etc/systemd/system/duly-nightly.timer
    [Unit]
    Description=Nightly check of /srv/company

    [Timer]
    OnCalendar=*-*-* 03:00:00 Asia/Shanghai
    # A night that the machine slept through is made up for when it wakes.
    Persistent=true
    AccuracySec=1min

    [Install]
    WantedBy=timers.target
    "#);
    insta::assert_snapshot!(unit("cron"), @r#"
    # A line for `crontab -e`, where there is no systemd. cron sends what a job prints to MAILTO; this one prints only when its
    # exit code is not 0: 2 means that it failed, or that the policies on disk did not load and the last good ones ran.
    # cron has the machine's time zone, and does not make up for a night that the machine slept through.
    MAILTO=duly
    0 3 * * * cd /srv/company && { /usr/bin/duly nightly --lang en --report /srv/company/nightly --metrics /srv/company/nightly/duly.prom >/srv/company/.duly-nightly.log 2>&1 || { echo "duly nightly: exit code $?"; cat /srv/company/.duly-nightly.log; }; }
    "#);
    // Again it is the same; what somebody has changed stays.
    sandbox.run(&["nightly", "--install", "units"]).code(0);
    sandbox.write("units/duly-nightly.timer", "OnCalendar=hourly\n");
    insta::assert_snapshot!(sandbox.run(&["nightly", "--install", "units"]).code(2).stderr, @r#"
    error: `units/duly-nightly.timer` is there already and says something else; nothing was written
      help: choose another folder, or move the file away
    "#);
    insta::assert_snapshot!(sandbox.run(&["nightly", "--install", "units", "--lang", "zh"]).code(2).stderr, @r#"
    错误：`units/duly-nightly.service` 已存在且内容不同；未写入任何内容
      建议：请另选文件夹，或移走该文件
    "#);
    assert_eq!(sandbox.read("units/duly-nightly.timer"), "OnCalendar=hourly\n");
}

#[test]
fn examples_to_look_at() {
    let sandbox = workspace();
    let out = sandbox.run(&["nightly", "--install", "--lang", "zh", "--report", "elsewhere"]).code(0);
    assert!(out.stdout.contains(" --lang zh --report [dir]/elsewhere --metrics [dir]/nightly/duly.prom "), "{}", out.stdout);
    insta::assert_snapshot!(out.stderr.trim(), @r#"
    接下来，若有 systemd：核对 `User=` 与各路径，然后
      sudo cp DIR/duly-nightly.service DIR/duly-nightly.timer /etc/systemd/system/
      sudo systemctl daemon-reload
      sudo systemctl enable --now duly-nightly.timer
      sudo systemctl start duly-nightly.service && journalctl -u duly-nightly.service   （立即试运行一次）
    没有 systemd：把 duly-nightly.cron 中的一行加入 `crontab -e`。
    "#);
    let json: serde_json::Value = serde_json::from_str(&sandbox.run(&["nightly", "--install", "--format", "json"]).code(0).stdout).unwrap();
    assert!(json["duly-nightly.timer"].as_str().unwrap().contains("\nOnCalendar=*-*-* 03:00:00 Asia/Shanghai\n"));
    sandbox.write("file", "");
    insta::assert_snapshot!(sandbox.run(&["nightly", "--install", "file"]).code(2).stderr, @r#"error: cannot make the folder `file`: File exists (os error 17)"#);
}

/// The command that cron would run does what it says, in a folder with an awkward name.
#[test]
fn the_line_for_cron_runs() {
    let sandbox = Sandbox::new();
    sandbox.run(&["init", "50% o'clock \"off\" $HOME"]).code(0);
    let inside = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.current_dir(sandbox.path("50% o'clock \"off\" $HOME"));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    inside(&["import", "cases.jsonl"]);
    let units = inside(&["nightly", "--install"]);
    let line = units.lines().find_map(|line| line.strip_prefix("0 3 * * * ")).unwrap();
    // What cron does with it: a bare percent sign would end the command.
    let bare = line.char_indices().filter(|(at, c)| *c == '%' && !line[..*at].ends_with('\\')).count();
    assert_eq!(bare, 0, "{line}");
    let out = std::process::Command::new("sh").args(["-c", &line.replace("\\%", "%")]).output().unwrap();
    assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{out:?}");
    assert!(sandbox.path("50% o'clock \"off\" $HOME/nightly/run.json").exists());
    sandbox.write("50% o'clock \"off\" $HOME/policies/complaints/policy.yaml", "policy: [\n");
    let out = std::process::Command::new("sh").args(["-c", &line.replace("\\%", "%")]).output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.starts_with("duly nightly: exit code 2\n") && said.contains("last good run"), "{said}");
}

/// Two answers late, one due today, one tomorrow; two people whose move it is, and a deputy.
fn moves() -> Sandbox {
    let sandbox = workspace();
    let yaml = sandbox.read("duly.yaml") + "\nroles:\n  service-desk: {people: [lin, 吴], deputies: [gu]}\n";
    sandbox.write("duly.yaml", yaml);
    let case = |id: &str, at: &str| {
        format!(
            "{{\"case\":\"{id}\",\"kind\":\"complaint\",\"facts\":{{\"grade\":\"general\"}},\"events\":[{{\"id\":\"e\",\"type\":\"received\",\"at\":\"{at}\"}}]}}\n"
        )
    };
    let cases =
        [case("D-1", "2026-03-03T09:00:00+08:00"), case("D-2", "2026-03-03T20:00:00+08:00"), case("D-3", "2026-03-04T10:00:00+08:00")];
    sandbox.write("more.jsonl", cases.concat());
    sandbox.run(&["import", "more.jsonl"]).code(0);
    sandbox
}

#[test]
fn how_much_falls_due_and_on_whom() {
    let sandbox = moves();
    let due = |more: &[&str]| sandbox.run(&[&["due", "--as-of", "2026-03-04T12:00", "--within", "14d"], more].concat());
    insta::assert_snapshot!(due(&[]).code(0).all(), @r#"
    exit 0
    --- stdout
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
     Case   Clause         State     Due                Late by   Whose move     What to do, or what is wrong 
    ══════════════════════════════════════════════════════════════════════════════════════════════════════════
     C-2    complaints/1   overdue   2026-03-03 11:00   1 d 1 h   service desk   Answer the serious complaint 
     D-1    complaints/1   overdue   2026-03-04 09:00   3 h       service desk   Answer the general complaint 
     D-2    complaints/1   pending   2026-03-04 20:00             service desk   Answer the general complaint 
     D-3    complaints/1   pending   2026-03-05 10:00             service desk   Answer the general complaint 
    ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    2 overdue, 2 due within 2 weeks
    "#);
    insta::assert_snapshot!(due(&["--by", "role"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ───────────────────────────────────────────────────────────────────────────────────────
     Role           Overdue   Due today   Later this week   Later   All   Of them critical 
    ═══════════════════════════════════════════════════════════════════════════════════════
     service desk         2           1                 1             4                    
    ───────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    2 overdue, 2 due within 2 weeks
    "#);
    insta::assert_snapshot!(due(&["--by", "person", "--lang", "zh"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ────────────────────────────────────────────────────────────
     人员   已逾期   今日到期   本周内   之后   合计   其中严重 
    ════════════════════════════════════════════════════════════
     lin         2          1        1             4            
     吴          2          1        1             4            
     全部        2          1        1             4            
    ────────────────────────────────────────────────────────────
    --- stderr
    已逾期 2，2周内到期 2
    "#);
    insta::assert_snapshot!(due(&["--by", "day"]).code(0).all(), @r#"
    exit 0
    --- stdout
    ─────────────────────────────────────────────────────────────────────────────────────────
     Day              Overdue   Due today   Later this week   Later   All   Of them critical 
    ═════════════════════════════════════════════════════════════════════════════════════════
     overdue                2                                           2                    
     2026-03-04 Wed                     1                               1                    
     2026-03-05 Thu                                       1             1                    
     all                    2           1                 1             4                    
    ─────────────────────────────────────────────────────────────────────────────────────────
    --- stderr
    2 overdue, 2 due within 2 weeks
    "#);
    insta::assert_snapshot!(due(&["--by", "clause", "--format", "jsonl"]).code(0).stdout, @r#"{"clause":"complaints/1","label":"complaints/1","overdue":2,"today":1,"this_week":1,"later":0,"total":4,"critical":0}"#);
    insta::assert_snapshot!(due(&["--by", "day", "--format", "csv", "--lang", "zh"]).code(0).stdout, @r#"
    day,label,overdue,today,this_week,later,total,critical
    ,已逾期,2,0,0,0,2,0
    2026-03-04,2026-03-04 周三,0,1,0,0,1,0
    2026-03-05,2026-03-05 周四,0,0,1,0,1,0
    "#);
    let json: serde_json::Value = serde_json::from_str(&due(&["--by", "policy", "--format", "json"]).code(0).stdout).unwrap();
    assert_eq!((&json[0]["policy"], &json[0]["total"]), (&"complaints".into(), &4.into()));
    insta::assert_snapshot!(sandbox.run(&["due", "--as-of", "2026-01-01", "--by", "role"]).code(0).all(), @r#"
    exit 0
    --- stderr
    0 overdue, 0 due within 1 week
    "#);
    insta::assert_snapshot!(due(&["--by", "moon"]).code(2).stderr, @r#"
    error: invalid value 'moon' for '--by <WHAT>'
      [possible values: role, person, policy, clause, day]

    For more information, try '--help'.
    "#);
}

#[test]
fn notices_have_a_unit_with_a_network() {
    let sandbox = crate::notices::company(
        "  channels: {hook: {webhook: {url: \"http://127.0.0.1:9/\"}}}\n  send: [{what: digest, to: owners, by: hook}]\n",
    );
    let out = sandbox.run(&["nightly", "--install", "units"]).code(0);
    assert!(out.stdout.ends_with("units/duly-notices.service\nunits/duly-notices.timer\n"), "{}", out.stdout);
    assert!(out.stderr.contains("sudo systemctl enable --now duly-notices.timer"), "{}", out.stderr);
    let unit = |name: &str| {
        still(
            &sandbox.read(&format!("units/duly-{name}")).replace(sandbox.path("").to_str().unwrap().trim_end_matches('/'), "/srv/company"),
        )
    };
    insta::assert_snapshot!(unit("notices.service"), @r#"
    # /etc/systemd/system/duly-notices.service
    [Unit]
    Description=Notices of /srv/company
    # One program has the store at a time: this one waits for the night.
    After=duly-nightly.service network-online.target
    Wants=network-online.target

    [Service]
    Type=oneshot
    User=duly
    WorkingDirectory=/srv/company
    ExecStart=/usr/bin/duly notices send --lang en
    # The variables that `duly.yaml` names, as NAME=value; readable by root alone.
    EnvironmentFile=-/etc/duly/notices.env
    TimeoutStartSec=15min

    ProtectSystem=strict
    ReadWritePaths=/srv/company
    ProtectHome=read-only
    PrivateDevices=yes
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
    NoNewPrivileges=yes
    CapabilityBoundingSet=
    ProtectKernelTunables=yes
    ProtectKernelModules=yes
    ProtectKernelLogs=yes
    ProtectControlGroups=yes
    ProtectClock=yes
    ProtectHostname=yes
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    UMask=0077
    "#);
    insta::assert_snapshot!(unit("notices.timer"), @r#"
    # /etc/systemd/system/duly-notices.timer
    [Unit]
    Description=Sends notices that are due, every five minutes

    [Timer]
    OnCalendar=*:0/5
    AccuracySec=30s

    [Install]
    WantedBy=timers.target
    "#);
    let cron = unit("nightly.cron");
    insta::assert_snapshot!(cron.lines().skip(5).collect::<Vec<_>>().join("\n"), @r#"
    # Notices are sent every five minutes. `notices.env`, beside the workspace, says `export NAME=value` for what `duly.yaml` names.
    */5 * * * * cd /srv/company && { [ ! -r ../notices.env ] || . ../notices.env; /usr/bin/duly notices send >/dev/null 2>&1; }
    "#);
}
