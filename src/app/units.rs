//! Examples for starting the nightly check: a systemd service with its timer, and a crontab line.

use std::path::PathBuf;

use crate::lang::Lang;

/// What a program without network can be denied besides.
const NO_NETWORK: &str = "PrivateDevices=yes\n\
    PrivateNetwork=yes\n\
    RestrictAddressFamilies=AF_UNIX\n";

/// What a program that talks to servers cannot be denied.
const NETWORK: &str = "PrivateDevices=yes\n\
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n";

/// What a program without devices can be denied.
const HARDENING: &str = "NoNewPrivileges=yes\n\
    CapabilityBoundingSet=\n\
    ProtectKernelTunables=yes\n\
    ProtectKernelModules=yes\n\
    ProtectKernelLogs=yes\n\
    ProtectControlGroups=yes\n\
    ProtectClock=yes\n\
    ProtectHostname=yes\n\
    RestrictNamespaces=yes\n\
    RestrictRealtime=yes\n\
    RestrictSUIDSGID=yes\n\
    LockPersonality=yes\n\
    MemoryDenyWriteExecute=yes\n\
    SystemCallArchitectures=native\n\
    SystemCallFilter=@system-service\n";

/// Where and how the check is to run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// The workspace, as an absolute path.
    pub workspace: PathBuf,
    /// The report folder, as an absolute path.
    pub report: PathBuf,
    /// The metrics file, as an absolute path.
    pub metrics: PathBuf,
    /// The account that it runs under.
    pub user: String,
    /// The zone of 03:00, by its IANA name; that of the machine when absent.
    pub zone: Option<String>,
    /// The language of the reports.
    pub lang: Lang,
    /// Whether there are notices to send.
    pub notices: bool,
}

