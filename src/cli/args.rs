//! Arguments with their help in both languages.

use clap::{Arg, ArgAction, Command, error::ErrorKind};

use super::exit;
use crate::lang::Lang;

/// An option with a value.
pub(super) fn value(name: &'static str, shape: &'static str, lang: Lang, en: &'static str, zh: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(shape).help(lang.pick(en, zh))
}

/// A switch.
pub(super) fn switch(name: &'static str, lang: Lang, en: &'static str, zh: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(lang.pick(en, zh))
}

/// A positional argument.
pub(super) fn positional(name: &'static str, shape: &'static str, lang: Lang, en: &'static str, zh: &'static str) -> Arg {
    Arg::new(name).value_name(shape).help(lang.pick(en, zh))
}

/// `--format text|json`, for commands whose result is not a list of findings.
pub(super) fn format(lang: Lang) -> Arg {
    value("format", "FORMAT", lang, "text (default) or json", "text（默认）或 json")
        .value_parser(["text", "json"])
        .default_value("text")
        .hide_default_value(true)
}

/// `--format` of a command that has one form of output only.
pub(super) fn only_format(lang: Lang, word: &'static str) -> Arg {
    value("format", "FORMAT", lang, "the form of its output: there is one", "输出格式：仅此一种")
        .value_parser([word])
        .default_value(word)
        .hide_default_value(true)
}

/// Whether JSON is asked for.
pub(super) fn wants_json(matches: &clap::ArgMatches) -> bool {
    matches.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// What a command is about, with examples.
pub(super) fn about(lang: Lang, en: &'static str, zh: &'static str, examples: &'static str) -> Command {
    let heading = lang.pick("Examples:", "示例：");
    Command::new("command").about(lang.pick(en, zh)).after_help(format!("{heading}\n{examples}"))
}

/// Puts clap's own words into the language.
pub(super) fn localised(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let has_commands = command.get_subcommands().next().is_some() || command.get_name() == "duly";
    let template = if has_commands {
        "{about}\n\n用法：{usage}\n\n命令：\n{subcommands}\n\n选项：\n{options}{after-help}"
    } else if command.get_positionals().next().is_some() {
        "{about}\n\n用法：{usage}\n\n参数：\n{positionals}\n\n选项：\n{options}{after-help}"
    } else {
        "{about}\n\n用法：{usage}\n\n选项：\n{options}{after-help}"
    };
    command
        .help_template(template)
        .disable_help_flag(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助"))
}

/// Prints what clap has to say: help and version on standard output, mistakes on standard error.
pub(super) fn explain(error: &clap::Error, lang: Lang) -> u8 {
    let shown = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let zh = match error.kind() {
        _ if lang == Lang::En => None,
        ErrorKind::UnknownArgument => Some("没有这个选项"),
        ErrorKind::InvalidSubcommand => Some("没有这个命令"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => Some("选项的值无效"),
        ErrorKind::MissingRequiredArgument => Some("缺少必需的参数"),
        ErrorKind::ArgumentConflict => Some("选项互相冲突"),
        _ => None,
    };
    if let Some(zh) = zh {
        super::screen::print_error(&format!("错误：{zh}"));
    }
    let printed = error.print();
    if shown && printed.is_ok() { exit::OK } else { exit::FAILED }
}
