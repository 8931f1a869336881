//! Channels: ways to send. What must stay secret is never written here, only where it is found.

use crate::{
    diagnostic::Problems,
    lang::Text,
    yaml::{Fields, Key, Node},
};

const CHANNEL_KEYS: &[Key] = &[
    Key::optional("mail", "{host, ...}", "mail by SMTP", "SMTP 邮件"),
    Key::optional("webhook", "{url, ...}", "JSON by HTTP POST", "以 HTTP POST 发送 JSON"),
    Key::optional("wecom", "{url_env}", "a group robot of WeCom", "企业微信群机器人"),
    Key::optional("dingtalk", "{url_env, secret_env}", "a group robot of DingTalk", "钉钉群机器人"),
    Key::optional("feishu", "{url_env, secret_env}", "a group robot of Feishu", "飞书群机器人"),
    Key::optional(
        "unsure",
        "resend or hold",
        "what to do after an attempt of which nobody knows how it ended (default: resend)",
        "发送结果不明时：resend 重发（默认）或 hold 留待人工处理",
    ),
];

const MAIL_KEYS: &[Key] = &[
    Key::required("host", "name", "the mail server", "邮件服务器"),
    Key::optional(
        "port",
        "number",
        "its port (default: 465, 587 with starttls, 25 with none)",
        "端口（默认 465；starttls 为 587；none 为 25）",
    ),
    Key::optional("tls", "required, starttls or none", "how the connection is encrypted (default: required)", "加密方式（默认 required）"),
    Key::optional("user", "name", "who signs in", "登录用户"),
    Key::optional("password_env", "variable", "the environment variable with the password", "存放密码的环境变量"),
    Key::optional("password_file", "path", "or the file with it", "或存放密码的文件"),
];

const WEBHOOK_KEYS: &[Key] = &[
    Key::optional("url", "address", "where to, when it holds no secret", "地址（不含机密时）"),
    Key::optional("url_env", "variable", "the environment variable with the address", "存放地址的环境变量"),
    Key::optional("url_file", "path", "or the file with it", "或存放地址的文件"),
    Key::optional("secret_env", "variable", "the environment variable with the key that signs", "存放签名密钥的环境变量"),
    Key::optional("secret_file", "path", "or the file with it", "或存放密钥的文件"),
];

/// The keys of a robot: those of a webhook, without an address in the clear, since a robot's address is its secret.
const ROBOT_KEYS: &[Key] = WEBHOOK_KEYS.split_at(1).1;

/// A way to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// How.
    pub way: Way,
    /// What to do after an attempt of which nobody knows how it ended.
    pub unsure: Unsure,
}

/// How a channel sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Mail by SMTP.
    Mail(Smtp),
    /// JSON by HTTP.
    Webhook(Hook),
    /// A group robot of WeCom.
    Wecom(Hook),
    /// A group robot of DingTalk.
    Dingtalk(Hook),
    /// A group robot of Feishu.
    Feishu(Hook),
}

impl Way {
    /// The word in `duly.yaml`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Webhook(_) => "webhook",
            Self::Wecom(_) => "wecom",
            Self::Dingtalk(_) => "dingtalk",
            Self::Feishu(_) => "feishu",
        }
    }

    /// Whether it posts into a group chat.
    #[must_use]
    pub const fn is_robot(&self) -> bool {
        matches!(self, Self::Wecom(_) | Self::Dingtalk(_) | Self::Feishu(_))
    }
}

/// What to do after an attempt of which nobody knows how it ended: the connection broke after the notice had gone out, or the program was killed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unsure {
    /// Send it again: it may come twice, and is never lost.
    #[default]
    Resend,
    /// Leave it to a person: it never comes twice.
    Hold,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who signs in.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<Secret>,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// From its beginning.
    #[default]
    Required,
    /// By the server's offer, which is insisted upon.
    Starttls,
    /// Not at all: for a server on the same machine.
    None,
}

/// Where a channel posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The address.
    pub url: Secret,
    /// The key that signs.
    pub secret: Option<Secret>,
}

/// Where something is found that must not be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// It is no secret.
    Plain(String),
    /// In an environment variable.
    Env(String),
    /// In a file; a blank end is cut off.
    File(String),
}

