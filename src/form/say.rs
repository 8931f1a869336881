//! What a duty has to say, put into words only when somebody reads it.

use rust_decimal::Decimal;

use crate::{lang::Text, policy::org::Org};

/// A sentence in the making.
#[derive(Clone, Debug)]
pub enum Say<'a> {
    /// It waits for this.
    Awaits(&'a Text),
    /// This did not happen before the gate.
    NotBefore(&'a Text),
    /// This must not happen.
    Forbidden(&'a Text),
    /// This role approves next, or one of the others.
    Approval(Vec<String>),
    /// These roles have not approved.
    StillToApprove(Vec<String>),
    /// The gate was passed without these roles.
    WithoutApproval(Vec<String>),
    /// A number lies beyond its limit.
    Outside {
        /// The number.
        number: Decimal,
        /// The limit.
        limit: Decimal,
        /// How they stand to each other, in both languages.
        words: (&'static str, &'static str),
    },
    /// These are not recorded.
    NotRecorded(Vec<String>),
    /// These shall be recorded.
    Record(Vec<String>),
    /// A sentence.
    Text(Box<Text>),
}

impl Say<'_> {
    /// The same with a number of four decimals, where these tell it from its limit.
    #[must_use]
    pub fn rounded(self) -> Self {
        match self {
            Self::Outside { number, limit, words } if number.round_dp(4) != limit => {
                Self::Outside { number: number.round_dp(4), limit, words }
            }
            other => other,
        }
    }

    /// The sentence.
    #[must_use]
    pub fn text(&self, org: &Org) -> Text {
        let both = |en: &str, zh: (&str, &str), text: &Text| Text::new(format!("{en}{}", text.en), format!("{}{}{}", zh.0, text.zh, zh.1));
        match self {
            Self::Awaits(what) => both("awaits: ", ("等待：", ""), what),
            Self::NotBefore(what) => both("not done before it: ", ("此前未完成：", ""), what),
            Self::Forbidden(what) => both("must not happen: ", ("不得发生：", ""), what),
            Self::Approval(roles) => {
                let mut labels = roles.iter().map(|role| org.label(role));
                let first = labels.next().unwrap_or_default();
                let (mut en, mut zh) = (format!("Approval by {}", first.en), format!("由{}", first.zh));
                for other in labels {
                    en.push_str(&format!(" or {}", other.en));
                    zh.push_str(&format!("或{}", other.zh));
                }
                Text::new(en, zh + "批准")
            }
            Self::StillToApprove(roles) => {
                let list = roles.join(", ");
                Text::new(format!("still to approve: {list}"), format!("尚待批准：{list}"))
            }
            Self::WithoutApproval(roles) => {
                let list = roles.join(", ");
                Text::new(format!("went ahead without approval by {list}"), format!("未经 {list} 批准即已实施"))
            }
            Self::Outside { number, limit, words: (en, zh) } => {
                let (number, limit) = (number.normalize(), limit.normalize());
                Text::new(format!("{number} is {en} {limit}"), format!("{number} {zh} {limit}"))
            }
            Self::NotRecorded(names) => {
                let list = names.join(", ");
                Text::new(format!("not recorded: {list}"), format!("未记录：{list}"))
            }
            Self::Record(names) => {
                let list = names.join(", ");
                Text::new(format!("Record: {list}"), format!("补记：{list}"))
            }
            Self::Text(text) => (**text).clone(),
        }
    }
}

impl From<Text> for Say<'_> {
    fn from(text: Text) -> Self {
        Self::Text(Box::new(text))
    }
}
