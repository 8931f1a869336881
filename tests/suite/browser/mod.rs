//! The board in a real browser, as people use it.

mod driver;
mod stories;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use crate::sandbox::Sandbox;

/// The sample company's board, as `duly demo --serve` has it; it ends with this value.
pub struct Demo {
    child: Child,
    site: String,
    password: String,
    _sandbox: Sandbox,
}

impl Demo {
    fn start() -> Self {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command(&["demo", "--serve", "--listen", "127.0.0.1:0", "--lang", "en"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let site = lines.find_map(|line| {
            line.split_whitespace().find(|word| word.starts_with("http://")).map(|word| word.trim_end_matches('/').to_owned())
        });
        let password = lines.find_map(|line| line.rsplit_once("for all of them: ").map(|(_, password)| password.to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            site: site.expect("the demo says its address"),
            password: password.expect("the demo says its password"),
            _sandbox: sandbox,
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
