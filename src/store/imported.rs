//! What an import did, and which cases it could not take.

/// Bytes of one case at most.
pub(super) const MOST_CASE: usize = 16 << 20;
/// Bytes of an id at most: it is a key.
pub(super) const MOST_ID: usize = 1_024;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Cases that were not known.
    pub cases_new: u64,
    /// Known cases that gained facts or events.
    pub cases_changed: u64,
    /// Known cases with nothing new.
    pub cases_same: u64,
    /// Events that were not known.
    pub events_new: u64,
    /// Events that were known by their id; they change nothing.
    pub events_same: u64,
    /// Those among the known whose content differs from what is stored.
    pub events_differing: u64,
    /// Cases that were left out; all others are stored.
    pub refused: Vec<Refusal>,
}

/// A case that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no id, or one that is too long.
    Id {
        /// The id, shortened.
        case: String,
    },
    /// It is not stored yet, and nothing told its kind.
    NoKind {
        /// The id.
        case: String,
    },
    /// It is stored under another kind.
    Kind {
        /// The id.
        case: String,
        /// The kind that is stored.
        stored: String,
        /// The kind that was given.
        given: String,
    },
    /// It is too large.
    Size {
        /// The id.
        case: String,
        /// Its bytes.
        size: usize,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id { case } => write!(f, "case id `{case}` is empty or longer than {MOST_ID} bytes"),
            Self::NoKind { case } => {
                write!(f, "case `{case}` is not known yet, and nothing tells its kind; say `dulykind` in its first event, or `--kind`")
            }
            Self::Kind { case, stored, given } => {
                write!(f, "case `{case}` is stored as `{stored}` and cannot become `{given}`; give it another id")
            }
            Self::Size { case, size } => {
                write!(f, "case `{case}` is {size} bytes long, and the store takes at most {MOST_CASE}")
            }
        }
    }
}

impl Refusal {
    /// The id of the case.
    #[must_use]
    pub fn case(&self) -> &str {
        match self {
            Self::Id { case } | Self::NoKind { case } | Self::Kind { case, .. } | Self::Size { case, .. } => case,
        }
    }

    /// The same text as `Display`, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Id { case } => format!("个案编号`{case}`为空或超过 {MOST_ID} 字节"),
            Self::NoKind { case } => {
                format!("个案`{case}`尚不存在，且未说明种类；请在其首个事件中给出 `dulykind`，或用 `--kind`")
            }
            Self::Kind { case, stored, given } => {
                format!("个案`{case}`已存为`{stored}`，不能改为`{given}`；请另取编号")
            }
            Self::Size { case, size } => {
                format!("个案`{case}`长 {size} 字节，而存储最多接受 {MOST_CASE} 字节")
            }
        }
    }
}
