//! The server's state: the store, the policies, the board, the door. Pages read it; acts change it in one place.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError},
    time::Duration,
};

use chrono::NaiveTime;
use tokio::sync::watch;

use super::{door::Door, meter::Meter, visit::Refusal};
use crate::{
    account::{Account, Token},
    app::{
        board::{Board, Present, View},
        clock,
        history::Trends,
        nightly::{self, Setting, last_good},
        workspace::{Workspace, load},
    },
    desk::{Act, Deed},
    diagnostic::Diagnostic,
    lang::Text,
    policy::{PolicySet, sources::Sources},
    store::{Hash, Run, Store, StoreError},
    time::{Instant, Zone},
};

/// How long a page waits for the store while a run has it.
const PATIENCE: Duration = Duration::from_secs(3);

/// The policies as they were loaded last.
#[derive(Debug)]
pub struct Rules {
    /// The files.
    pub sources: Sources,
    /// Compiled.
    pub set: PolicySet,
    /// The zone of times without offset.
    pub zone: Zone,
    /// What is wrong with those on disk, when the last good ones are in use.
    pub problems: Vec<Diagnostic>,
}

/// The state. Whoever needs both the board and the store takes the board first, so that nobody waits for each other.
#[derive(Debug)]
pub struct App {
    /// The workspace.
    pub workspace: Workspace,
    /// Who is let in.
    pub door: Door,
    /// Whether the connection is private, so that cookies may be sent by such ones only.
    pub secure: bool,
    /// Threads for runs.
    pub threads: usize,
    /// How much the board's clock is ahead of the real one, in milliseconds: nothing, but in demonstrations.
    pub ahead: i64,
    /// How much was asked, and how long the answers took.
    pub meter: Meter,
    /// Goes up with every change of the board.
    pub live: watch::Sender<u64>,
    /// Since when the server is up.
    pub watch: clock::Watch,
    store: RwLock<Store>,
    rules: RwLock<Arc<Rules>>,
    board: RwLock<Board>,
    accounts: RwLock<HashMap<String, Account>>,
    tokens: RwLock<HashMap<Hash, Token>>,
    running: Mutex<()>,
    /// Cases that changed and are still to be judged.
    waiting: Mutex<Vec<String>>,
    trends: Mutex<Option<Arc<Trends>>>,
    trying: Mutex<()>,
}

fn reading<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn writing<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// The zone of times without offset: the company's, or the policies'.
fn zone_of(set: &PolicySet) -> Zone {
    let of_policies = || set.clauses.first().map(|clause| clause.setup.zone());
    set.company.zone.or_else(of_policies).unwrap_or(Zone::UTC)
}

/// The policies on disk; where they do not load, those of the last run.
///
/// # Errors
/// What is wrong with those on disk, when there was no run; or the store.
pub fn rules(workspace: &Workspace, store: &Store) -> Result<Result<Rules, Vec<Diagnostic>>, StoreError> {
    let new = |(sources, set): (Sources, PolicySet), problems| Rules { zone: zone_of(&set), sources, set, problems };
    Ok(match load(&workspace.policy_folders(), &workspace.company) {
        Ok(loaded) => Ok(new(loaded, Vec::new())),
        Err(problems) => match last_good(store, &workspace.company)? {
            Some(good) => Ok(new(good, problems)),
            None => Err(problems),
        },
    })
}

