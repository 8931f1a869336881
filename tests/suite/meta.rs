//! The rules of the house that nobody has to remember.

use std::{
    fs,
    path::{Path, PathBuf},
};

use duly::{app::starter, form::FORMS, ingest, lang::Lang, report::Export};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut list = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list.extend(files(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            list.push(path);
        }
    }
    list.sort();
    list
}

#[test]
fn no_file_is_too_long_to_read_in_one_sitting() {
    for path in files(&root().join("src"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        assert!(lines <= 500, "{}: {lines} lines", path.display());
    }
}

#[test]
fn no_test_file_is_forgotten() {
    for path in files(&root().join("tests/suite"), "rs") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap();
        let (name, list) = match name {
            "main" => continue,
            "mod" => (folder.file_name().unwrap().to_str().unwrap(), folder.with_file_name("main.rs")),
            name if folder.join("mod.rs").is_file() => (name, folder.join("mod.rs")),
            name => (name, folder.join("main.rs")),
        };
        let list = fs::read_to_string(list).unwrap();
        assert!(list.contains(&format!("mod {name};")), "{} is in no module", path.display());
    }
}

/// Which modules judging may use: nothing that reads a clock, a file or the environment.
#[test]
fn judging_is_pure() {
    let banned = ["std::fs", "std::env", "std::io", "crate::store", "crate::app", "crate::cli", "crate::ingest", "SystemTime"];
    let mut paths =
        vec![root().join("src/atom.rs"), root().join("src/value.rs"), root().join("src/finding.rs"), root().join("src/population.rs")];
    for folder in ["engine", "form", "time", "script", "case", "pack", "view"] {
        paths.extend(files(&root().join("src").join(folder), "rs"));
    }
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for word in banned {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn every_form_is_documented_in_both_languages() {
    for form in FORMS {
        let (en, zh) = form.documentation();
        assert!(en.contains("States") && en.contains("Example"), "{}", form.name);
        assert!(zh.contains("状态") && zh.contains("示例"), "{}", form.name);
        for key in form.keys {
            assert!(!key.en.is_empty() && key.zh.chars().any(|c| c as u32 > 0x2fff), "{}.{}", form.name, key.name);
        }
    }
}

#[test]
fn the_pages_of_the_forms_are_those_of_the_program() {
    for (lang, name) in [(Lang::En, "docs/forms.md"), (Lang::Zh, "docs/forms.zh.md")] {
        let page = fs::read_to_string(root().join(name)).unwrap();
        for form in FORMS {
            let text: Vec<String> = duly::cli::form_page(form, lang).lines().map(|line| line.trim_end().to_owned()).collect();
            assert!(page.contains(text.join("\n").trim()), "{name}: `{}` differs; see its first lines for how it is made", form.name);
        }
    }
}

#[test]
fn every_format_is_in_the_manual() {
    for name in ["docs/formats.md", "docs/formats.zh.md"] {
        let page = fs::read_to_string(root().join(name)).unwrap();
        let out = Export::WORDS.iter().map(|(word, _)| format!("\n| `{word}` |"));
        let bounds =
            [ingest::MOST_LINE, ingest::MOST_TRACE, ingest::MOST_BOOK, ingest::MOST_BATCH].map(|bytes| format!(" {} MiB |", bytes >> 20));
        for text in out.chain(bounds) {
            assert!(page.contains(&text), "{name}: {text}");
        }
    }
}

#[test]
fn every_diagnostic_code_is_in_the_manual() {
    let mut codes: Vec<String> = Vec::new();
    for path in files(&root().join("src"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        codes.extend(text.match_indices("\"DU0").filter_map(|(at, _)| text.get(at + 1..at + 7)).map(str::to_owned));
    }
    codes.sort();
    codes.dedup();
    assert!(codes.len() > 20);
    for name in ["docs/policies.md", "docs/policies.zh.md"] {
        let manual = fs::read_to_string(root().join(name)).unwrap();
        let missing: Vec<&String> = codes.iter().filter(|code| !manual.contains(code.as_str())).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn every_function_of_expressions_is_in_the_manual() {
    let manual = fs::read_to_string(root().join("docs/policies.md")).unwrap();
    for known in duly::script::signatures() {
        assert!(manual.contains(known.name), "{}", known.name);
    }
}

#[test]
fn the_sample_company_has_the_vocabulary_and_whole_policies() {
    let has = |file: &str| starter::COMPANY.iter().any(|(known, _)| *known == file);
    assert!(has("policies/vocabulary.yaml"));
    for (file, _) in starter::COMPANY {
        let Some(policy) = file.strip_suffix("/policy.yaml").filter(|folder| root().join(folder).is_dir()) else { continue };
        for script in fs::read_dir(root().join(policy).join("scripts")).into_iter().flatten() {
            let name = script.unwrap().file_name();
            assert!(has(&format!("{policy}/scripts/{}", name.to_str().unwrap())), "{policy}");
        }
    }
}
