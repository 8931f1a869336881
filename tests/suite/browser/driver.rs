//! A real browser: Debian's Chromium, driven through ChromeDriver by the WebDriver protocol (W3C, "WebDriver Level 2").

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// The key of an element in answers, as the protocol names it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that are no letters.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const SPACE: &str = "\u{e00d}";

/// A window of a browser; it closes with this value.
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
    /// The board's address.
    pub site: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Installs what is missing, once.
fn prepare() {
    static READY: Once = Once::new();
    READY.call_once(|| {
        let done = Command::new("bash").arg(root().join("tests/browser.sh")).output().unwrap();
        assert!(done.status.success(), "tests/browser.sh: {}", String::from_utf8_lossy(&done.stderr));
    });
}

impl Browser {
    /// Opens a window of so many pixels.
    pub fn open(site: &str, width: u32, height: u32) -> Self {
        prepare();
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.strip_suffix('.').and_then(|line| line.rsplit_once("started successfully on port ")).map(|(_, port)| port.to_owned())
        });
        std::thread::spawn(move || lines.for_each(drop));
        let port = port.expect("ChromeDriver says its port");
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(90))).build().into();
        let mut browser = Self { driver, session: format!("http://127.0.0.1:{port}/session"), agent, site: site.to_owned() };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-device-scale-factor=1",
            "--hide-scrollbars",
            "--lang=en",
        ];
        let mut options = json!({"args": arguments});
        // A window is at least 500 pixels wide; a phone is narrower.
        if width < 500 {
            options["mobileEmulation"] = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.0}});
        }
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let made = browser.call("POST", "", &wanted);
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().unwrap());
        if width >= 500 {
            browser.call("POST", "/window/rect", &json!({"width": width, "height": height}));
        }
        browser
    }

    fn try_call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let address = format!("{}{path}", self.session);
        let answer = match method {
            "GET" => self.agent.get(&address).call(),
            "DELETE" => self.agent.delete(&address).call(),
            _ => self.agent.post(&address).send_json(body),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().map_err(|error| error.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if answer.status().is_success() {
            Ok(value["value"].clone())
        } else {
            Err(value["value"]["message"].as_str().unwrap_or(&text).to_owned())
        }
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_call(method, path, body).unwrap_or_else(|error| panic!("{method} {path} {body}: {error}"))
    }

    /// Goes to a path of the board.
    #[track_caller]
    pub fn go(&self, path: &str) {
        self.call("POST", "/url", &json!({"url": format!("{}{path}", self.site)}));
    }

    /// The path and query of the page.
    #[track_caller]
    pub fn path(&self) -> String {
        let at = self.call("GET", "/url", &Value::Null);
        at.as_str().unwrap().strip_prefix(&self.site).unwrap_or_default().to_owned()
    }

    /// The element that a CSS selector names; it is waited for.
    #[track_caller]
    fn find(&self, css: &str) -> String {
        let began = Instant::now();
        loop {
            match self.try_call("POST", "/element", &json!({"using": "css selector", "value": css})) {
                Ok(found) => return found[ELEMENT].as_str().unwrap().to_owned(),
                Err(error) if began.elapsed() > PATIENCE => panic!("`{css}` is not on {}: {error}\n{}", self.path(), self.text("body")),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// What an element says.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        let began = Instant::now();
        // A part of the page may be put in place anew while it is looked at.
        loop {
            let element = self.find(css);
            match self.try_call("GET", &format!("/element/{element}/text"), &Value::Null) {
                Ok(text) => return text.as_str().unwrap().to_owned(),
                Err(error) => assert!(began.elapsed() < PATIENCE, "{css}: {error}"),
            }
        }
    }

    /// Clicks; a page that is led to is there afterwards.
    #[track_caller]
    pub fn click(&self, css: &str) {
        let began = Instant::now();
        loop {
            let element = self.find(css);
            match self.try_call("POST", &format!("/element/{element}/click"), &json!({})) {
                Ok(_) => return,
                Err(error) => assert!(began.elapsed() < PATIENCE, "{css}: {error}"),
            }
        }
    }

    /// Writes into a field.
    #[track_caller]
    pub fn write(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.call("POST", &format!("/element/{element}/clear"), &json!({}));
        self.call("POST", &format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Chooses what a list shows, by its value.
    #[track_caller]
    pub fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value='{value}']"));
    }

    /// Presses keys, wherever the focus is.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key.to_string()}), json!({"type": "keyUp", "value": key.to_string()})])
            .collect();
        self.call("POST", "/actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}));
    }

    /// What a script gives.
    #[track_caller]
    pub fn script(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until a script gives true.
    #[track_caller]
    pub fn wait(&self, condition: &str) {
        let began = Instant::now();
        while self.script(&format!("return Boolean({condition})")) != true {
            assert!(began.elapsed() < PATIENCE, "`{condition}` does not come true on {}:\n{}", self.path(), self.text("body"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Moves the focus with the tabulator until it is where a selector says.
    #[track_caller]
    pub fn tab_to(&self, css: &str) {
        for _ in 0..400 {
            if self.script(&format!("return document.activeElement.matches({})", Value::from(css))) == true {
                return;
            }
            self.press(TAB);
        }
        panic!("the tabulator does not lead to `{css}`");
    }

    /// Signs in.
    #[track_caller]
    pub fn sign_in(&self, name: &str, password: &str) {
        self.go("/sign-in");
        self.write("input[name=name]", name);
        self.write("input[name=password]", password);
        self.click("main button.main");
        self.wait("document.querySelector('header .me')");
    }

    /// What axe finds on a page.
    #[track_caller]
    pub fn hurdles_of(&self, path: &str) -> Vec<String> {
        self.go(path);
        self.hurdles()
    }

    /// What axe finds that is serious: the rule, and the first element.
    #[track_caller]
    pub fn hurdles(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(root().join("target/axe/axe.min.js")).unwrap();
        self.call("POST", "/execute/sync", &json!({"script": axe, "args": []}));
        let script = "const done = arguments[arguments.length - 1]; axe.run().then((found) => done(found.violations), (error) => done([{id: String(error), impact: 'critical', nodes: []}]));";
        let found = self.call("POST", "/execute/async", &json!({"script": script, "args": []}));
        let serious = |one: &&Value| matches!(one["impact"].as_str(), Some("serious" | "critical"));
        found.as_array().unwrap().iter().filter(serious).map(|one| format!("{}: {}", one["id"], one["nodes"][0]["html"])).collect()
    }

    /// Takes a picture of the window, into `target/screenshots`.
    #[track_caller]
    pub fn picture(&self, name: &str) {
        let folder = root().join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.call("GET", "/screenshot", &Value::Null);
        std::fs::write(folder.join(format!("{name}.png")), STANDARD.decode(picture.as_str().unwrap()).unwrap()).unwrap();
    }

    /// Every address that the page asked for.
    #[track_caller]
    pub fn asked_for(&self) -> Vec<String> {
        let list = self.script("return performance.getEntriesByType('resource').map((entry) => entry.name)");
        list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.try_call("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
