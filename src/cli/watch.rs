//! `duly import --watch`: takes in what arrives in a folder, until it is stopped.

use std::{
    io,
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use notify::{RecursiveMode, Watcher};
use serde_json::{Value, json};

use super::{
    Failure, Screen, cases, exit,
    import::{Intake, Unable, remarks},
    setting,
};
use crate::{
    app::{
        clock::Watch,
        inbox::{Arrival, Inbox, SETTLED},
        intake::Totals,
        stop::Stop,
        vocabulary::Census,
    },
    lang::{Lang, Text},
    policy::PolicySet,
    store::{Store, StoreError},
};

/// How often the folder is looked at when nothing tells of a change: a folder of another machine tells of none.
const IDLE: Duration = Duration::from_secs(2);
/// How often while a file waits to be whole.
const SOON: Duration = Duration::from_millis(250);
/// Changes come in swarms while a file is written.
const SWARM: Duration = Duration::from_millis(50);

/// What happens to files, for people or for programs.
struct Teller<'s> {
    json: bool,
    screen: &'s Screen,
}

pub(super) fn run(intake: &Intake<'_>, folder: &Path, once: bool, json: bool, screen: &Screen) -> Result<u8, Failure> {
    let mut inbox = Inbox::open(folder).map_err(|error| unusable(folder, &error))?;
    let (wake, woken) = channel();
    let stop = Stop::listen({
        let wake = wake.clone();
        move || nudge(&wake)
    })?;
    // Without it the folder is still looked at, only less often.
    let watcher = notify::recommended_watcher(move |_| nudge(&wake));
    let _watching = watcher.and_then(|mut watcher| watcher.watch(folder, RecursiveMode::NonRecursive).map(|()| watcher));
    let teller = Teller { json, screen };
    if once {
        return single(intake, &mut inbox, &stop, &woken, &teller);
    }
    screen.note(match screen.lang {
        Lang::En => format!("watching `{}`; Ctrl-C ends it", folder.display()),
        Lang::Zh => format!("正在监视 `{}`；按 Ctrl-C 结束", folder.display()),
    });
    let mut told = false;
    while !stop.asked() {
        // What hinders now may be gone in a while, and is said once.
        let hindered = match inbox.look() {
            Err(error) => Some(unusable(folder, &error)),
            Ok(whole) if whole.is_empty() => None,
            Ok(whole) => match setting::try_open(&intake.workspace.store_folder(), screen) {
                Ok(store) => {
                    round(intake, whole, store, &mut inbox, &stop, &teller)?;
                    None
                }
                Err(error @ StoreError::Locked { .. }) => Some(error.into()),
                Err(error) => return Err(error.into()),
            },
        };
        if let Some(failure) = hindered.as_ref().filter(|_| !told) {
            screen.complain(&failure.show(screen.lang, screen.colour()));
        }
        told = hindered.is_some();
        wait(&woken, if inbox.waiting() > 0 && !told { SOON } else { IDLE });
    }
    screen.note(screen.pick("stopped", "已停止"));
    Ok(exit::OK)
}

/// Takes in what is there, and ends.
fn single(intake: &Intake<'_>, inbox: &mut Inbox, stop: &Stop, woken: &Receiver<()>, teller: &Teller<'_>) -> Result<u8, Failure> {
    inbox.look()?;
    let since = Watch::start();
    while since.elapsed() < SETTLED + SWARM && inbox.waiting() > 0 && !stop.asked() {
        wait(woken, SOON);
    }
    let whole = inbox.look()?;
    let left = inbox.waiting().saturating_sub(whole.len());
    let mut refused = 0;
    if !whole.is_empty() && !stop.asked() {
        let store = setting::store(&intake.workspace, teller.screen)?;
        refused = round(intake, whole, store, inbox, stop, teller)?;
    }
    if left > 0 {
        teller.screen.note(match teller.screen.lang {
            Lang::En => format!("{left} files are still being written, and are left for the next time"),
            Lang::Zh => format!("有 {left} 个文件仍在写入，留待下次"),
        });
    }
    Ok(if refused > 0 { exit::FAILED } else { exit::OK })
}

/// Tells of a change; where nobody waits any more, nobody has to know.
fn nudge(wake: &Sender<()>) {
    let _ = wake.send(());
}

/// Waits for a change, or so long.
fn wait(woken: &Receiver<()>, long: Duration) {
    if woken.recv_timeout(long).is_ok() {
        thread::sleep(SWARM);
        while woken.try_recv().is_ok() {}
    }
}

