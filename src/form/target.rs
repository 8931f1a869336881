//! A share or a mean over a population in a period.
//!
//! Members are events (`of`), or the obligations of another clause (`clause`: good when met in time). The share of those for which `good` holds, or
//! the `mean` of a number, must reach the level. Waived and undetermined members stand outside and are counted beside. An empty share leaves no
//! obligation.
//!
//! States: pending until the period ends, then met or breached; breached earlier when `size` says that a share can no longer be reached.
//!
//! Example: `target: {per: year, of: surveyed, good: data.score >= 4, at_least: 95}`
//!
//! # 中文
//! 一个周期内总体的比例或平均值。
//!
//! 成员为事件（`of`），或另一条款的义务（`clause`，按时完成为合格）。满足 `good` 的比例，或某数的平均值 `mean`，须达到目标。豁免与待定的成员不计入比例，另行列出。没有成员则无义务。
//!
//! 状态：周期结束前为未到期，之后为达成或违反；若由 `size` 可知比例已不可能达到，则提前为违反。
//!
//! 示例：`target: {per: year, of: surveyed, good: data.score >= 4, at_least: 95}`

use rust_decimal::Decimal;

use super::{
    Applies, Ask, Form, FormReader, Outcome, Rule,
    grid::{UNITS, Unit},
    limit::{counting, group_of, period_of},
    threshold::Bounds,
};
use crate::{
    lang::Text,
    policy::{lookup::Lookup, matcher::Matcher},
    population::{Close, Conclusion, Member, Population, Share, Standing, Tally},
    script::Expr,
    time::Due,
    value::Type,
    yaml::{Fields, Key},
};

pub(super) const FORM: Form = Form { name: "target", title: ("target", "指标"), keys: KEYS, source: include_str!("target.rs"), read };

const KEYS: &[Key] = &[
    Key::required("per", "week | month | quarter | half-year | year", "the period", "周期"),
    Key::optional("group", "=expression", "a share for each value of this", "分组"),
    Key::optional("of", "matcher", "the members: one for each such event", "成员：每个此类事件一个"),
    Key::optional("clause", "clause id", "the members: the obligations of this clause", "成员：该条款的义务"),
    Key::optional("good", "expression", "for which members it is well", "何为合格"),
    Key::optional("mean", "=number", "the mean of this", "取其平均值"),
    Key::optional("at_least", "percent or number", "the level to reach", "须达到"),
    Key::optional("at_most", "percent or number", "the level not to pass", "不得超过"),
    Key::optional("minimum_members", "whole number", "fewer members leave no obligation", "成员少于此数则无义务"),
    Key::optional("size", "=number", "how many members there will be", "预定成员总数"),
];

#[derive(Debug)]
enum Members {
    Events { of: Matcher, good: Option<Expr>, mean: Option<Expr> },
    Clause(String),
}

#[derive(Debug)]
struct Target {
    unit: Unit,
    group: Option<Expr>,
    members: Members,
    bounds: Bounds,
    lower: bool,
    minimum: usize,
    size: Option<Lookup>,
}

fn read(fields: &Fields<'_>, reader: &mut FormReader<'_, '_>) -> Option<Rule> {
    let unit = fields.word("per", UNITS, reader.problems)?;
    let (members, types) = if let Some(node) = fields.get("clause") {
        let id = node.expect_text(reader.problems)?;
        (Members::Clause(reader.clause_id(id)), Vec::new())
    } else {
        let Some(_) = fields.get("of") else {
            reader.problems.error(
                "DU0103",
                &fields.node.place,
                "`of` or `clause` is missing: who are the members?",
                "缺少 `of` 或 `clause`：成员是什么？",
            );
            return None;
        };
        let of = reader.need_matcher(fields, "of")?;
        let types = of.types();
        let mut expression = |name: &str, kind: Type| match fields.get(name) {
            Some(node) => reader.expression(node, kind, Some(&types)).map(Some),
            None => Some(None),
        };
        let (good, mean) = (expression("good", Type::Boolean)?, expression("mean", Type::Decimal)?);
        if good.is_none() == mean.is_none() {
            reader.problems.error("DU0103", &fields.node.place, "a target needs either `good` or `mean`", "指标须有 `good` 或 `mean` 之一");
            return None;
        }
        (Members::Events { of, good, mean }, types)
    };
    let group = match fields.get("group") {
        Some(node) => Some(reader.expression(node, Type::Any, Some(&types))?),
        None => None,
    };
    let size = if fields.get("size").is_some() { Some(reader.lookup(fields, "size", Type::Decimal)?) } else { None };
    Some(Rule::Population(Box::new(Target {
        unit,
        group,
        members,
        bounds: Bounds::read(fields, reader)?,
        lower: fields.get("at_least").is_some(),
        minimum: fields.integer("minimum_members", reader.problems).and_then(|number| usize::try_from(number).ok()).unwrap_or(1),
        size,
    })))
}

impl Target {
    fn of_events(&self, ask: &Ask<'_>, of: &Matcher, good: Option<&Expr>, mean: Option<&Expr>) -> Vec<Member> {
        let mut list = Vec::new();
        for (position, sure) in of.positions(&ask.env).filter_map(|found| counting(ask, found)) {
            let env = ask.env_at(position);
            let at = ask.instant_of(position);
            let (start, end) = period_of(self.unit, at, ask);
            let (group, grouped) = group_of(self.group.as_ref(), ask, position);
            let told = sure.and(grouped).and_then(|()| {
                let good = good.map_or(Ok(true), |good| good.holds(&env))?;
                let value = mean.map_or(Ok(Decimal::ZERO), |mean| mean.value(&env).map(|value| value.number().unwrap_or_default()))?;
                Ok((value, if good { Standing::Good } else { Standing::Bad }))
            });
            let (value, standing) = told.unwrap_or((Decimal::ZERO, Standing::Unknown));
            list.push(Member {
                group,
                start,
                end,
                at,
                case: ask.env.view.id().to_owned(),
                event: ask.event_id(position),
                value,
                mark: String::new(),
                standing,
                sequels: Vec::new(),
            });
        }
        list
    }