impl Channel {
    pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::read(node, CHANNEL_KEYS, problems)?;
        let unsure = fields.word("unsure", &[("resend", Unsure::Resend), ("hold", Unsure::Hold)], problems).unwrap_or_default();
        let ways: Vec<&str> =
            CHANNEL_KEYS.iter().map(|key| key.name).filter(|name| *name != "unsure" && fields.get(name).is_some()).collect();
        let [way] = ways.as_slice() else {
            if !fields.misspelt {
                let message = Text::new(
                    "a channel is one of mail, webhook, wecom, dingtalk, feishu",
                    "渠道须为 mail、webhook、wecom、dingtalk、feishu 之一",
                );
                problems.error_with_help("DU0103", &node.place, message, Text::new("as `{mail: {host: ...}}`", "如 `{mail: {host: ...}}`"));
            }
            return None;
        };
        let inner = fields.get(way)?;
        let way = match *way {
            "mail" => Way::Mail(read_mail(inner, problems)?),
            "webhook" => Way::Webhook(read_hook(inner, WEBHOOK_KEYS, problems)?),
            "wecom" => Way::Wecom(read_hook(inner, ROBOT_KEYS, problems)?),
            "dingtalk" => Way::Dingtalk(read_hook(inner, ROBOT_KEYS, problems)?),
            _ => Way::Feishu(read_hook(inner, ROBOT_KEYS, problems)?),
        };
        Some(Self { way, unsure })
    }
}

fn read_mail(node: &Node, problems: &mut Problems) -> Option<Smtp> {
    let fields = Fields::read(node, MAIL_KEYS, problems)?;
    let tls =
        fields.word("tls", &[("required", Tls::Required), ("starttls", Tls::Starttls), ("none", Tls::None)], problems).unwrap_or_default();
    let usual = match tls {
        Tls::Required => 465,
        Tls::Starttls => 587,
        Tls::None => 25,
    };
    let port = match fields.integer("port", problems) {
        None => usual,
        Some(port) => u16::try_from(port).ok().filter(|port| *port > 0).unwrap_or_else(|| {
            let place = fields.get("port").map_or(&node.place, |node| &node.place);
            problems.error("DU0105", place, format!("`{port}` is not a port"), format!("`{port}` 不是端口"));
            usual
        }),
    };
    let user = fields.text("user", problems).map(str::to_owned);
    let password = secret(&fields, "password", problems);
    if user.is_some() && password.is_none() {
        let message = Text::new("`user` without a password", "有 `user` 而无密码");
        problems.error_with_help(
            "DU0103",
            &node.place,
            message,
            Text::new("name `password_env` or `password_file`", "请写明 `password_env` 或 `password_file`"),
        );
    }
    Some(Smtp { host: fields.text("host", problems)?.to_owned(), port, tls, user, password })
}

fn read_hook(node: &Node, keys: &[Key], problems: &mut Problems) -> Option<Hook> {
    let fields = Fields::read(node, keys, problems)?;
    let secret_key = secret(&fields, "secret", problems);
    let Some(url) = secret(&fields, "url", problems) else {
        if !fields.misspelt {
            let message = Text::new("the address is missing", "缺少地址");
            problems.error_with_help(
                "DU0103",
                &node.place,
                message,
                Text::new("name `url_env` or `url_file`", "请写明 `url_env` 或 `url_file`"),
            );
        }
        return None;
    };
    if let (Secret::Plain(text), Some(node)) = (&url, fields.get("url")) {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.split('/').next().is_some_and(|host| host.contains('@'))) {
            problems.error_with_help(
                "DU0105",
                &node.place,
                Text::new(format!("`{text}` is not an address to post to"), format!("`{text}` 不是可以发送的地址")),
                Text::new(
                    "`https://host/path`; one with a password or key in it stands under `url_env`",
                    "应为 `https://主机/路径`；含密码或密钥的地址请放在 `url_env` 中",
                ),
            );
        }
    }
    Some(Hook { url, secret: secret_key })
}

/// Where `name` is found: as written, under `name_env`, or under `name_file`.
fn secret(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<Secret> {
    let text = |key: &str, problems: &mut Problems| fields.text(key, problems).map(str::to_owned);
    let found: Vec<Secret> = [
        text(name, problems).map(Secret::Plain),
        text(&format!("{name}_env"), problems).map(Secret::Env),
        text(&format!("{name}_file"), problems).map(Secret::File),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found.len() > 1 {
        let message = Text::new(format!("`{name}` is named twice"), format!("`{name}` 写了两处"));
        problems.error_with_help("DU0405", &fields.node.place, message, Text::new("leave one of them", "请只留一处"));
    }
    found.into_iter().next()
}
