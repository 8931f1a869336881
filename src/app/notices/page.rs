//! A notice as text: plain for mail, Markdown for robots, cut by items where a channel takes no more.

use super::{
    gather::Part,
    words::{Item, heading, more},
};
use crate::lang::Lang;

/// A section.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) part: Part,
    /// How many there are.
    pub(super) total: u64,
    /// Those that are told one by one.
    pub(super) items: Vec<Item>,
}

/// A notice, before it has a form.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) head: Vec<String>,
    pub(super) sections: Vec<Section>,
    pub(super) foot: Vec<String>,
    pub(super) closing: String,
    pub(super) lang: Lang,
}

impl Page {
    /// As plain text.
    pub(super) fn plain(&self) -> String {
        let mut text = String::new();
        for line in &self.head {
            text.push_str(&format!("{}\n", one_line(line)));
        }
        for section in &self.sections {
            text.push_str(&format!("\n{}\n", heading(section.part, section.total, self.lang)));
            for (number, item) in (1..).zip(&section.items) {
                text.push_str(&plain_item(number, item, self.lang));
            }
            let left = section.total.saturating_sub(section.items.len() as u64);
            if left > 0 {
                text.push_str(&format!("    {}\n", more(left, self.lang)));
            }
        }
        if !self.foot.is_empty() {
            text.push('\n');
        }
        for line in &self.foot {
            text.push_str(&format!("{}\n", one_line(line)));
        }
        text.push_str(&format!("\n-- \n{}\n", self.closing));
        text
    }

    /// As Markdown of `most` bytes at most: as many items as there is room for, the sections filled in their order.
    pub(super) fn markdown(&self, most: usize) -> String {
        let mut items: usize = self.sections.iter().map(|section| section.items.len()).sum();
        loop {
            let text = self.markdown_of(items);
            if text.len() <= most {
                return text;
            }
            if items == 0 {
                return cut(text, most);
            }
            items -= 1;
        }
    }

    fn markdown_of(&self, mut items: usize) -> String {
        let mut parts: Vec<String> = self.head.iter().map(|line| tame(line)).collect();
        for section in &self.sections {
            let mut lines = vec![format!("**{}**", heading(section.part, section.total, self.lang))];
            let told = section.items.len().min(items);
            items -= told;
            lines.extend(section.items.iter().take(told).map(|item| markdown_item(item, self.lang)));
            let left = section.total.saturating_sub(told as u64);
            if left > 0 {
                lines.push(more(left, self.lang));
            }
            parts.push(lines.join("\n"));
        }
        parts.extend(self.foot.iter().map(|line| tame(line)));
        parts.push(self.closing.clone());
        parts.join("\n\n")
    }
}

fn plain_item(number: usize, item: &Item, lang: Lang) -> String {
    let marks = marks(item, lang);
    let about = if item.about.is_empty() { String::new() } else { format!("{}: ", one_line(&item.about)) };
    let mut text = format!("{number:>3}. {about}{}{marks}\n     {}\n", one_line(&item.what), one_line(&details(item, lang)));
    if let Some(link) = &item.link {
        text.push_str(&format!("     {link}\n"));
    }
    text
}

fn markdown_item(item: &Item, lang: Lang) -> String {
    let about = match (&item.link, item.about.is_empty()) {
        (_, true) => String::new(),
        (Some(link), false) => format!("[{}]({link}) ", tame(&item.about)),
        (None, false) => format!("{} ", tame(&item.about)),
    };
    format!("- {about}{}{}{}{}", tame(&item.what), marks(item, lang), lang.pick(" · ", " · "), tame(&details(item, lang)))
}

fn marks(item: &Item, lang: Lang) -> String {
    match (item.marks.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::En) => format!(" ({})", item.marks.join(", ")),
        (false, Lang::Zh) => format!("（{}）", item.marks.join("、")),
    }
}

/// The clause, when it is due, whose move it is.
fn details(item: &Item, lang: Lang) -> String {
    let parts: Vec<&str> = [item.due.as_deref(), item.whose.as_deref(), Some(item.clause.as_str())].into_iter().flatten().collect();
    parts.join(lang.pick("; ", "；"))
}

/// What comes from cases, on one line: a line end in a fact must not look like a line of ours.
pub(in crate::app) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The same for Markdown: what comes from cases has no form, links to nowhere, and calls nobody.
fn tame(text: &str) -> String {
    let wide = |c: char| match c {
        '<' => '＜',
        '>' => '＞',
        '[' => '［',
        ']' => '］',
        '*' => '＊',
        '`' => '＇',
        '#' => '＃',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(wide).collect()
}

/// Cuts a text where a character ends.
pub(super) fn cut(mut text: String, most: usize) -> String {
    const SIGN: &str = "…";
    if text.len() > most {
        let mut end = most.saturating_sub(SIGN.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(SIGN);
    }
    text
}
