//! From files to a policy set; every mistake of every file at once.

use std::sync::Arc;

use super::{
    alternatives::is_of_parent,
    calendar::Calendars,
    clauses::{Section, read_clauses},
    company::Company,
    derive::names_by_kind,
    digest::{Digest, Digester},
    header::{COUNTINGS, DAY_ENDS, POLICY_KEYS, label, read_kinds, read_parameters},
    links::arrange,
    set::{Edition, PolicySet},
    shared::Shared,
    sources::{Role, Source, Sources},
    template::read_text,
    vocabulary::{Kind, Vocabulary},
};
use crate::{
    atom::Symbols,
    diagnostic::{Diagnostic, Place, Problems, SourceFile, did_you_mean},
    lang::Text,
    script::engine,
    time::{Calendar, Instant, Span, Zone, parse_date},
    yaml::{self, Fields, Key, Kind as Shape, Node},
};

const SOURCE_KEYS: &[Key] = &[
    Key::required("document", "text", "the document", "文件"),
    Key::optional("issued", "date", "when it was issued", "发布日期"),
    Key::optional("title", "text", "its title", "文件名称"),
];

const ROLE_KEYS: &[Key] =
    &[Key::optional("en", "text", "its name", "英文名"), Key::optional("zh", "text", "its name in Chinese", "中文名")];

const REASON_KEYS: &[Key] = &[
    Key::required("covers", "list of ids", "the entries", "条目"),
    Key::required("reason", "text", "why no clause can check them", "无法检查的原因"),
];

/// Compiles a policy set.
///
/// # Errors
/// Everything that is wrong, in order of files and places.
pub fn compile(sources: &Sources, company: Company) -> Result<PolicySet, Vec<Diagnostic>> {
    let mut problems = Problems::default();
    let calendars = Calendars::read(sources.files.iter(), &mut problems);
    let mut vocabulary = Vocabulary::default();
    let mut org = company.org.clone();
    // Before the policies: what these say again of a kind or role is the vocabulary's to name.
    let shared = Shared::read(sources, &mut vocabulary, &mut org, &mut problems);
    let mut nodes: Vec<(&Source, Node)> = Vec::new();
    for source in sources.of(Role::Policy) {
        if let Some(node) = yaml::parse(&source.file, &mut problems) {
            if let Some(kinds) = node.get("kinds") {
                read_kinds(kinds, &mut vocabulary, &mut problems);
            }
            nodes.push((source, node));
        }
    }
    let kinds: Vec<Arc<Kind>> = vocabulary.kinds.iter().cloned().map(Arc::new).collect();
    let engine = Arc::new(engine());
    let symbols = Arc::new(Symbols::default());
    let mut editions = Vec::new();
    let mut drafts = Vec::new();
    for (source, node) in &nodes {
        let Some(fields) = Fields::read(node, POLICY_KEYS, &mut problems) else { continue };
        let Some(head) = Head::read(&fields, source, &calendars, &mut problems) else { continue };
        let mut roles = read_roles(fields.get("roles"), &mut org, &mut problems);
        roles.extend(shared.roles_of(&source.folder));
        let figure = |name: &str| company.parameters.get(&(head.id.clone(), name.to_owned())).cloned();
        let parameters = read_parameters(fields.get("parameters"), figure, head.zone, &mut problems);
        let names = names_by_kind(&fields, &kinds, &parameters, &engine, &symbols, head.zone, &mut problems);
        let scripts: Vec<(String, Arc<SourceFile>)> = sources
            .of(Role::Script)
            .filter(|script| script.folder == source.folder)
            .map(|script| (format!("scripts/{}", script.file.path.rsplit(['/', '\\']).next().unwrap_or("")), Arc::clone(&script.file)))
            .collect();
        let section = Section {
            policy: &head.id,
            kinds: &kinds,
            names: &names,
            engine: &engine,
            calendars: &calendars,
            calendar: &head.calendar,
            counting: fields.word("counting", COUNTINGS, &mut problems).unwrap_or_default(),
            day_end: fields.word("day_end", DAY_ENDS, &mut problems).unwrap_or_default(),
            roles: &roles,
            scripts: &scripts,
            parameters: &parameters,
            derive: fields.get("derive"),
            records: company.records.as_ref(),
        };
        for draft in read_clauses(fields.list("clauses"), &section, &mut problems) {
            drafts.push((editions.len(), draft));
        }
        editions.push(Edition {
            not_computable: read_reasons(&fields, &mut problems),
            longest_waiver: read_longest(fields.get("longest_waiver"), &mut problems),
            id: head.id,
            title: head.title,
            document: head.document,
            from: head.from,
            folder: source.folder.clone(),
            parameters,
            place: Place::start_of(&source.file),
        });
    }
    check_figures(&company, &editions, &mut problems);
    let (clauses, by_kind) = arrange(drafts, &editions, kinds.len(), &mut problems);
    let failed = problems.has_errors();
    let remarks = problems.into_sorted();
    if failed {
        return Err(remarks);
    }
    let hash = sources.hash();
    let common = common(shared.kinds().chain(nodes.iter().filter_map(|(_, node)| node.get("kinds"))), &company, &org);
    let uses_parents = nodes.iter().any(|(_, node)| asks_for_parents(node));
    Ok(PolicySet { vocabulary, kinds, editions, clauses, by_kind, symbols, company, org, uses_parents, remarks, common, hash })
}

