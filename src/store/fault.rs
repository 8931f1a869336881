//! What is wrong with damaged bytes, in both languages.

use std::fmt;

/// One kind of damage to the journal, the index or a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes do not have the checksum that was written with them.
    Checksum,
    /// The first bytes of a segment are not those of a segment.
    SegmentHead,
    /// A segment is absent.
    SegmentMissing {
        /// Its number.
        number: u64,
    },
    /// Entries are absent before this one.
    Removed {
        /// The entry found instead of the expected one.
        found: u64,
    },
    /// An entry stands where it does not belong.
    Misplaced {
        /// The entry found instead of the expected one.
        found: u64,
    },
    /// The entry before does not have the hash that this one names.
    Chain,
    /// The payload does not have the digest that its header names.
    Payload,
    /// The recorded instant lies before that of the entry before.
    Backwards,
    /// The frame ends after the end of its file, in a segment that is complete.
    CutOff,
    /// The bytes cannot be read as what they should be.
    Unreadable {
        /// What the decoder said.
        why: String,
    },
    /// A kind or version that a later duly writes.
    LaterKind {
        /// Its number.
        kind: u64,
    },
    /// A value of the index as another duly lays it out.
    OtherVersion {
        /// Its number.
        version: u8,
    },
    /// The number of records differs.
    Count {
        /// As written down.
        expected: u64,
        /// As counted.
        found: u64,
    },
    /// The records differ from what the digest over all was made of.
    Digest,
    /// sled failed or panicked.
    Engine {
        /// What it said.
        why: String,
    },
    /// An earlier run met damage.
    Earlier,
    /// A part that must be there is absent.
    Missing {
        /// Its name.
        what: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum => f.write_str("its bytes do not match their checksum"),
            Self::SegmentHead => f.write_str("it does not begin as a segment of the journal"),
            Self::SegmentMissing { number } => write!(f, "segment {number} is missing"),
            Self::Removed { found } => write!(f, "entry {found} stands there, so entries before it were removed"),
            Self::Misplaced { found } => {
                write!(f, "entry {found} stands there, so entries were inserted or reordered")
            }
            Self::Chain => f.write_str("it does not follow from the entry before, so one of the two was changed"),
            Self::Payload => f.write_str("its content was changed"),
            Self::Backwards => f.write_str("it was recorded before the entry before it"),
            Self::CutOff => f.write_str("the file ends inside it"),
            Self::Unreadable { why } => write!(f, "it cannot be read: {why}"),
            Self::LaterKind { kind } => {
                write!(f, "it is of kind {kind}, which a later duly writes")
            }
            Self::OtherVersion { version } => write!(f, "it is laid out as version {version}, by another duly"),
            Self::Count { expected, found } => {
                write!(f, "{found} records where {expected} should be")
            }
            Self::Digest => f.write_str("the digest over all records differs"),
            Self::Engine { why } => write!(f, "sled: {why}"),
            Self::Earlier => f.write_str("damage was met earlier"),
            Self::Missing { what } => write!(f, "{what} is missing"),
        }
    }
}

impl Fault {
    /// The same text as `Display`, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Checksum => "内容与校验和不符".to_owned(),
            Self::SegmentHead => "开头不是日志分段".to_owned(),
            Self::SegmentMissing { number } => format!("缺少第 {number} 个分段"),
            Self::Removed { found } => format!("此处是第 {found} 条，其前面的条目已被删除"),
            Self::Misplaced { found } => format!("此处是第 {found} 条，有条目被插入或调换了顺序"),
            Self::Chain => "与前一条不衔接，两者之一已被改动".to_owned(),
            Self::Payload => "内容已被改动".to_owned(),
            Self::Backwards => "记录时间早于前一条".to_owned(),
            Self::CutOff => "文件在其中间结束".to_owned(),
            Self::Unreadable { why } => format!("无法读取：{why}"),
            Self::LaterKind { kind } => format!("类别为 {kind}，由更新版本的 duly 写入"),
            Self::OtherVersion { version } => format!("为第 {version} 版格式，由其他版本的 duly 写入"),
            Self::Count { expected, found } => format!("应有 {expected} 条记录，实有 {found} 条"),
            Self::Digest => "全部记录的摘要不符".to_owned(),
            Self::Engine { why } => format!("sled：{why}"),
            Self::Earlier => "此前已发现损坏".to_owned(),
            Self::Missing { what } => format!("缺少{what}"),
        }
    }
}

/// Something that the person in charge should know of, though the store went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}