    const fn is_mean(&self) -> bool {
        matches!(self.members, Members::Events { mean: Some(_), .. })
    }

    /// The measured number: a share in percent, or a mean.
    fn measure(&self, good: usize, all: usize, sum: Decimal) -> Decimal {
        let all = Decimal::from(all.max(1));
        let number = if self.is_mean() { sum } else { Decimal::from(good) * Decimal::ONE_HUNDRED };
        number / all
    }
}

impl Population for Target {
    fn contribute(&self, ask: &mut Ask<'_>) -> Vec<Member> {
        match &self.members {
            Members::Events { of, good, mean } => self.of_events(ask, of, good.as_ref(), mean.as_ref()),
            Members::Clause(_) => Vec::new(),
        }
    }

    fn is_share(&self) -> bool {
        true
    }

    fn over_clause(&self) -> Option<&str> {
        match &self.members {
            Members::Clause(clause) => Some(clause),
            Members::Events { .. } => None,
        }
    }

    fn contribute_obligation(&self, ask: &Ask<'_>, instance: &str, at: crate::time::Instant, standing: Standing) -> Option<Member> {
        let position = ask.env.view.position_at(at).min(ask.env.view.last());
        if matches!(ask.applies(&ask.env_at(position)), Applies::No(..)) {
            return None;
        }
        let (start, end) = period_of(self.unit, at, ask);
        let (group, grouped) = group_of(self.group.as_ref(), ask, position);
        let standing = if grouped.is_ok() { standing } else { Standing::Unknown };
        Some(Member {
            group,
            start,
            end,
            at,
            case: ask.env.view.id().to_owned(),
            event: instance.to_owned(),
            value: Decimal::ZERO,
            mark: String::new(),
            standing,
            sequels: Vec::new(),
        })
    }

    fn expressions(&self) -> Vec<&Expr> {
        let mut list: Vec<&Expr> = match &self.members {
            Members::Events { of, good, mean } => of.conditions().chain(good).chain(mean).collect(),
            Members::Clause(_) => Vec::new(),
        };
        list.extend(&self.group);
        list.extend(self.bounds.expressions());
        list.extend(self.size.iter().flat_map(Lookup::expressions));
        list
    }

    fn conclude(&self, tally: &Tally, close: &Close<'_>) -> Vec<Conclusion> {
        let Share { good, bad, unknown, waived, sum } = *tally.share();
        let all = good + bad;
        if all < self.minimum.max(1) {
            return Vec::new();
        }
        let number = self.measure(good, all, sum);
        let why = self.bounds.outside(number, &close.env).unwrap_or_default().map(|why| why.rounded().text(close.org));
        let ended = close.as_of >= close.end;
        // Nothing says how high a number may be, so that a mean can be reached to the last.
        let hopeless = !ended
            && self.lower
            && !self.is_mean()
            && self.size.as_ref().and_then(|size| size.number(&close.env).ok()).is_some_and(|size| {
                let size = usize::try_from(size.trunc().mantissa().max(0)).unwrap_or(0);
                size >= all && self.bounds.outside(self.measure(good + (size - all), size, sum), &close.env).is_ok_and(|why| why.is_some())
            });
        let outcome = match (&why, ended) {
            (Some(_), true) => Outcome::Broken { at: close.end, settled: None },
            (None, true) => Outcome::Met(Some(close.end)),
            _ if hopeless => Outcome::Broken { at: tally.members().map(|member| member.at).max().unwrap_or(close.as_of), settled: None },
            _ => Outcome::Pending,
        };
        let aside = |en: &str, zh: &str, number: usize| {
            if number == 0 { (String::new(), String::new()) } else { (format!(", {number} {en}"), format!("，{zh} {number}")) }
        };
        let (unknown, waived) = (aside("undetermined beside", "另有待定", unknown), aside("waived beside", "另有豁免", waived));
        let number = number.round_dp(4).normalize();
        let (ratio_en, ratio_zh) = if self.is_mean() {
            (format!("mean {number} of {all}"), format!("{all} 项平均 {number}"))
        } else {
            (format!("{good} of {all} = {number} %"), format!("{good}/{all} = {number} %"))
        };
        let limit = why.unwrap_or_default();
        let reason = |ratio: String, why: &str, aside: String, sign: &str| {
            if why.is_empty() { format!("{ratio}{aside}") } else { format!("{ratio}{sign}{why}{aside}") }
        };
        vec![Conclusion {
            instance: close.name.clone(),
            opened: close.start,
            due: Some(Due { at: close.end, provisional: false }),
            outcome,
            about: Some(Text::new(
                reason(ratio_en, &limit.en, format!("{}{}", unknown.0, waived.0), ": "),
                reason(ratio_zh, &limit.zh, format!("{}{}", unknown.1, waived.1), "："),
            )),
            evidence: tally.members().filter(|member| member.standing == Standing::Bad).take(20).map(Member::name).collect(),
            asked: None,
        }]
    }
}
