//! Servers that fail on purpose, on this machine: one that takes mail, one that takes HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a server does with a request, in the order of requests; the last one goes on.
#[derive(Clone, Debug)]
pub enum Does {
    /// Takes it.
    Takes,
    /// Answers with a status (of HTTP, or of SMTP after the text of the mail) and a body.
    Answers(u16, &'static str),
    /// Takes it and hangs up before it has answered.
    HangsUp,
    /// Takes it, and answers after a while.
    Lingers(Duration),
}

/// What came.
#[derive(Clone, Debug)]
pub struct Came {
    /// Request line and headers, or the commands of a mail.
    pub head: String,
    /// What followed.
    pub body: String,
}

impl Came {
    /// The value of a header; of a mail, of one in its text.
    pub fn header(&self, name: &str) -> String {
        let lines = self.head.lines().chain(self.body.lines());
        let found = lines.filter_map(|line| line.split_once(':')).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub struct Fake {
    pub port: u16,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Fake {
    /// A web server.
    pub fn http(plan: &[Does]) -> Self {
        Self::serve(plan, http)
    }

    /// A mail server.
    pub fn smtp(plan: &[Does]) -> Self {
        Self::serve(plan, smtp)
    }

    fn serve(plan: &[Does], talk: fn(TcpStream, &mut dyn FnMut(Came) -> Does)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (plan, list) = (plan.to_vec(), Arc::clone(&came));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (plan, list) = (plan.clone(), Arc::clone(&list));
                // One that lingers must not keep the next one waiting.
                std::thread::spawn(move || {
                    talk(stream, &mut |came| {
                        let mut list = list.lock().unwrap();
                        list.push(came);
                        plan.get(list.len() - 1).or(plan.last()).cloned().unwrap_or(Does::Takes)
                    });
                });
            }
        });
        Self { port, came }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// All that came so far.
    pub fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }
}

fn http(mut stream: TcpStream, does: &mut dyn FnMut(Came) -> Does) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let length = head.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, value)| value.trim().parse().unwrap())];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let (status, text) = match does(Came { head, body: String::from_utf8(body).unwrap() }) {
        Does::Takes => (200, r#"{"errcode":0,"code":0,"errmsg":"ok"}"#),
        Does::Answers(status, text) => (status, text),
        Does::HangsUp => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"err");
            return;
        }
        Does::Lingers(time) => {
            std::thread::sleep(time);
            (200, r#"{"errcode":0,"code":0}"#)
        }
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}

fn smtp(mut stream: TcpStream, does: &mut dyn FnMut(Came) -> Does) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    let _ = stream.write_all(b"220 fake ESMTP\r\n");
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let word = line.get(..4).unwrap_or("").to_ascii_uppercase();
        head.push_str(&line);
        let answer: String = match word.as_str() {
            "EHLO" => "250-fake\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n".to_owned(),
            "DATA" => {
                let _ = stream.write_all(b"354 go on\r\n");
                let mut body = String::new();
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    body.push_str(&line);
                }
                match does(Came { head: std::mem::take(&mut head), body }) {
                    Does::Takes => "250 taken\r\n".to_owned(),
                    Does::Answers(status, text) => format!("{status} {text}\r\n"),
                    Does::HangsUp => return,
                    Does::Lingers(time) => {
                        std::thread::sleep(time);
                        "250 taken\r\n".to_owned()
                    }
                }
            }
            "QUIT" => {
                let _ = stream.write_all(b"221 bye\r\n");
                return;
            }
            _ => "250 ok\r\n".to_owned(),
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