/// The longest time for which a clause may be waived.
fn read_longest(node: Option<&Node>, problems: &mut Problems) -> Option<Span> {
    let node = node?;
    match Span::parse(node.expect_text(problems)?) {
        Ok(span) => Some(span),
        Err(error) => {
            problems.error("DU0105", &node.place, error.en, error.zh);
            None
        }
    }
}

/// What all clauses depend on: the kinds of cases, who holds which role, what is recorded.
fn common<'n>(kinds: impl Iterator<Item = &'n Node>, company: &Company, org: &super::org::Org) -> Digest {
    let mut digester = Digester::default();
    kinds.for_each(|kinds| {
        digester.node(kinds);
    });
    digester.text(&format!("{:?} {:?}", org.posts, company.records));
    digester.close()
}

/// Whether a matcher somewhere says `on: parent`, or `on: {parent: KIND}`.
fn asks_for_parents(node: &Node) -> bool {
    match &node.kind {
        Shape::Map(entries) => is_of_parent(node) || entries.iter().any(|(_, value)| asks_for_parents(value)),
        Shape::List(items) => items.iter().any(asks_for_parents),
        _ => false,
    }
}

struct Head {
    id: String,
    title: Text,
    document: String,
    from: Instant,
    calendar: Arc<Calendar>,
    zone: Zone,
}

impl Head {
    fn read(fields: &Fields<'_>, source: &Source, calendars: &Calendars, problems: &mut Problems) -> Option<Self> {
        let id = fields.text("policy", problems)?.to_owned();
        let folder = source.folder.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or("");
        if !folder.is_empty() && folder != "." && folder != id {
            let place = fields.get("policy").map_or(&fields.node.place, |node| &node.place).clone();
            problems.push(
                Diagnostic::warning(
                    "DU0106",
                    &place,
                    Text::new(format!("policy `{id}` stands in the folder `{folder}`"), format!("策略 `{id}` 位于文件夹 `{folder}`")),
                )
                .help(Some(Text::new("give both the same name", "请使两者同名"))),
            );
        }
        let calendar = match fields.get("calendar") {
            Some(node) => calendars.need(node, problems)?,
            None => Arc::new(Calendar::always(Zone::parse("Asia/Shanghai").unwrap_or(Zone::UTC))),
        };
        let zone = calendar.zone();
        let effective = fields.get("effective")?;
        let from = match parse_date(effective.expect_text(problems)?) {
            Ok(date) => zone.start_of(date),
            Err(error) => {
                problems.error("DU0105", &effective.place, error.en, error.zh);
                return None;
            }
        };
        let document = match fields.get("source") {
            Some(node) => {
                let inner = Fields::read(node, SOURCE_KEYS, problems)?;
                inner.text("document", problems).unwrap_or("").to_owned()
            }
            None => id.clone(),
        };
        let title = fields.get("title").and_then(|node| read_text(node, problems)).unwrap_or_else(|| Text::same(id.as_str()));
        Some(Self { id, title, document, from, calendar, zone })
    }
}

/// The roles of a policy or a vocabulary; what they are called is kept where it was not known.
pub(super) fn read_roles(node: Option<&Node>, org: &mut super::org::Org, problems: &mut Problems) -> Vec<String> {
    let mut roles = Vec::new();
    for (name, what) in node.map_or(&[][..], |node| node.expect_map(problems)) {
        let Some(id) = name.expect_text(problems) else { continue };
        if let Some(inner) = Fields::read(what, ROLE_KEYS, problems) {
            let text = label(&inner, id, problems);
            org.labels.entry(id.to_owned()).or_insert(text);
        }
        roles.push(id.to_owned());
    }
    roles
}

fn read_reasons(fields: &Fields<'_>, problems: &mut Problems) -> Vec<(Vec<String>, Text)> {
    let mut list = Vec::new();
    for item in fields.list("not_computable") {
        let Some(inner) = Fields::read(item, REASON_KEYS, problems) else { continue };
        let covers = inner.list("covers").iter().filter_map(Node::text).map(str::to_owned).collect();
        if let Some(reason) = inner.get("reason").and_then(|node| read_text(node, problems)) {
            list.push((covers, reason));
        }
    }
    list
}

/// Figures that the company sets must exist.
fn check_figures(company: &Company, editions: &[Edition], problems: &mut Problems) {
    for ((policy, name), node) in &company.parameters {
        let of_policy: Vec<&Edition> = editions.iter().filter(|edition| edition.id == *policy).collect();
        if of_policy.is_empty() {
            continue;
        }
        let known: Vec<&str> = of_policy.iter().flat_map(|edition| &edition.parameters).map(|parameter| parameter.name.as_str()).collect();
        if !known.contains(&name.as_str()) {
            problems.error_with_help(
                "DU0406",
                &node.place,
                Text::new(format!("policy `{policy}` has no parameter `{name}`"), format!("策略 `{policy}` 没有参数 `{name}`")),
                did_you_mean(name, known.iter().copied()),
            );
        }
    }
}
