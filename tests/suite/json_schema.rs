//! A checker for as much of JSON Schema 2020-12 as the description of the API uses; any other keyword is a mistake.

use duly::time::{Instant, Zone};
use serde_json::Value;

/// What is wrong with a value. `document` is where references lead.
pub fn check(schema: &Value, value: &Value, document: &Value) -> Result<(), String> {
    let Some(keywords) = schema.as_object() else { return Err(format!("{schema} is no schema")) };
    for (keyword, wanted) in keywords {
        let fine = match keyword.as_str() {
            "$ref" => {
                let path = wanted.as_str().and_then(|path| path.strip_prefix('#')).ok_or("a reference that leads elsewhere")?;
                check(document.pointer(path).ok_or_else(|| format!("{path} is not there"))?, value, document)?;
                true
            }
            "type" => match wanted {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "enum" => wanted.as_array().unwrap().contains(value),
            "const" => wanted == value,
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= wanted.as_u64().unwrap()),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= wanted.as_u64().unwrap()),
            "format" => {
                value.as_str().is_none_or(|text| wanted == "date-time" && text.len() > 19 && Instant::parse(text, Zone::UTC).is_ok())
            }
            "required" => {
                value.as_object().is_none_or(|map| wanted.as_array().unwrap().iter().all(|name| map.contains_key(name.as_str().unwrap())))
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(inner) = value.get(name) {
                        check(schema, inner, document).map_err(|why| format!("{name}: {why}"))?;
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = |name: &String| keywords.get("properties").is_some_and(|known| known.get(name).is_some());
                for (name, inner) in value.as_object().into_iter().flatten().filter(|(name, _)| !known(name)) {
                    match wanted {
                        Value::Bool(false) => return Err(format!("{name} is not known")),
                        schema => check(schema, inner, document).map_err(|why| format!("{name}: {why}"))?,
                    }
                }
                true
            }
            "items" => {
                for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(wanted, inner, document).map_err(|why| format!("[{at}]: {why}"))?;
                }
                true
            }
            "allOf" => {
                wanted.as_array().unwrap().iter().try_for_each(|schema| check(schema, value, document))?;
                true
            }
            "oneOf" => wanted.as_array().unwrap().iter().filter(|schema| check(schema, value, document).is_ok()).count() == 1,
            "description" => true,
            other => return Err(format!("the checker does not know `{other}`")),
        };
        if !fine {
            return Err(format!("{value} is against `{keyword}`: {wanted}"));
        }
    }
    Ok(())
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("no type {other}"),
    }
}

#[test]
fn the_checker_refuses() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {"a": {"type": ["integer", "null"], "minimum": 1}, "b": {"type": "array", "items": {"enum": ["x"]}}, "c": {"format": "date-time"}},
    });
    let is_fine = |text: &str| check(&schema, &serde_json::from_str(text).unwrap(), &Value::Null).is_ok();
    assert!(is_fine(r#"{"a": 1, "b": ["x"], "c": "2026-03-03T12:00:00+08:00"}"#) && is_fine(r#"{"a": null}"#));
    for bad in
        [r#"{}"#, r#"{"a": 0}"#, r#"{"a": "1"}"#, r#"{"a": 1, "b": ["y"]}"#, r#"{"a": 1, "c": "2026-03-03"}"#, r#"{"a": 1, "d": 1}"#, "[]"]
    {
        assert!(!is_fine(bad), "{bad}");
    }
    assert!(check(&serde_json::json!({"pattern": "x"}), &Value::Null, &Value::Null).is_err());
}