impl App {
    /// Takes a store over, and makes the board.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn new(workspace: Workspace, store: Store, rules: Rules, ahead: i64, secure: bool, threads: usize) -> Result<Self, StoreError> {
        let board = Board::build(&store, &rules.set, clock::now().plus(ahead))?;
        let accounts = store.accounts()?.into_iter().map(|account| (account.name.clone(), account)).collect();
        let tokens = store.tokens()?.into_iter().map(|token| (token.hash, token)).collect();
        Ok(Self {
            workspace,
            door: Door::default(),
            secure,
            threads,
            ahead,
            meter: Meter::default(),
            live: watch::channel(0).0,
            watch: clock::Watch::start(),
            store: RwLock::new(store),
            rules: RwLock::new(Arc::new(rules)),
            board: RwLock::new(board),
            accounts: RwLock::new(accounts),
            tokens: RwLock::new(tokens),
            running: Mutex::new(()),
            waiting: Mutex::new(Vec::new()),
            trends: Mutex::new(None),
            trying: Mutex::new(()),
        })
    }

    /// The present as the board has it.
    #[must_use]
    pub fn now(&self) -> Instant {
        clock::now().plus(self.ahead)
    }

    /// How long it is until a time of day, in the company's zone.
    #[must_use]
    pub fn until(&self, time: NaiveTime) -> Duration {
        let (now, zone) = (self.now(), self.rules().zone);
        let today = now.date(zone);
        let next = [Some(today), today.succ_opt()].into_iter().flatten().map(|day| zone.resolve(day.and_time(time))).find(|at| *at > now);
        Duration::from_millis(next.and_then(|at| u64::try_from(at.since(now)).ok()).unwrap_or(0))
    }

    /// The policies.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&reading(&self.rules))
    }

    /// The board.
    pub fn board(&self) -> RwLockReadGuard<'_, Board> {
        reading(&self.board)
    }

    /// What somebody sees of a board.
    #[must_use]
    pub fn view<'b>(&self, board: &'b Board, rules: &Rules, who: &Account, now: Instant) -> View<'b> {
        View::new(board, Present::new(now, rules.zone), &who.scope, &rules.set.org)
    }

    /// The store, when nobody is writing to it.
    #[must_use]
    pub fn store_now(&self) -> Option<RwLockReadGuard<'_, Store>> {
        match self.store.try_read() {
            Ok(store) => Some(store),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The store, for which a page waits a moment.
    ///
    /// # Errors
    /// That a run has it.
    pub fn store(&self) -> Result<RwLockReadGuard<'_, Store>, Refusal> {
        let watch = clock::Watch::start();
        loop {
            if let Some(store) = self.store_now() {
                return Ok(store);
            }
            if watch.elapsed() > PATIENCE {
                return Err(Refusal::Busy(Text::new("a check is running; try again in a moment", "检查正在运行，请稍后重试")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Changes the store, and then the board.
    ///
    /// # Errors
    /// What the change fails with.
    pub fn change<T>(&self, change: impl FnOnce(&mut Store) -> Result<T, StoreError>) -> Result<T, Refusal> {
        Ok(change(&mut writing(&self.store))?)
    }

    /// Records what somebody did.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn act(&self, by: &str, via: &str, deed: Deed) -> Result<Act, Refusal> {
        let act = self.change(|store| store.add_act(by, via, deed, clock::now()))?;
        let hand = match &act.deed {
            Deed::Assigned { key, .. } | Deed::Acknowledged(key) => Some(key),
            _ => None,
        };
        if let Some(key) = hand {
            let known = self.store()?.hand(key)?.unwrap_or_default();
            writing(&self.board).hand(key, &known);
            self.publish();
        }
        Ok(act)
    }

    /// Judges cases again after something changed about them. While a run has the store they wait: the next tick takes them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn touched(&self, ids: &[String]) -> Result<(), Refusal> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(ids);
        let watch = clock::Watch::start();
        while !self.keep_up(false)? && watch.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Judges the cases again whose time came; for every few seconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tick(&self) -> Result<(), Refusal> {
        self.keep_up(true).map(drop)
    }

    /// Judges what waits to be judged, and what has come due; false when a run has the store.
    fn keep_up(&self, wake: bool) -> Result<bool, Refusal> {
        let (rules, now) = (self.rules(), self.now());
        let mut board = writing(&self.board);
        let Some(store) = self.store_now() else { return Ok(false) };
        let mut ids = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        ids.sort_unstable();
        ids.dedup();
        let mut changed = !ids.is_empty();
        board.rejudge(&store, &rules.set, now, &ids)?;
        if wake {
            changed |= board.wake(&store, &rules.set, now)?;
        }
        drop((store, board));
        if changed {
            self.publish();
        }
        Ok(true)
    }

    /// Runs the check over the store, with the policies as they are on disk now.
    ///
    /// # Errors
    /// That one is running, or the store's.
    pub fn run(&self, full: bool) -> Result<Run, Refusal> {
        let _running = self.running.try_lock().map_err(|_| Refusal::Busy(Text::new("a check is running already", "检查已在运行")))?;
        let watch = clock::Watch::start();
        let now = self.now();
        let run = {
            let mut store = writing(&self.store);
            if let Ok(rules) = rules(&self.workspace, &store)? {
                *writing(&self.rules) = Arc::new(rules);
            }
            let rules = self.rules();
            let setting =
                Setting { as_of: now, now: clock::now(), fallback: !rules.problems.is_empty(), full, threads: self.threads, watch };
            nightly::nightly(&mut store, &rules.set, &rules.sources, &setting, &mut |_| {})?.run
        };
        self.rebuild()?;
        // A run that was made is made, whoever cannot be told of it.
        if let Err(refusal) = self.compose() {
            tracing::error!(why = refusal.text().en, "notices of the run could not be composed");
        }
        Ok(run)
    }

    /// Makes the board anew, and takes in what changed meanwhile.
    fn rebuild(&self) -> Result<(), Refusal> {
        let rules = self.rules();
        let store = self.store()?;
        let board = Board::build(&store, &rules.set, self.now())?;
        drop(store);
        *writing(&self.board) = board;
        let changed = {
            let store = self.store()?;
            store.last_run()?.map(|run| store.changed_since(run.id)).transpose()?.unwrap_or_default()
        };
        self.touched(&changed)?;
        self.publish();
        Ok(())
    }

    /// The right to hold all cases against a policy that somebody tries: one at a time, since it takes all threads.
    ///
    /// # Errors
    /// That somebody else is at it.
    pub fn alone(&self) -> Result<MutexGuard<'_, ()>, Refusal> {
        match self.trying.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Refusal::Busy(Text::new(
                "somebody else is looking at an impact; try again in a moment",
                "有人正在查看影响，请稍后重试",
            ))),
        }
    }

    /// Tells those who look that the board has changed.
    fn publish(&self) {
        self.live.send_modify(|version| *version += 1);
    }

    /// How things went, as of the last run: reckoned when somebody asks first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trends(&self) -> Result<Arc<Trends>, Refusal> {
        let run = self.board().run.as_ref().map(|run| run.id);
        let mut kept = self.trends.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trends) = kept.as_ref().filter(|trends| trends.run == run) {
            return Ok(Arc::clone(trends));
        }
        let store = self.store()?;
        let trends = Arc::new(Trends::reckon(&store, &self.rules().set, self.now(), run, self.threads)?);
        *kept = Some(Arc::clone(&trends));
        Ok(trends)
    }

    /// An account.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<Account> {
        reading(&self.accounts).get(name).cloned()
    }

    /// All accounts, by name.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        let mut list: Vec<Account> = reading(&self.accounts).values().cloned().collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }

    /// Makes or changes an account.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn put_account(&self, account: Account) -> Result<(), Refusal> {
        self.change(|store| store.put_account(account.clone(), clock::now()))?;
        writing(&self.accounts).insert(account.name.clone(), account);
        Ok(())
    }

    /// A token that holds.
    #[must_use]
    pub fn token(&self, hash: &Hash, now: Instant) -> Option<Token> {
        reading(&self.tokens).get(hash).filter(|token| !token.closed && token.until.is_none_or(|until| now < until)).cloned()
    }

    /// All tokens, the newest first.
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        let mut list: Vec<Token> = reading(&self.tokens).values().cloned().collect();
        list.sort_by_key(|token| std::cmp::Reverse(token.at));
        list
    }

    /// Makes or changes a token.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn put_token(&self, token: Token) -> Result<(), Refusal> {
        self.change(|store| store.put_token(token.clone(), clock::now()))?;
        writing(&self.tokens).insert(token.hash, token);
        Ok(())
    }
}
