//! `duly nightly --install`: examples for systemd and cron, with the paths of this machine in them.

use std::{
    env, fs,
    path::{Path, PathBuf, absolute},
};

use clap::ArgMatches;

use super::{Failure, Screen, args, exit, keep::make_folder, setting};
use crate::{
    app::{units::Setup, whole::Whole, workspace::Workspace},
    lang::{Lang, Text},
};

pub(super) fn run(matches: &ArgMatches, target: &str, screen: &Screen) -> Result<u8, Failure> {
    let workspace = setting::workspace()?;
    let setup = setup(matches, &workspace, screen.lang)?;
    let files = setup.files();
    if args::wants_json(matches) {
        let map: serde_json::Map<_, _> = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_str().into())).collect();
        screen.say(serde_json::Value::Object(map))?;
        return Ok(exit::OK);
    }
    if target == "-" {
        let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
        screen.say(texts.join("\n").trim_end())?;
    } else {
        write(Path::new(target), &files, screen)?;
    }
    let folder = if target == "-" { "DIR" } else { target.trim_end_matches('/') };
    screen.note(next(folder, screen.lang));
    if setup.notices {
        screen.note(send(folder, screen.lang));
    }
    Ok(exit::OK)
}

fn setup(matches: &ArgMatches, workspace: &Workspace, lang: Lang) -> Result<Setup, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::new(format!("the program's path is unknown: {error}"), format!("无法确定程序的路径：{error}")))?;
    let path = |name: &str, default: &str| -> Result<PathBuf, Failure> {
        match matches.get_one::<String>(name) {
            Some(path) => Ok(absolute(path)?),
            None => Ok(workspace.root.join(default)),
        }
    };
    let user = ["USER", "LOGNAME"].iter().find_map(|name| env::var(name).ok()).filter(|user| !user.is_empty());
    // systemd knows zones by name only.
    let zone = workspace.company.zone.map(|zone| zone.name()).filter(|name| !name.starts_with(['+', '-']));
    Ok(Setup {
        program,
        workspace: workspace.root.clone(),
        report: path("report", "nightly")?,
        metrics: path("metrics", "nightly/duly.prom")?,
        user: user.unwrap_or_else(|| "duly".to_owned()),
        zone,
        lang,
        notices: workspace.company.notices.is_some(),
    })
}

fn write(folder: &Path, files: &[(&str, String)], screen: &Screen) -> Result<(), Failure> {
    make_folder(folder)?;
    for (name, text) in files {
        let path = folder.join(name);
        let known = fs::read_to_string(&path).ok();
        if path.exists() && known.as_ref() != Some(text) {
            let name = path.display();
            return Err(Failure::with_help(
                Text::new(
                    format!("`{name}` is there already and says something else; nothing was written"),
                    format!("`{name}` 已存在且内容不同；未写入任何内容"),
                ),
                Text::new("choose another folder, or move the file away", "请另选文件夹，或移走该文件"),
            ));
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        Whole::write(&path, text)?;
        screen.say(path.display())?;
    }
    Ok(())
}

fn next(folder: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!(
            "\nNext, with systemd: look at `User=` and the paths, then\n  \
             sudo cp {folder}/duly-nightly.service {folder}/duly-nightly.timer /etc/systemd/system/\n  \
             sudo systemctl daemon-reload\n  \
             sudo systemctl enable --now duly-nightly.timer\n  \
             sudo systemctl start duly-nightly.service && journalctl -u duly-nightly.service   (a first run, now)\n\
             Without systemd: put the line of duly-nightly.cron into `crontab -e`."
        ),
        Lang::Zh => format!(
            "\n接下来，若有 systemd：核对 `User=` 与各路径，然后\n  \
             sudo cp {folder}/duly-nightly.service {folder}/duly-nightly.timer /etc/systemd/system/\n  \
             sudo systemctl daemon-reload\n  \
             sudo systemctl enable --now duly-nightly.timer\n  \
             sudo systemctl start duly-nightly.service && journalctl -u duly-nightly.service   （立即试运行一次）\n\
             没有 systemd：把 duly-nightly.cron 中的一行加入 `crontab -e`。"
        ),
    }
}

fn send(folder: &str, lang: Lang) -> String {
    let first = format!(
        "sudo cp {folder}/duly-notices.service {folder}/duly-notices.timer /etc/systemd/system/ && sudo systemctl enable --now duly-notices.timer"
    );
    match lang {
        Lang::En => format!("Notices, unless a server of duly sends them: put the variables into /etc/duly/notices.env, then\n  {first}"),
        Lang::Zh => format!("发送通知（若没有 duly 服务器代为发送）：把环境变量写入 /etc/duly/notices.env，然后\n  {first}"),
    }
}