/// Takes files in, one after the other, and lets the store go; gives how many were refused.
fn round(
    intake: &Intake<'_>,
    whole: Vec<Arrival>,
    mut store: Store,
    inbox: &mut Inbox,
    stop: &Stop,
    teller: &Teller<'_>,
) -> Result<u64, Failure> {
    let set = intake.policies();
    let mut refused = 0;
    for arrival in whole {
        if stop.asked() {
            break;
        }
        if arrival.known {
            let path = inbox.done(&arrival)?;
            teller.known(&arrival, &path)?;
            continue;
        }
        match take(intake, &arrival, set.as_ref(), &mut store, stop, teller)? {
            // It stays where it is, and is taken from its beginning the next time.
            Outcome::Stopped => break,
            Outcome::Taken(totals) => {
                let path = inbox.done(&arrival)?;
                teller.taken(&arrival, &path, &totals)?;
            }
            Outcome::Refused(reason) => {
                let path = inbox.reject(&arrival, &reason)?;
                refused += 1;
                teller.refused(&arrival, &path, &reason)?;
            }
        }
    }
    store.pack()?;
    Ok(refused)
}

/// What became of a file.
enum Outcome {
    Taken(Totals),
    Refused(Text),
    Stopped,
}

fn take(
    intake: &Intake<'_>,
    arrival: &Arrival,
    set: Option<&PolicySet>,
    store: &mut Store,
    stop: &Stop,
    teller: &Teller<'_>,
) -> Result<Outcome, Failure> {
    let (mut totals, mut census) = (Totals::default(), Census::default());
    let mut rejects = cases::Rejects::of(&intake.workspace, &arrival.digest);
    let path = arrival.path.to_string_lossy();
    let mut each = |_| !stop.asked();
    let taken = intake.take(&path, set, store, (&mut totals, &mut census), &mut rejects, &mut each);
    let first = rejects.first().cloned();
    rejects.report(teller.screen)?;
    match taken {
        Ok(()) => {}
        Err(Unable::Stopped) => return Ok(Outcome::Stopped),
        Err(Unable::Store(failure)) => return Err(failure),
        Err(Unable::File(failure)) => {
            let show = |lang: Lang| {
                let shown = failure.show(lang, false);
                shown.strip_prefix(lang.pick("error: ", "错误：")).map(str::to_owned).unwrap_or(shown)
            };
            return Ok(Outcome::Refused(Text::new(show(Lang::En), show(Lang::Zh))));
        }
    }
    remarks(&totals, &census, teller.screen);
    if let Some((line, reason)) = first.filter(|_| totals.cases == 0) {
        return Ok(Outcome::Refused(Text::new(
            format!("no row of it can be taken; the first: line {line}: {}", reason.en),
            format!("其中没有一行可以接受；首个：第 {line} 行：{}", reason.zh),
        )));
    }
    Ok(Outcome::Taken(totals))
}

impl Teller<'_> {
    fn taken(&self, arrival: &Arrival, path: &Path, totals: &Totals) -> Result<(), Failure> {
        if self.json {
            return self.object(arrival, path, "taken", totals.to_json());
        }
        self.line(arrival, path, totals.text().get(self.screen.lang))
    }

    fn known(&self, arrival: &Arrival, path: &Path) -> Result<(), Failure> {
        if self.json {
            return self.object(arrival, path, "known", json!({}));
        }
        self.line(arrival, path, self.screen.pick("was taken before; nothing is done", "此前已导入；不再处理"))
    }

    fn refused(&self, arrival: &Arrival, path: &Path, reason: &Text) -> Result<(), Failure> {
        if self.json {
            return self.object(arrival, path, "rejected", json!({"reason": reason.en, "reason_zh": reason.zh}));
        }
        self.line(arrival, path, &format!("{}{}", self.screen.pick("rejected: ", "未接受："), reason.get(self.screen.lang)))
    }

    fn line(&self, arrival: &Arrival, path: &Path, what: &str) -> Result<(), Failure> {
        self.screen.say(format!("{} → {}: {what}", arrival.name, path.display()))
    }

    fn object(&self, arrival: &Arrival, path: &Path, outcome: &str, more: Value) -> Result<(), Failure> {
        let mut object = json!({"file": arrival.name, "outcome": outcome, "path": path.to_string_lossy()});
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more);
        }
        self.screen.say(object)
    }
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    let folder = folder.display();
    Failure::with_help(
        Text::new(format!("cannot watch `{folder}`: {error}"), format!("无法监视 `{folder}`：{error}")),
        Text::new(
            "it must be a folder in which `done` and `rejected` can be made",
            "它应是一个文件夹，并可在其中建立 `done` 与 `rejected`",
        ),
    )
}
