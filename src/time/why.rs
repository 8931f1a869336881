//! Why a stretch of time counted or did not.

/// Why a stretch of time counted or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The calendar is open.
    Open,
    /// Outside opening hours.
    Closed,
    /// Closed on the holiday of this name.
    Holiday(String),
    /// Open on a make-up working day (调休).
    MakeUp,
    /// A pause.
    Paused,
    /// Elapsed time, whatever the calendar.
    Elapsed,
    /// The day of the trigger, which does not count (Civil Code of the PRC, article 201).
    DayOfTrigger,
    /// Dates that count.
    Counted,
    /// Working days that count.
    WorkingDays,
    /// Rest days among working days; the name of the holiday, or empty.
    RestDay(String),
    /// The last day is a rest day, so the next working day takes its place (Civil Code of the PRC,
    /// article 203); the name of the holiday, or empty.
    Prolonged(String),
    /// The day of the trigger to its end.
    SameDay,
    /// The due instant lies outside the dates the calendar covers.
    NotCovered,
    /// So many lines left out; whether they counted dates.
    Condensed {
        /// How many.
        lines: usize,
        /// Whether their count is of dates rather than milliseconds.
        dates: bool,
    },
}

impl Why {
    /// Whether the count is of dates rather than milliseconds.
    #[must_use]
    pub const fn is_dates(&self) -> bool {
        match self {
            Self::DayOfTrigger | Self::Counted | Self::WorkingDays | Self::RestDay(_) | Self::Prolonged(_) | Self::SameDay => true,
            Self::Condensed { dates, .. } => *dates,
            _ => false,
        }
    }

    /// In English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Closed => "closed".to_owned(),
            Self::Holiday(name) => format!("closed ({name})"),
            Self::MakeUp => "open, make-up working day".to_owned(),
            Self::Paused => "paused".to_owned(),
            Self::Elapsed => "elapsed".to_owned(),
            Self::DayOfTrigger => "day of the trigger, not counted".to_owned(),
            Self::Counted | Self::WorkingDays => "counted".to_owned(),
            Self::RestDay(name) if name.is_empty() => "rest day, not counted".to_owned(),
            Self::RestDay(name) => format!("rest day ({name}), not counted"),
            Self::Prolonged(name) if name.is_empty() => "prolonged, the last day being a rest day".to_owned(),
            Self::Prolonged(name) => format!("prolonged, the last day being a rest day ({name})"),
            Self::SameDay => "day of the trigger, to its end".to_owned(),
            Self::NotCovered => "outside the dates the calendar covers; provisional".to_owned(),
            Self::Condensed { lines, .. } => format!("{lines} lines left out"),
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Open => "工作时间".to_owned(),
            Self::Closed => "非工作时间".to_owned(),
            Self::Holiday(name) => format!("休假（{name}）"),
            Self::MakeUp => "调休上班".to_owned(),
            Self::Paused => "暂停计时".to_owned(),
            Self::Elapsed => "连续计时".to_owned(),
            Self::DayOfTrigger => "触发当日，不计入".to_owned(),
            Self::Counted | Self::WorkingDays => "计入".to_owned(),
            Self::RestDay(name) if name.is_empty() => "休息日，不计入".to_owned(),
            Self::RestDay(name) => format!("休息日（{name}），不计入"),
            Self::Prolonged(name) if name.is_empty() => "末日为休息日，顺延".to_owned(),
            Self::Prolonged(name) => format!("末日为休息日（{name}），顺延"),
            Self::SameDay => "触发当日，至日终".to_owned(),
            Self::NotCovered => "超出日历覆盖范围，暂定".to_owned(),
            Self::Condensed { lines, .. } => format!("略去{lines}行"),
        }
    }
}