impl Setup {
    /// File names and texts.
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let mut files =
            vec![("duly-nightly.service", self.service()), ("duly-nightly.timer", self.timer()), ("duly-nightly.cron", self.cron())];
        if self.notices {
            files.push(("duly-notices.service", self.sender()));
            files.push(("duly-notices.timer", self.minutes()));
        }
        files
    }

    /// What sends notices.
    fn sender(&self) -> String {
        let program = unit_word(&self.program.display().to_string()).replace('$', "$$");
        let folder = unit_text(&self.workspace.display().to_string());
        let temporary = self.workspace.starts_with("/tmp") || self.workspace.starts_with("/var/tmp");
        format!(
            "# /etc/systemd/system/duly-notices.service\n\
             [Unit]\n\
             Description={description}\n\
             {after}\
             After=duly-nightly.service network-online.target\n\
             Wants=network-online.target\n\
             \n\
             [Service]\n\
             Type=oneshot\n\
             User={user}\n\
             WorkingDirectory={folder}\n\
             ExecStart={program} notices send --lang {lang}\n\
             {secrets}\
             EnvironmentFile=-/etc/duly/notices.env\n\
             TimeoutStartSec=15min\n\
             \n\
             ProtectSystem=strict\n\
             ReadWritePaths={writable}\n\
             ProtectHome=read-only\n\
             {temporary}\
             {NETWORK}\
             {HARDENING}\
             UMask=0077\n",
            description = match self.lang {
                Lang::En => format!("Notices of {folder}"),
                Lang::Zh => format!("发送通知：{folder}"),
            },
            after = self.remark(
                "One program has the store at a time: this one waits for the night.",
                "同一时间只有一个程序使用存储：本单元等待夜间检查结束。"
            ),
            user = unit_text(&self.user),
            lang = self.lang.pick("en", "zh"),
            secrets = self.remark(
                "The variables that `duly.yaml` names, as NAME=value; readable by root alone.",
                "`duly.yaml` 所列的环境变量，写作 NAME=value；只许 root 读取。"
            ),
            writable = unit_word(&self.workspace.display().to_string()),
            temporary = if temporary { "" } else { "PrivateTmp=yes\n" },
        )
    }

    fn minutes(&self) -> String {
        format!(
            "# /etc/systemd/system/duly-notices.timer\n\
             [Unit]\n\
             Description={}\n\
             \n\
             [Timer]\n\
             OnCalendar=*:0/5\n\
             AccuracySec=30s\n\
             \n\
             [Install]\n\
             WantedBy=timers.target\n",
            match self.lang {
                Lang::En => "Sends notices that are due, every five minutes",
                Lang::Zh => "每五分钟发送到期的通知",
            }
        )
    }

    /// The words of the command line.
    fn words(&self) -> Vec<String> {
        let path = |path: &PathBuf| path.display().to_string();
        let lang = self.lang.pick("en", "zh").to_owned();
        let mut words = vec![path(&self.program), "nightly".to_owned(), "--lang".to_owned(), lang];
        words.extend(["--report".to_owned(), path(&self.report), "--metrics".to_owned(), path(&self.metrics)]);
        words
    }

    fn service(&self) -> String {
        // A dollar sign begins a variable in a command, and nowhere else.
        let command: Vec<String> = self.words().iter().map(|word| unit_word(word).replace('$', "$$")).collect();
        let mut folders = vec![&self.workspace];
        let metrics = self.metrics.parent().map(PathBuf::from);
        for folder in std::iter::once(&self.report).chain(&metrics) {
            if !folders.iter().any(|known| folder.starts_with(known)) {
                folders.push(folder);
            }
        }
        let writable: Vec<String> = folders.iter().map(|folder| unit_word(&folder.display().to_string())).collect();
        let temporary = folders.iter().any(|folder| folder.starts_with("/tmp") || folder.starts_with("/var/tmp"));
        format!(
            "# /etc/systemd/system/duly-nightly.service\n\
             [Unit]\n\
             Description={description}\n\
             {failing}\
             #OnFailure=tell-somebody@%n.service\n\
             {reports}\
             #OnSuccess=send-the-reports.service\n\
             {tries}\
             StartLimitIntervalSec=12h\n\
             StartLimitBurst=3\n\
             \n\
             [Service]\n\
             Type=oneshot\n\
             User={user}\n\
             WorkingDirectory={workspace}\n\
             ExecStart={command} --log - --log-format json\n\
             {restart}\
             Restart=on-abnormal\n\
             RestartSec=1min\n\
             TimeoutStartSec=4h\n\
             Nice=10\n\
             IOSchedulingPriority=7\n\
             \n\
             {needs}\
             ProtectSystem=strict\n\
             ReadWritePaths={writable}\n\
             ProtectHome=read-only\n\
             {temporary}\
             {NO_NETWORK}\
             {HARDENING}\
             {readable}\
             UMask=0022\n",
            description = self.description(),
            failing = self.remark(
                "Exit code 2 makes the unit fail: the run failed, or the policies on disk did not load and the last good ones ran.\n\
                 `systemctl --failed` shows it; name here a unit of yours that tells somebody.",
                "退出码 2 使本单元失败：运行失败，或磁盘上的策略无法加载而沿用了上次有效的策略。\n\
                 `systemctl --failed` 可见；请在此填写贵方用于通知的单元。"
            ),
            reports = self.remark("When this is reached, the reports are whole:", "到达此处时，报告已完整："),
            tries = self.remark("Three tries a night, see Restart.", "每晚最多尝试三次，见 Restart。"),
            user = unit_text(&self.user),
            workspace = unit_text(&self.workspace.display().to_string()),
            command = command.join(" "),
            restart = self.remark(
                "Killed or out of memory: once more, with the same outcome. Not after exit code 2, which another try would not change.",
                "被杀死或内存不足时重试，结果相同。退出码 2 不重试，再试也不会改变。"
            ),
            needs = self.remark(
                "It reads the workspace, writes its store and the reports, and needs nothing else: no network, no devices.",
                "它读取工作区，写入存储与报告，此外一无所需：不用网络，不用设备。"
            ),
            writable = writable.join(" "),
            temporary = if temporary { "" } else { "PrivateTmp=yes\n" },
            readable = self.remark("Whoever collects the metrics must be able to read them.", "采集指标者须能读取。"),
        )
    }

    fn timer(&self) -> String {
        let zone = self.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
        format!(
            "# /etc/systemd/system/duly-nightly.timer\n\
             [Unit]\n\
             Description={}\n\
             \n\
             [Timer]\n\
             OnCalendar=*-*-* 03:00:00{zone}\n\
             {}\
             Persistent=true\n\
             AccuracySec=1min\n\
             \n\
             [Install]\n\
             WantedBy=timers.target\n",
            self.description(),
            self.remark("A night that the machine slept through is made up for when it wakes.", "机器关机而错过的夜间，开机后补上。"),
        )
    }

    fn cron(&self) -> String {
        let command: Vec<String> = self.words().iter().map(|word| cron_word(word)).collect();
        let folder = cron_word(&self.workspace.display().to_string());
        let log = cron_word(&self.workspace.join(".duly-nightly.log").display().to_string());
        let said = self.lang.pick("duly nightly: exit code", "duly nightly：退出码");
        format!(
            "{}MAILTO={}\n\
             0 3 * * * cd {folder} && {{ {} >{log} 2>&1 || {{ echo \"{said} $?\"; cat {log}; }}; }}\n",
            self.remark(
                "A line for `crontab -e`, where there is no systemd. cron sends what a job prints to MAILTO; this one prints only when its\n\
                 exit code is not 0: 2 means that it failed, or that the policies on disk did not load and the last good ones ran.\n\
                 cron has the machine's time zone, and does not make up for a night that the machine slept through.",
                "没有 systemd 时，把这一行加入 `crontab -e`。cron 把任务的输出寄给 MAILTO；本任务只在退出码不为 0 时才有输出：\n\
                 2 表示运行失败，或磁盘上的策略无法加载而沿用了上次有效的策略。\n\
                 cron 使用机器的时区，机器关机而错过的夜间不会补上。"
            ),
            self.user,
            command.join(" "),
        ) + self.cron_notices(&folder).as_str()
    }

    fn cron_notices(&self, folder: &str) -> String {
        if !self.notices {
            return String::new();
        }
        let program = cron_word(&self.program.display().to_string());
        format!(
            "{}*/5 * * * * cd {folder} && {{ [ ! -r ../notices.env ] || . ../notices.env; {program} notices send >/dev/null 2>&1; }}\n",
            self.remark(
                "Notices are sent every five minutes. `notices.env`, beside the workspace, says `export NAME=value` for what `duly.yaml` names.",
                "每五分钟发送通知。工作区旁的 `notices.env` 以 `export NAME=value` 写明 `duly.yaml` 所列的环境变量。"
            ),
        )
    }

    fn description(&self) -> String {
        let folder = unit_text(&self.workspace.display().to_string());
        match self.lang {
            Lang::En => format!("Nightly check of {folder}"),
            Lang::Zh => format!("夜间检查：{folder}"),
        }
    }

    /// A remark of one or several lines.
    fn remark(&self, en: &str, zh: &str) -> String {
        format!("# {}\n", self.lang.pick(en, zh).replace('\n', "\n# "))
    }
}

