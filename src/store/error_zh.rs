//! The Chinese texts of [`StoreError`]; the English ones stand beside its variants.

use super::error::{Action, StoreError};

impl StoreError {
    /// The same text as `Display`, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Io { action, path, source } => format!("无法{}`{}`：{source}", action.zh(), path.display()),
            Self::Locked { path, owner } => {
                format!("存储`{}`正被{}使用；请等待该进程结束，或将其停止", path.display(), owner.zh())
            }
            Self::NotAStore { path } => {
                format!("`{}`中有文件但没有`FORMAT`，不是 duly 的存储；未作任何改动：请另选目录，或从备份中恢复缺失的文件", path.display())
            }
            Self::OtherFormat { path, found, expected } => format!(
                "`{}`的内容是`{found}`，而本程序读取`{expected}`；未作任何改动：请使用写入它的 duly 版本，或用该版本执行 \
                 `duly dump`，再用本版本执行 `duly restore`",
                path.display()
            ),
            Self::Journal { path, offset, seq, fault } => format!(
                "日志已损坏：`{}`，偏移 {offset}，第 {seq} 条：{}；请恢复日志的备份，或用 `duly restore` 恢复最新的转储",
                path.display(),
                fault.zh()
            ),
            Self::JournalBehind { path, journal, index } => format!(
                "日志`{}`止于第 {journal} 条，而索引已反映到第 {index} 条：日志丢失了尾部；两者均已保留，未写入任何内容：\
                 请从备份恢复日志，或用 `duly dump --salvage` 保存索引中的内容，再用 `duly restore` 建立新的存储",
                path.display()
            ),
            Self::JournalDiffers { path, seq } => format!(
                "索引与日志`{}`不相符：第 {seq} 条的哈希不同；两者均已保留，未写入任何内容：请从备份恢复日志，或用 \
                 `duly dump --salvage` 保存索引中的内容",
                path.display()
            ),
            Self::IndexDamaged { path, fault } => {
                format!("索引`{}`已损坏（{}）；没有数据丢失：下次打开存储时将由日志重建", path.display(), fault.zh())
            }
            Self::Unpacked { why } => format!("刚打包的个案无法读取（{why}）：这是本程序的缺陷，请报告"),
            Self::Closed { path } => {
                format!("此前的一次写入未完成（日志`{}`）；请重新打开存储后再写入", path.display())
            }
            Self::TooLarge { what, size, limit } => {
                format!("{what} 长 {size} 字节，而存储最多接受 {limit} 字节；请拆分")
            }
            Self::UnknownCase { case } => format!("没有存储个案`{case}`；请先导入，或核对其编号"),
            Self::UnknownEvent { case, event } => {
                format!("个案`{case}`没有事件`{event}`；`duly case show {case}` 可列出其事件")
            }
            Self::WaiverKnown { id } => {
                format!("豁免`{id}`已有记录；请为新的豁免另取编号，或不填编号")
            }
            Self::CutOff { seq, last } => {
                format!("日志止于第 {last} 条，而检查点为第 {seq} 条：日志尾部已被截去；请从备份恢复日志")
            }
            Self::CheckpointDiffers { seq } => {
                format!("第 {seq} 条的哈希与检查点不同：日志已被改写；请恢复其备份")
            }
            Self::NotEmpty { path } => {
                format!("`{}`不是空目录；请恢复到新的目录，或先移走此目录", path.display())
            }
            Self::Dump { line, fault } => {
                format!("转储的第 {line} 行无法使用：{}；未恢复任何内容：请换用转储的另一份副本", fault.zh())
            }
            Self::DumpIo { action, source } => format!("无法{}转储：{source}", action.zh()),
            Self::Encode { what, source } => {
                format!("无法编码 {what}：{source}；请将此作为 duly 的缺陷报告")
            }
        }
    }
}

impl Action {
    /// The verb in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Create => "创建",
            Self::Open => "打开",
            Self::Read => "读取",
            Self::Write => "写入",
            Self::Rename => "重命名",
            Self::Remove => "删除",
            Self::Lock => "锁定",
        }
    }
}
