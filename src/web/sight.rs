//! What an account may see of cases: its policies and its sites.

use crate::{
    account::Account,
    app::board::{Board, site_of_record},
    case::CaseRecord,
    policy::PolicySet,
    store::FindingKey,
};

/// Whether somebody sees cases of a kind: one of their policies has a clause for it, or they see all policies.
pub fn sees_kind(account: &Account, set: &PolicySet, kind: &str) -> bool {
    if account.scope.policies.is_empty() {
        return true;
    }
    let kind = set.kind(kind).map(|(index, _)| index);
    let clauses = kind.and_then(|kind| set.by_kind.get(kind)).into_iter().flatten();
    clauses.filter_map(|index| set.clauses.get(*index)).any(|clause| account.scope.has_policy(&clause.properties.policy))
}

/// Whether somebody sees a case: its kind, and its site.
pub fn sees(account: &Account, set: &PolicySet, record: &CaseRecord) -> bool {
    let at_site = || account.scope.sites.is_empty() || account.scope.has_site(site_of_record(record, set).as_deref());
    sees_kind(account, set, &record.kind) && at_site()
}

/// Whether somebody sees what a clause asks.
pub fn sees_clause(account: &Account, clause: &str) -> bool {
    account.scope.has_policy(clause.split('/').next().unwrap_or(""))
}

/// Whether somebody sees a finding: its policy, and the site that the board has for its case.
pub fn sees_row(board: &Board, account: &Account, key: &FindingKey) -> bool {
    sees_duty(board, account, key.case.as_deref(), &key.clause)
}

/// Whether somebody sees what a clause asks of a case, or of many where none is named.
pub fn sees_duty(board: &Board, account: &Account, case: Option<&str>, clause: &str) -> bool {
    let site = || case.and_then(|case| board.of_case(case).find_map(|item| item.site)).map(|site| board.sites.name(site));
    sees_clause(account, clause) && (account.scope.sites.is_empty() || account.scope.has_site(site()))
}
