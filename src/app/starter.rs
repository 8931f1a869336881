//! The files of a new workspace, and those of the sample company.

use crate::sample;

/// A file: its path in the workspace, and its text.
pub type File = (&'static str, &'static str);

/// A file of the repository's policies.
macro_rules! bundled {
    ($path:literal) => {
        (concat!("policies/", $path), include_str!(concat!("../../policies/", $path)))
    };
}

/// The policies of the sample company, as its workspace has them: of the bundled documents all but `sales-delivery`, whose warehouse inspects
/// goods that `delivery-regulation` lets nobody but the quality department inspect; and house rules.
pub const COMPANY: &[File] = &[
    bundled!("calendars/china.yaml"),
    bundled!("calendars/china-office.yaml"),
    bundled!("vocabulary.yaml"),
    bundled!("aluminium-profiles/policy.yaml"),
    bundled!("building-warranty/policy.yaml"),
    bundled!("car-workshop/policy.yaml"),
    bundled!("complaint-handling/policy.yaml"),
    bundled!("console-repair/policy.yaml"),
    bundled!("delivery-norm-a/policy.yaml"),
    bundled!("delivery-norm-b/policy.yaml"),
    bundled!("delivery-norm-c/policy.yaml"),
    bundled!("delivery-regulation/policy.yaml"),
    bundled!("delivery-system/policy.yaml"),
    bundled!("field-service/policy.yaml"),
    bundled!("gas-network/policy.yaml"),
    bundled!("information-desk/policy.yaml"),
    bundled!("medical-devices/policy.yaml"),
    bundled!("post-delivery-control/policy.yaml"),
    bundled!("power-after-sales/policy.yaml"),
    bundled!("precast-after-sales/policy.yaml"),
    bundled!("property-sales/policy.yaml"),
    bundled!("repair-dispatch/policy.yaml"),
    bundled!("sales-logistics/policy.yaml"),
    bundled!("security-systems/policy.yaml"),
    bundled!("service-control/policy.yaml"),
    bundled!("service-director/policy.yaml"),
    bundled!("supply-service/policy.yaml"),
    bundled!("warehouse/policy.yaml"),
    ("policies/house-rules/policy.yaml", include_str!("../../examples/house-rules/policy.yaml")),
    ("policies/house-rules/scripts/lending.rhai", include_str!("../../examples/house-rules/scripts/lending.rhai")),
    ("policies/house-rules/tests/boxes.yaml", include_str!("../../examples/house-rules/tests/boxes.yaml")),
];

/// Cases for the house rules, which the generator does not make.
pub const BOXES: &str = include_str!("../../examples/house-rules/boxes.jsonl");

/// A vocabulary and a policy to start from.
pub const STARTER: &[File] = &[
    (
        "policies/vocabulary.yaml",
        r"# The kinds of cases and the roles of which all policies of this folder may speak.
vocabulary: my-company
title: {en: What the rules speak of, zh: 规则所用词汇}

roles:
  service-desk: {en: service desk, zh: 客服}

kinds:
  complaint:
    en: complaint
    zh: 投诉
    ends: [closed]
    facts:
      grade: {type: text, en: grade, zh: 级别, values: {general: {en: general, zh: 一般}, serious: {en: serious, zh: 严重}}}
    events:
      received: {en: received, zh: 收到}
      answered: {en: answered, zh: 答复}
      closed: {en: closed, zh: 办结}
",
    ),
    (
        "policies/complaints/policy.yaml",
        r#"# A first policy: answer complaints in time. `duly lint` checks it, `duly test` runs its tests, `duly help deadline` explains the form.
policy: complaints
title: {en: Complaints, zh: 投诉处理}
effective: 2026-01-01
calendar: china-office

clauses:
  - id: "1"
    title: {en: Answer in time, zh: 及时答复}
    says: {en: A complaint is answered within 24 hours; a serious one within 4 working hours., zh: 投诉须在24小时内答复；严重投诉须在4个工作小时内答复。}
    for: complaint
    owner: service-desk
    deadline:
      after: received
      expect: answered
      within: {select: grade, rows: {general: 24h, serious: 4 working hours}}
    next: {en: "Answer the {grade} complaint", zh: "答复{grade}投诉"}
"#,
    ),
    (
        "policies/complaints/tests/answers.yaml",
        r#"tests:
  - name: answered in time, and not
    case: {kind: complaint, facts: {grade: general}}
    events:
      - {at: "2026-03-02T09:00", type: received}
    expect:
      - {at: "2026-03-03T08:59", clause: "1", state: due_soon, due: "2026-03-03T09:00", next: {role: service-desk}}
      - {at: "2026-03-03T09:01", clause: "1", state: overdue, overdue_by: PT1M}
"#,
    ),
    (
        "cases.jsonl",
        r#"{"case":"C-1","kind":"complaint","facts":{"grade":"general"},"events":[{"type":"received","at":"2026-03-02T09:00:00+08:00","by":"lin","role":"service-desk"},{"type":"answered","at":"2026-03-02T15:00:00+08:00","by":"lin"}]}
{"case":"C-2","kind":"complaint","facts":{"grade":"serious"},"events":[{"type":"received","at":"2026-03-02T16:00:00+08:00","by":"chen","role":"service-desk"}]}
"#,
    ),
];

/// The workspace file of a new workspace.
pub const WORKSPACE: &str = r"# What the company says about itself. `duly lint` checks this file too.
workspace: my-company
zone: Asia/Shanghai
policies: [policies]

# Who holds which role, and who stands in (dates are optional):
# roles:
#   service-desk: {people: [lin, chen], deputies: [{person: zhao, from: 2026-01-01, until: 2026-02-01}]}

# The company's own figures, where a policy leaves them open:
# parameters:
#   complaints: {answer_within: 8h}

# What is recorded; clauses that need anything else are not judged. Left out: everything.
# records:
#   complaint: {facts: all, events: [received, answered, closed]}
";

/// The workspace file of the sample company: its people, and what it records.
#[must_use]
pub fn company() -> String {
    let mut text = String::from("workspace: duly-demo\nzone: Asia/Shanghai\npolicies: [policies]\n\nroles:\n");
    for (role, people) in sample::people() {
        text.push_str(&format!("  {role}: {{people: [{}]}}\n", people.join(", ")));
    }
    text.push_str("\n# Of some kinds the documents speak in ways that do not go together: there the company keeps what is named here, and clauses\n# that need more are not judged (`duly lint` lists them).\nrecords:\n  archive-box: all\n");
    for (kind, only) in sample::recorded() {
        match only {
            None => text.push_str(&format!("  {kind}: all\n")),
            Some((facts, events)) => {
                text.push_str(&format!("  {kind}:\n    facts: [{}]\n    events: [{}]\n", facts.join(", "), events.join(", ")));
            }
        }
    }
    text
}
