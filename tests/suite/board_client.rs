//! The board as a browser or a program meets it: the program itself is started, and spoken to over HTTP.
//!
//! ```text
//! account(&sandbox, "lin", "admin", &[]);
//! let board = Board::start(&sandbox, &["--as-of", "2026-03-31T18:00:00+08:00"]);
//! let lin = board.sign_in("lin", PASSWORD);
//! let page = lin.get("/").code(200);
//! lin.post("/findings", &[("do", "seen"), ("key", key)]).code(303);
//! ```

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    time::Duration,
};

use crate::sandbox::Sandbox;

/// The password of every account that `account` makes.
pub const PASSWORD: &str = "correct horse battery";

/// Makes an account; `more` are further arguments of `duly user add`.
pub fn account(sandbox: &Sandbox, name: &str, rank: &str, more: &[&str]) {
    let mut arguments = vec!["user", "add", name, "--rank", rank, "--password-stdin"];
    arguments.extend(more);
    sandbox.run_with(&arguments, PASSWORD).code(0);
}

/// A served board; it ends with this value.
pub struct Board {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    agent: ureq::Agent,
}

/// Somebody at the board: cookies, and what forms must say.
pub struct Person<'b> {
    board: &'b Board,
    cookies: RefCell<BTreeMap<String, String>>,
    csrf: RefCell<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Board {
    /// Starts `duly serve` in the folder of a sandbox, at any free port; `more` are further arguments.
    pub fn start(sandbox: &Sandbox, more: &[&str]) -> Self {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let said = sandbox.path("serve.stderr");
        let mut command = sandbox.command(&arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(&said).unwrap());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("http")).map(|word| word.trim_end_matches('/').to_owned());
        let Some(address) = address else {
            let _ = child.kill();
            panic!("the board does not start: {line}{}", fs::read_to_string(said).unwrap_or_default());
        };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(120)))
            .build();
        Self { child, address, agent: config.into() }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Somebody who has not signed in.
    pub fn guest(&self) -> Person<'_> {
        Person { board: self, cookies: RefCell::default(), csrf: RefCell::default() }
    }

    /// Somebody who has.
    #[track_caller]
    pub fn sign_in(&self, name: &str, password: &str) -> Person<'_> {
        let person = self.guest();
        person.get("/sign-in").code(200);
        person.post("/sign-in", &[("name", name), ("password", password)]).code(303);
        person
    }

    /// Sends anything: for programs with tokens. `GET` when there is no body.
    pub fn send(&self, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let address = format!("{}{path}", self.address);
        let mut answer = match body {
            None => {
                let request = headers.iter().fold(self.agent.get(&address), |request, (name, value)| request.header(*name, *value));
                request.call().unwrap()
            }
            Some(body) => {
                let request = headers.iter().fold(self.agent.post(&address), |request, (name, value)| request.header(*name, *value));
                request.send(body).unwrap()
            }
        };
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
            body: answer.body_mut().with_config().limit(256 << 20).read_to_vec().unwrap(),
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Person<'_> {
    /// Looks at a page; nobody is led on from it.
    pub fn get(&self, path: &str) -> Answer {
        self.send(path, None)
    }

    /// Sends a form, with the word against forms of other sites from the page that was looked at last.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        form.append_pair("csrf", &self.csrf.borrow());
        self.send(path, Some(form.finish()))
    }

    /// Sends a form, and goes where it leads.
    #[track_caller]
    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).code(303);
        self.get(answer.header("location").unwrap())
    }

    fn send(&self, path: &str, form: Option<String>) -> Answer {
        let cookie = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut headers = Vec::new();
        if !cookie.is_empty() {
            headers.push(("cookie", cookie.as_str()));
        }
        if form.is_some() {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let answer = self.board.send(path, &headers, form.as_deref().map(str::as_bytes));
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some((name, value)) = value.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(csrf) = answer.hidden("csrf") {
            *self.csrf.borrow_mut() = csrf;
        }
        answer
    }

    /// Reads in a language from now on: `en` or `zh`.
    pub fn reads(&self, lang: &str) {
        self.cookies.borrow_mut().insert("duly_lang".to_owned(), lang.to_owned());
    }
}

impl Answer {
    /// Refuses any other status.
    #[track_caller]
    pub fn code(self, expected: u16) -> Self {
        assert_eq!(self.status, expected, "{}", self.text());
        self
    }

    /// The body.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a form's hidden field.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))?;
        rest.split_once('"').map(|(value, _)| plain(value))
    }

    /// What a person reads: the main part of a page without its tags, blanks run together.
    pub fn words(&self) -> String {
        let text = self.text();
        let main = text.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).map_or(&*text, |(main, _)| main);
        let mut words = String::new();
        for part in main.split('<') {
            let shown = part.split_once('>').map_or("", |(_, shown)| shown);
            words.push_str(shown);
            words.push(' ');
        }
        plain(&words.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Refuses a page that does not say so.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.words().contains(text), "`{text}` is not said in: {}", self.words());
        self
    }

    /// Refuses a page that does say so.
    #[track_caller]
    pub fn says_not(self, text: &str) -> Self {
        assert!(!self.words().contains(text), "`{text}` is said in: {}", self.words());
        self
    }
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}
