//! Reading and writing.

use super::{at, date, shanghai, span, zone};
use crate::time::{Hours, Instant, Span, Zone, parse_date, parse_dates, parse_hours};

#[test]
fn instants_are_read_in_many_shapes() {
    let expected = at("2026-03-02T09:00:00+08:00");
    for text in [
        "2026-03-02T09:00+08:00",
        "2026-03-02 09:00",
        "2026-03-02t01:00:00z",
        "2026-03-02T09:00:00.000999999",
        "2026-03-02T09:00:00+0800",
        "2026-03-02 09:00:00 +08",
        " 2026-03-02T09:00 ",
    ] {
        assert_eq!(Instant::parse(text, shanghai()), Ok(expected), "{text}");
    }
    assert_eq!(at("2026-03-02"), at("2026-03-02T00:00"));
    assert_eq!(at("2026-03-02 24:00"), at("2026-03-03"));
    assert_eq!(at("1969-12-31T23:59:59.5Z").millis(), -500);
    assert_eq!(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
    for text in [
        "",
        "2026-02-30",
        "2026-03-02T",
        "2026-03-02T9:00",
        "2026-03-02T24:01",
        "2026-03-02T09:00+24:00",
        "2026-03-02T09:00:61",
        "2026-03-02T09:00:00.",
        "2026-03-02T09:00 x",
        "0000-01-01",
        "12026-01-01",
        "２０２６-03-02",
        "2026-03-02T09:00:00.1234567890",
        "二〇二六",
        "2026-03-02T09:00+08:60",
        "+2026-03-02",
    ] {
        let error = Instant::parse(text, shanghai()).unwrap_err();
        assert!(error.en.contains(&format!("`{text}`")) && error.zh.contains(&format!("`{text}`")), "{text}");
    }
}

#[test]
fn instants_are_written_so_that_they_read_back() {
    assert_eq!(at("2026-03-03T00:10:00").to_rfc3339(shanghai()), "2026-03-03T00:10:00+08:00");
    assert_eq!(at("2026-03-03T00:10:00.050").to_rfc3339(Zone::UTC), "2026-03-02T16:10:00.050+00:00");
    assert_eq!(at("2026-03-03T00:10:00").to_rfc3339(zone("-05:30")), "2026-03-02T10:40:00-05:30");
    // Local mean time has seconds in its offset, and the year 10000 has five digits: both go to UTC.
    for (instant, text) in [
        (at("1890-01-01T00:00:00Z"), "1890-01-01T00:00:00+00:00"),
        (Instant::MAX, "9999-12-31T23:59:59.999+00:00"),
        (Instant::MIN, "0001-01-01T00:00:00+00:00"),
    ] {
        assert_eq!(instant.to_rfc3339(shanghai()), text);
        assert_eq!(Instant::parse(text, Zone::UTC), Ok(instant));
    }
    assert_eq!(Instant::MAX.plus(1), Instant::MAX);
    assert_eq!(Instant::from_millis(i64::MIN), Instant::MIN);
    assert_eq!(serde_json::from_str::<Instant>("9223372036854775807").unwrap(), Instant::MAX);
    assert_eq!(serde_json::to_string(&Instant::from_millis(7)).unwrap(), "7");
}

#[test]
fn the_end_of_a_date_is_shown_as_24() {
    assert_eq!(at("2026-03-06").show_due(shanghai()), "2026-03-05 24:00");
    assert_eq!(at("2026-03-06").show(shanghai()), "2026-03-06 00:00");
    assert_eq!(at("2026-03-06T00:00:01").show_due(shanghai()), "2026-03-06 00:00:01");
    assert_eq!(at("2026-03-06T18:00").show_due(shanghai()), "2026-03-06 18:00");
}

#[test]
fn dates_and_ranges() {
    assert_eq!(parse_dates("2026-02-15..2026-02-23"), Ok((date("2026-02-15"), date("2026-02-23"))));
    assert_eq!(parse_dates("2026-02-15"), Ok((date("2026-02-15"), date("2026-02-15"))));
    assert!(parse_dates("2026-02-23..2026-02-15").unwrap_err().en.contains("backwards"));
    assert!(parse_date("2026-2-15").is_err() && parse_dates("2026-02-15..").is_err());
}

#[test]
fn hours_of_a_day() {
    let read = |text| parse_hours(text).map(|hours| hours.iter().map(|span| (span.from, span.to)).collect::<Vec<_>>());
    assert_eq!(read("09:00-12:00 13:00-18:00"), Ok(vec![(540, 720), (780, 1080)]));
    assert_eq!(read("13:00-18:00,9:00 - 12:00"), Ok(vec![(540, 720), (780, 1080)]));
    assert_eq!(read("09：00～12：00、13：00–18：00"), Ok(vec![(540, 720), (780, 1080)]));
    assert_eq!(read("22:00-06:00"), Ok(vec![(1320, 1800)]));
    assert_eq!(read("22:00-00:00"), Ok(vec![(1320, 1440)]));
    assert_eq!(parse_hours("00:00-24:00"), Ok(vec![Hours::ALL_DAY]));
    assert_eq!(read(" "), Ok(vec![]));
    assert_eq!(read("09:00-12:00 12:00-13:00"), Ok(vec![(540, 720), (720, 780)]));
    for text in ["09:00-12:00 11:00-13:00", "09:00", "9-17", "09:00-09:00", "24:00-25:00", "09:60-10:00", "09:00-49:00", "-", "x-y"] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn spans_are_read() {
    let hour = 3_600_000;
    for (text, expected) in [
        ("30min", Span::Elapsed(hour / 2)),
        ("24h", Span::Elapsed(24 * hour)),
        ("1.5h", Span::Elapsed(hour * 3 / 2)),
        ("0.0001s", Span::Elapsed(0)),
        ("90s", Span::Elapsed(90_000)),
        ("1h30min", Span::Elapsed(hour * 3 / 2)),
        ("1h 30min", Span::Elapsed(hour * 3 / 2)),
        ("3d", Span::Days(3)),
        ("3 days", Span::Days(3)),
        ("2wk", Span::Days(14)),
        ("1mo", Span::Months(1)),
        ("-1mo", Span::Months(-1)),
        ("- 1mo", Span::Months(-1)),
        ("1y", Span::Months(12)),
        ("6 working hours", Span::Working(6 * hour)),
        ("6  Working Hours", Span::Working(6 * hour)),
        ("1 working hour", Span::Working(hour)),
        ("30 working minutes", Span::Working(hour / 2)),
        ("2 working days", Span::WorkingDays(2)),
        ("1.0 working day", Span::WorkingDays(1)),
        ("same day", Span::SameDay),
        ("PT2H", Span::Elapsed(2 * hour)),
        ("PT30M", Span::Elapsed(hour / 2)),
        ("PT1H30M", Span::Elapsed(hour * 3 / 2)),
        ("PT0.5S", Span::Elapsed(500)),
        ("P3D", Span::Days(3)),
        ("P2W", Span::Days(14)),
        ("P1M", Span::Months(1)),
        ("P1Y6M", Span::Months(18)),
        ("-P1Y", Span::Months(-12)),
        ("24小时", Span::Elapsed(24 * hour)),
        ("24个小时", Span::Elapsed(24 * hour)),
        ("3天", Span::Days(3)),
        ("2个工作日", Span::WorkingDays(2)),
        ("6个工作小时", Span::Working(6 * hour)),
        ("1个月", Span::Months(1)),
        ("当天", Span::SameDay),
    ] {
        assert_eq!(Span::parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn wrong_spans_are_named_with_a_suggestion() {
    for (text, hint) in [
        ("24 hrs", "unknown unit `hrs`"),
        ("24 hrs", "`h`"),
        ("3 kg", "unknown unit `kg`"),
        ("2 buisness days", "`working days`"),
        ("2 workdays", "`working days`"),
        ("5 mins", "`min`"),
        ("5 m", "ambiguous"),
        ("3", "no unit"),
        ("1.5d", "whole number"),
        ("1d 3h", "mixes"),
        ("P1DT12H", "mixes"),
        ("99999999999d", "too long"),
        ("9999999999d", "too long"),
        ("", "not a span"),
        ("h", "not a span"),
        ("P", "not a span"),
        ("PT", "not a span"),
        ("P1H", "not a span"),
        ("1.h", "not a span"),
        ("--1h", "not a span"),
    ] {
        let error = Span::parse(text).unwrap_err();
        assert!(error.en.contains(hint), "{text}: {}", error.en);
        assert!(error.zh.contains(&format!("`{text}`")), "{text}: {}", error.zh);
    }
}

#[test]
fn spans_are_written_so_that_they_read_back() {
    for (text, en, zh) in [
        ("6 working hours", "6 working hours", "6个工作小时"),
        ("90 working minutes", "90 working minutes", "90个工作分钟"),
        ("1h", "1 hour", "1小时"),
        ("90min", "90 minutes", "90分钟"),
        ("1.5s", "1.5 seconds", "1.5秒"),
        ("0h", "0 seconds", "0秒"),
        ("14d", "2 weeks", "2周"),
        ("10d", "10 days", "10天"),
        ("-1mo", "-1 month", "-1个月"),
        ("24mo", "2 years", "2年"),
        ("1 working day", "1 working day", "1个工作日"),
        ("same day", "same day", "当天"),
    ] {
        assert_eq!((span(text).en().as_str(), span(text).zh().as_str()), (en, zh));
        assert_eq!((span(en), span(zh)), (span(text), span(text)));
    }
    for (millis, text) in [
        (76 * 3_600_000, "PT76H"),
        (1_200_000, "PT20M"),
        (5_400_000, "PT1H30M"),
        (-5_401_000, "-PT1H30M1S"),
        (30_000, "PT30S"),
        (500, "PT0.5S"),
        (0, "PT0S"),
    ] {
        assert_eq!(Span::iso_elapsed(millis), text);
        assert_eq!(span(text), Span::Elapsed(millis));
    }
}
