//! Numbers, exactly as they are written.

use proptest::prelude::{any, prop, prop_assert_eq, proptest};
use rust_decimal::Decimal;

use crate::{
    case::Value,
    ingest::{number::read, parse_case},
    time::Zone,
};

#[test]
fn numbers_read_exactly() {
    let decimal = |text: &str| Some(Value::Decimal(text.parse().unwrap()));
    assert_eq!(read("12"), Some(Value::Int(12)));
    assert_eq!(read("-0"), Some(Value::Int(0)));
    assert_eq!(read("+7"), Some(Value::Int(7)));
    assert_eq!(read("9223372036854775808"), decimal("9223372036854775808"));
    assert_eq!(read("0.10").unwrap(), decimal("0.1").unwrap());
    assert_eq!(read(".5"), decimal("0.5"));
    assert_eq!(read("1e3"), decimal("1000"));
    assert_eq!(read("-12.5E-2"), decimal("-0.125"));
    assert_eq!(read("1.2345e+2"), decimal("123.45"));
    assert_eq!(read("5.551115123125783e-17"), decimal("0.0000000000000000555111512313"));
    assert_eq!(read("1e-90"), decimal("0"));
    for wrong in ["", "-", "--1", "1.", ".", "1_000", "1,5", "0x1", "1e", "1e1.5", "e5", "NaN", "inf", "1e40", "1e999", "１", "+-1"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
    assert_eq!(read(&"9".repeat(30)), None);
}

#[test]
fn fractions_keep_all_their_digits_wherever_they_stand() {
    let line = r#"{"case":"1.5 \" 2.5","kind":"k","facts":{"3.5":[1,0.1234567890123456789,"4.5\\",-2.50e0,{"x":7,"y":0.3}]}}"#;
    let case = parse_case(line, Zone::UTC).unwrap();
    let Value::List(items) = &case.facts["3.5"] else { panic!() };
    assert_eq!(items[1], Value::Decimal("0.1234567890123456789".parse().unwrap()));
    assert_eq!(items[3], Value::Decimal("-2.5".parse().unwrap()));
    let Value::Map(entries) = &items[4] else { panic!() };
    assert_eq!(entries["y"], Value::Decimal("0.3".parse().unwrap()));
}

proptest! {
    #[test]
    fn each_decimal_is_read_back(numbers in prop::collection::vec((any::<i64>(), 0_u32..28), 0..20)) {
        let wanted: Vec<Value> = numbers.iter().map(|(number, scale)| match scale {
            0 => Value::Int(*number),
            scale => Value::Decimal(Decimal::from_i128_with_scale(i128::from(*number), *scale)),
        }).collect();
        let texts: Vec<String> = wanted.iter().map(|value| match value {
            Value::Int(number) => number.to_string(),
            Value::Decimal(number) => number.to_string(),
            _ => String::new(),
        }).collect();
        let line = format!(r#"{{"case":"a","kind":"k","facts":{{"x":[{}]}}}}"#, texts.join(" , "));
        prop_assert_eq!(&parse_case(&line, Zone::UTC).unwrap().facts["x"], &Value::List(wanted));
    }

    #[test]
    fn no_line_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..200, text in any::<String>()) {
        let _ = parse_case(&text, Zone::UTC);
        let line = r#"{"case":"R-1","kind":"repair","facts":{"u":[12,1.5]},"events":[{"id":"e1","type":"t","at":"2026-03-02T09:00:00+08:00","data":{"x":null}}]}"#;
        let mut broken = line.as_bytes().to_vec();
        if let (Some(byte), Some(other)) = (broken.get_mut(at), bytes.first()) {
            *byte = *other;
        }
        super::jsonl(&broken, 1);
        super::jsonl(&bytes, 1);
    }
}