/// Text of a unit file: a percent sign begins a specifier there.
fn unit_text(text: &str) -> String {
    text.replace('%', "%%")
}

/// A word of a command line or list in a unit file.
fn unit_word(word: &str) -> String {
    let text = unit_text(word);
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,=".contains(c);
    if text.chars().all(plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A word for the shell, in a crontab: an unescaped percent sign ends the command there.
fn cron_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,=".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''").replace('%', r"\%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_anything_in_them_stay_one_word() {
        assert_eq!(unit_word("/srv/公司/a_b"), "/srv/公司/a_b");
        assert_eq!(unit_word("/srv/50% \"off\" $x"), "\"/srv/50%% \\\"off\\\" $x\"");
        assert_eq!(cron_word("/srv/50% o'clock"), r"'/srv/50\% o'\''clock'");
        assert_eq!(cron_word("/srv/a"), "/srv/a");
    }

    #[test]
    fn folders_outside_the_workspace_are_writable_too() {
        let setup = Setup {
            program: "/usr/bin/duly".into(),
            workspace: "/srv/company".into(),
            report: "/srv/company/nightly".into(),
            metrics: "/var/lib/collector/duly.prom".into(),
            user: "duly".into(),
            zone: None,
            lang: Lang::En,
            notices: false,
        };
        let service = setup.service();
        assert!(service.contains("\nReadWritePaths=/srv/company /var/lib/collector\n"), "{service}");
        assert!(service.contains("\nPrivateTmp=yes\n"), "{service}");
        assert!(Setup { report: "/tmp/r".into(), ..setup }.service().lines().all(|line| line != "PrivateTmp=yes"));
    }
}
