//! What a spreadsheet would compute is made harmless (OWASP, CSV injection).

/// Signs that make a formula of a text; the wide ones do so where Chinese or Japanese is typed.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet might compute a text, or hide where it begins: spaces before the sign do not stop all of them.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS)
}

/// Puts an apostrophe before what a spreadsheet would compute.
#[must_use]
pub fn harmless(text: String) -> String {
    if is_formula(&text) { format!("'{text}") } else { text }
}
