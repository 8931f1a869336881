//! Examples for starting the nightly check: a systemd service with its timer, and a crontab line.

use std::path::PathBuf;

use crate::lang::Lang;

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
}

impl Setup {
    /// File names and texts.
    #[must_use]
    pub fn files(&self) -> [(&'static str, String); 3] {
        [("duly-nightly.service", self.service()), ("duly-nightly.timer", self.timer()), ("duly-nightly.cron", self.cron())]
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
             Description=Nightly check of {workspace_text}\n\
             # Exit code 2 makes the unit fail: the run failed, or the policies on disk did not load and the last good ones ran.\n\
             # `systemctl --failed` shows it; name here a unit of yours that tells somebody.\n\
             #OnFailure=tell-somebody@%n.service\n\
             # The reports are whole when this is reached:\n\
             #OnSuccess=send-the-reports.service\n\
             # Three tries a night, see Restart.\n\
             StartLimitIntervalSec=12h\n\
             StartLimitBurst=3\n\
             \n\
             [Service]\n\
             Type=oneshot\n\
             User={user}\n\
             WorkingDirectory={workspace}\n\
             ExecStart={command} --log - --log-format json\n\
             # Killed or out of memory: once more, with the same outcome. Not after exit code 2, which another try would not change.\n\
             Restart=on-abnormal\n\
             RestartSec=1min\n\
             TimeoutStartSec=4h\n\
             Nice=10\n\
             IOSchedulingPriority=7\n\
             \n\
             # It reads the workspace and writes its store and the reports, and needs nothing else: no network, no devices.\n\
             ProtectSystem=strict\n\
             ReadWritePaths={writable}\n\
             ProtectHome=read-only\n\
             {temporary}\
             PrivateDevices=yes\n\
             PrivateNetwork=yes\n\
             RestrictAddressFamilies=AF_UNIX\n\
             NoNewPrivileges=yes\n\
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
             SystemCallFilter=@system-service\n\
             # Whoever collects the metrics must be able to read them.\n\
             UMask=0022\n",
            workspace_text = unit_text(&self.workspace.display().to_string()),
            user = unit_text(&self.user),
            workspace = unit_text(&self.workspace.display().to_string()),
            command = command.join(" "),
            writable = writable.join(" "),
            temporary = if temporary { "" } else { "PrivateTmp=yes\n" },
        )
    }

    fn timer(&self) -> String {
        let zone = self.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
        format!(
            "# /etc/systemd/system/duly-nightly.timer\n\
             [Unit]\n\
             Description=Nightly check of {}\n\
             \n\
             [Timer]\n\
             OnCalendar=*-*-* 03:00:00{zone}\n\
             # A night that the machine slept through is made up for when it wakes.\n\
             Persistent=true\n\
             AccuracySec=1min\n\
             \n\
             [Install]\n\
             WantedBy=timers.target\n",
            unit_text(&self.workspace.display().to_string())
        )
    }

    fn cron(&self) -> String {
        let command: Vec<String> = self.words().iter().map(|word| cron_word(word)).collect();
        let folder = cron_word(&self.workspace.display().to_string());
        let log = cron_word(&self.workspace.join(".duly-nightly.log").display().to_string());
        format!(
            "# A line for `crontab -e` of {user}, where there is no systemd. cron sends what a job prints to MAILTO; this one prints only when its\n\
             # exit code is not 0: 2 means that it failed, or that the policies on disk did not load and the last good ones ran.\n\
             # cron has the machine's time zone, and does not make up for a night that the machine slept through.\n\
             MAILTO={user}\n\
             0 3 * * * cd {folder} && {{ {command} >{log} 2>&1 || {{ echo \"duly nightly: exit code $?\"; cat {log}; }}; }}\n",
            user = self.user,
            command = command.join(" "),
        )
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
        };
        let service = setup.service();
        assert!(service.contains("\nReadWritePaths=/srv/company /var/lib/collector\n"), "{service}");
        assert!(service.contains("\nPrivateTmp=yes\n"), "{service}");
        assert!(Setup { report: "/tmp/r".into(), ..setup }.service().lines().all(|line| line != "PrivateTmp=yes"));
    }
}
