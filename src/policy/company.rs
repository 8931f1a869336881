//! What a company says about itself in its workspace (`duly.yaml`): what it records, who holds which role, its own figures.

use std::{collections::BTreeMap, sync::Arc};

use super::org::{Org, Post};
use crate::{
    diagnostic::{Problems, SourceFile},
    time::{Instant, Zone},
    yaml::{self, Fields, Key, Kind, Node},
};

/// Keys of a workspace file.
pub const KEYS: &[Key] = &[
    Key::optional("workspace", "name", "what the workspace is called", "工作区名称"),
    Key::optional("zone", "time zone", "for times without offset where no calendar says otherwise", "默认时区"),
    Key::optional("policies", "list of folders", "where the policies are (default: policies)", "策略文件夹（默认 policies）"),
    Key::optional(
        "records",
        "{kind: {facts, events} or all}",
        "what the company records; left out: everything",
        "公司记录的内容；省略则为全部",
    ),
    Key::optional("roles", "{role: {people, deputies}}", "who holds which role", "角色的担任者"),
    Key::optional(
        "sites",
        "list of facts",
        "facts that name a case's site, the first that is given counting (default: site, station, department)",
        "指明个案地点的事实，取首个已填者（默认 site、station、department）",
    ),
    Key::optional("parameters", "{policy: {parameter: value}}", "the company's own figures", "公司自定的数值"),
];

const ROLE_KEYS: &[Key] = &[
    Key::optional("people", "list of people", "who holds it", "担任者"),
    Key::optional("deputies", "list of people", "who stands in", "代理人"),
];

const POST_KEYS: &[Key] = &[
    Key::required("person", "name", "the person", "人员"),
    Key::optional("from", "date", "from when", "起"),
    Key::optional("until", "date", "until when", "止"),
];

const RECORD_KEYS: &[Key] = &[
    Key::optional("facts", "list of facts, or all", "recorded facts", "所记录的事实"),
    Key::optional("events", "list of events, or all", "recorded events", "所记录的事件"),
];

/// Which facts or events of a kind are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// All of them.
    All,
    /// These.
    These(Vec<String>),
}

impl Recorded {
    /// Whether one is.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(list) => list.iter().any(|known| known == name),
        }
    }
}

/// What a company says about itself.
#[derive(Clone, Debug, Default)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// The zone of times without offset.
    pub zone: Option<Zone>,
    /// Folders of policies, relative to the workspace.
    pub policies: Vec<String>,
    /// By kind, its facts and events; `None` when everything is recorded.
    pub records: Option<BTreeMap<String, (Recorded, Recorded)>>,
    /// Who holds which role.
    pub org: Org,
    /// Facts that name a case's site; empty when nothing is said.
    pub sites: Vec<String>,
    /// Figures, by policy and name: the node of the value.
    pub parameters: BTreeMap<(String, String), Node>,
    /// The text, for the content hash.
    pub text: String,
}

impl Company {
    /// Reads `duly.yaml`.
    pub fn read(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Self> {
        let node = yaml::parse(file, problems)?;
        let fields = Fields::read(&node, KEYS, problems)?;
        let zone = match fields.get("zone") {
            Some(node) => match Zone::parse(node.text().unwrap_or("")) {
                Ok(zone) => Some(zone),
                Err(error) => {
                    problems.error("DU0105", &node.place, error.en, error.zh);
                    None
                }
            },
            None => None,
        };
        let mut company = Self {
            name: fields.text("workspace", problems).unwrap_or("").to_owned(),
            zone,
            policies: fields.list("policies").iter().filter_map(|node| node.expect_text(problems).map(str::to_owned)).collect(),
            sites: fields.list("sites").iter().filter_map(|node| node.expect_text(problems).map(str::to_owned)).collect(),
            text: file.text.clone(),
            ..Self::default()
        };
        if let Some(records) = fields.get("records") {
            company.records = Some(read_records(records, problems));
        }
        if let Some(roles) = fields.get("roles") {
            for (role, holders) in roles.expect_map(problems) {
                company.read_role(role.text().unwrap_or(""), holders, problems);
            }
        }
        if let Some(parameters) = fields.get("parameters") {
            for (policy, figures) in parameters.expect_map(problems) {
                for (name, value) in figures.expect_map(problems) {
                    let key = (policy.text().unwrap_or("").to_owned(), name.text().unwrap_or("").to_owned());
                    company.parameters.insert(key, value.clone());
                }
            }
        }
        Some(company)
    }

    /// Adds the people of a role, as a workspace or a test writes them.
    pub fn read_role(&mut self, role: &str, node: &Node, problems: &mut Problems) {
        match &node.kind {
            Kind::Map(_) => {
                let Some(fields) = Fields::read(node, ROLE_KEYS, problems) else { return };
                self.read_posts(role, fields.list("people"), false, problems);
                self.read_posts(role, fields.list("deputies"), true, problems);
            }
            _ => self.read_posts(role, node.items(), false, problems),
        }
    }

    /// Adds people to a role.
    pub fn read_posts(&mut self, role: &str, nodes: &[Node], deputy: bool, problems: &mut Problems) {
        let zone = self.zone.unwrap_or(Zone::UTC);
        for node in nodes {
            let mut post = Post { role: role.to_owned(), person: String::new(), deputy, from: None, until: None };
            if let Some(name) = node.text() {
                name.clone_into(&mut post.person);
            } else {
                let Some(fields) = Fields::read(node, POST_KEYS, problems) else { continue };
                fields.text("person", problems).unwrap_or("").clone_into(&mut post.person);
                let mut instant = |name: &str| {
                    let node = fields.get(name)?;
                    Instant::parse(node.text().unwrap_or(""), zone)
                        .map_err(|error| problems.error("DU0105", &node.place, error.en, error.zh))
                        .ok()
                };
                post.from = instant("from");
                post.until = instant("until");
            }
            self.org.posts.push(post);
        }
    }
}

fn read_records(node: &Node, problems: &mut Problems) -> BTreeMap<String, (Recorded, Recorded)> {
    let mut map = BTreeMap::new();
    for (kind, what) in node.expect_map(problems) {
        let name = kind.text().unwrap_or("").to_owned();
        if what.text() == Some("all") {
            map.insert(name, (Recorded::All, Recorded::All));
            continue;
        }
        let Some(fields) = Fields::read(what, RECORD_KEYS, problems) else { continue };
        let list = |key: &str| match fields.get(key) {
            Some(node) if node.text() == Some("all") => Recorded::All,
            Some(node) => Recorded::These(node.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect()),
            None => Recorded::These(Vec::new()),
        };
        map.insert(name, (list("facts"), list("events")));
    }
    map
}
