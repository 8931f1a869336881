//! Who holds which role, and who stands in for whom, with dates.

use std::collections::HashMap;

use crate::{lang::Text, time::Instant};

/// A person in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The role.
    pub role: String,
    /// The person, as in `by` of events.
    pub person: String,
    /// Stands in for the holder.
    pub deputy: bool,
    /// From when; always when `None`.
    pub from: Option<Instant>,
    /// Until when, excluded.
    pub until: Option<Instant>,
}

/// The roles of a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Org {
    /// Who holds what.
    pub posts: Vec<Post>,
    /// What people call the roles.
    pub labels: HashMap<String, Text>,
}

impl Org {
    fn holds(&self, person: &str, role: &str, at: Instant, deputy: Option<bool>) -> bool {
        self.posts.iter().any(|post| {
            post.role == role
                && post.person == person
                && deputy.is_none_or(|wanted| post.deputy == wanted)
                && post.from.is_none_or(|from| at >= from)
                && post.until.is_none_or(|until| at < until)
        })
    }

    /// Whether a person holds a role or stands in for it.
    #[must_use]
    pub fn may_act(&self, person: &str, role: &str, at: Instant) -> bool {
        self.holds(person, role, at, None)
    }

    /// Whether a person stands in for a role.
    #[must_use]
    pub fn is_deputy(&self, person: &str, role: &str, at: Instant) -> bool {
        self.holds(person, role, at, Some(true))
    }

    /// The people of a role, holders first.
    #[must_use]
    pub fn people(&self, role: &str, at: Instant) -> Vec<&str> {
        let mut list: Vec<&Post> = self.posts.iter().filter(|post| self.holds(&post.person, role, at, None) && post.role == role).collect();
        list.sort_by_key(|post| post.deputy);
        list.into_iter().map(|post| post.person.as_str()).collect()
    }

    /// Those on whom the moves of a role fall: who holds it, or else who stands in for it.
    #[must_use]
    pub fn acting(&self, role: &str, at: Instant) -> Vec<&str> {
        let all = self.people(role, at);
        let holders: Vec<&str> = all.iter().copied().filter(|person| !self.is_deputy(person, role, at)).collect();
        if holders.is_empty() { all } else { holders }
    }

    /// What people call a role.
    #[must_use]
    pub fn label(&self, role: &str) -> Text {
        self.labels.get(role).cloned().unwrap_or_else(|| Text::same(role))
    }
}
