//! A program at the board: it shows its token, and holds every answer against the description of the API.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    board_client::{Answer, Board, account},
    json_schema,
    sandbox::Sandbox,
};

/// The present of the boards that are tested.
pub const NOON: &str = "2026-03-03T12:00:00+08:00";

/// A company with two policies and two sites, cases C-1 (met), C-2 (overdue), V-1 at north and V-2 at south (both overdue), and an account of each
/// rank: `vera` looks, `sun` and `shi` supervise, `olga` is the officer, `adam` the administrator; `nora` supervises north, `cleo` complaints.
pub fn company() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&["init"]).code(0);
    sandbox.write(
        "policies/visits/policy.yaml",
        r#"policy: visits
title: {en: Visits, zh: 巡检}
effective: 2026-01-01
calendar: china-office
kinds:
  visit:
    en: visit
    zh: 巡检
    facts:
      site: {type: text, en: site, zh: 地点}
      cost: {type: decimal, en: cost, zh: 费用}
    events:
      ordered: {en: ordered, zh: 下达}
      made: {en: made, zh: 完成, data: {note: {type: text, en: note, zh: 备注}}}
roles:
  inspector: {en: inspector, zh: 巡检员}
clauses:
  - id: "1"
    title: {en: Visit within a day, zh: 一日内巡检}
    for: visit
    owner: inspector
    severity: critical
    deadline: {after: ordered, expect: made, within: 24h}
"#,
    );
    sandbox.write("duly.yaml", "workspace: test\nzone: Asia/Shanghai\npolicies: [policies]\nroles:\n  service-desk: {people: [lin, chen]}\n  inspector: {people: [wu]}\n");
    sandbox.write(
        "visits.jsonl",
        r#"{"case":"V-1","kind":"visit","facts":{"site":"north"},"events":[{"id":"o1","type":"ordered","at":"2026-03-01T09:00:00+08:00"}]}
{"case":"V-2","kind":"visit","facts":{"site":"south"},"events":[{"id":"o1","type":"ordered","at":"2026-03-01T10:00:00+08:00"}]}
"#,
    );
    sandbox.run(&["lint"]).code(0);
    sandbox.run(&["import", "cases.jsonl", "visits.jsonl"]).code(0);
    sandbox.run(&["nightly", "--as-of", "2026-03-03T06:00"]).code(0);
    for (name, rank, more) in [
        ("vera", "viewer", &[][..]),
        ("sun", "supervisor", &[]),
        ("shi", "supervisor", &[]),
        ("olga", "officer", &[]),
        ("adam", "admin", &[]),
        ("nora", "supervisor", &["--site", "north"]),
        ("cleo", "supervisor", &["--policy", "complaints"]),
    ] {
        account(&sandbox, name, rank, more);
    }
    sandbox
}

/// A token of an account.
pub fn token(sandbox: &Sandbox, name: &str) -> String {
    sandbox.run(&["user", "token", name, "--label", "test"]).code(0).stdout.trim().to_owned()
}

/// The description that is checked in.
pub fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A program.
pub struct Program<'b> {
    board: &'b Board,
    agent: ureq::Agent,
    document: Value,
    token: Option<String>,
}

impl<'b> Program<'b> {
    pub fn new(board: &'b Board, token: Option<&str>) -> Self {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(Duration::from_secs(60)));
        Self { board, agent: config.build().into(), document: document(), token: token.map(str::to_owned) }
    }

    /// Sends anything; the answer is as it is described.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.board.address));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = match method {
            "GET" => self.agent.run(request.body(()).unwrap()),
            _ => self.agent.run(request.body(body).unwrap()),
        }
        .unwrap();
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let answer = Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
            body: answer.body_mut().read_to_vec().unwrap(),
        };
        self.described(method, path, &answer);
        answer
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let answer = self.send("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes());
        if matches!(answer.status, 200 | 201) {
            // What is taken is as it is described, too.
            let operation = self.operation("POST", path);
            if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
                json_schema::check(schema, body, &self.document).unwrap_or_else(|why| panic!("{path}: {why}"));
            }
        }
        answer
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    fn operation(&self, method: &str, path: &str) -> &Value {
        let path = path.split('?').next().unwrap();
        let fits = |known: &str| {
            known.split('/').count() == path.split('/').count()
                && known.split('/').zip(path.split('/')).all(|(known, part)| known == part || known.starts_with('{'))
        };
        let paths = self.document["paths"].as_object().unwrap();
        let exact = paths.get(path).or_else(|| paths.iter().find(|(known, _)| fits(known)).map(|(_, operations)| operations));
        exact.and_then(|operations| operations.get(method.to_lowercase())).unwrap_or(&Value::Null)
    }

    #[track_caller]
    fn described(&self, method: &str, path: &str, answer: &Answer) {
        let operation = self.operation(method, path);
        if operation.is_null() {
            assert!(matches!(answer.status, 404 | 405), "{method} {path} is not described");
            return;
        }
        let responses = &operation["responses"];
        let told = responses.get(answer.status.to_string()).unwrap_or(&responses["default"]);
        let told = told["$ref"].as_str().map_or(told, |path| self.document.pointer(path.trim_start_matches('#')).unwrap());
        let content = answer.header("content-type").unwrap_or("").split(';').next().unwrap().to_owned();
        let schema = told["content"].get(&content).map(|content| &content["schema"]);
        let schema = schema.unwrap_or_else(|| panic!("{method} {path}: {} {content} is not described: {}", answer.status, answer.text()));
        let values: Vec<Value> = match content.as_str() {
            "application/jsonl" => answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            content if content.ends_with("json") => vec![answer.json()],
            _ => vec![json!(answer.text())],
        };
        for value in values {
            json_schema::check(schema, &value, &self.document).unwrap_or_else(|why| panic!("{method} {path}: {why}\n{value}"));
        }
    }

    /// Looks at the stream of changes; gives lines as they come.
    pub fn watch(&self) -> impl Iterator<Item = String> + use<> {
        let address = self.board.address.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let token = self.token.as_deref().unwrap_or("");
        write!(stream, "GET /live HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n").unwrap();
        BufReader::new(stream).lines().map_while(Result::ok)
    }
}
