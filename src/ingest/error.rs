//! What ends the reading of a whole input.

use std::{io, path::PathBuf};

use crate::{diagnostic::Diagnostic, lang::Text};

/// Why an input could not be read to its end.
#[derive(Debug)]
pub enum IngestError {
    /// The file cannot be opened.
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Reading broke off: a damaged gzip file, a failing disk.
    Read {
        /// The last line that was read whole.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A CSV whose first row does not name its columns.
    Header(Text),
    /// The mapping does not fit the log: a column that is not there.
    Mapping(Vec<Diagnostic>),
    /// What is there is not sound from here on, such as XML whose elements do not close.
    Broken {
        /// The line at which that shows, from 1.
        line: u64,
        /// Why: a lower-case fragment.
        reason: Text,
    },
    /// The input is not of a sort that can be taken this way.
    Unfit {
        /// Why.
        text: Text,
        /// What to do.
        help: Text,
    },
}

impl IngestError {
    /// An input that cannot be taken, and what to do.
    pub(super) fn unfit(text: (impl Into<String>, impl Into<String>), help: (impl Into<String>, impl Into<String>)) -> Self {
        Self::Unfit { text: Text::new(text.0, text.1), help: Text::new(help.0, help.1) }
    }

    /// What happened, in both languages: a lower-case fragment.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Open { path, source } => {
                let (path, why) = (path.display(), explain(source));
                Text::new(format!("cannot read `{path}`: {}", why.en), format!("无法读取 `{path}`：{}", why.zh))
            }
            Self::Read { line, source } => {
                let why = explain(source);
                Text::new(format!("reading broke off after line {line}: {}", why.en), format!("读到第 {line} 行后中断：{}", why.zh))
            }
            Self::Broken { line, reason } => {
                Text::new(format!("reading broke off at line {line}: {}", reason.en), format!("读到第 {line} 行时中断：{}", reason.zh))
            }
            Self::Unfit { text, .. } => text.clone(),
            Self::Header(reason) => Text::new(format!("in the header: {}", reason.en), format!("表头：{}", reason.zh)),
            Self::Mapping(list) => {
                let join = |pick: fn(&Text) -> &String| {
                    let show = |item: &Diagnostic| {
                        let place = item.place.as_ref().map_or_else(String::new, |place| place.show() + ": ");
                        format!("{place}{}", pick(&item.message))
                    };
                    list.iter().map(show).collect::<Vec<_>>().join("; ")
                };
                Text::new(join(|text| &text.en), join(|text| &text.zh))
            }
        }
    }
}

impl std::fmt::Display for IngestError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text().en)
    }
}

impl std::error::Error for IngestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open { source, .. } | Self::Read { source, .. } => Some(source),
            Self::Header(_) | Self::Mapping(_) | Self::Broken { .. } | Self::Unfit { .. } => None,
        }
    }
}

/// What the system said; the usual cases in Chinese too.
fn explain(error: &io::Error) -> Text {
    let en = error.to_string();
    let zh = match error.kind() {
        io::ErrorKind::NotFound => "文件不存在".to_owned(),
        io::ErrorKind::PermissionDenied => "没有读取权限".to_owned(),
        io::ErrorKind::IsADirectory => "这是文件夹，不是文件".to_owned(),
        io::ErrorKind::UnexpectedEof => format!("文件不完整（{en}）"),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => format!("压缩数据已损坏（{en}）"),
        _ => en.clone(),
    };
    Text::new(en, zh)
}
