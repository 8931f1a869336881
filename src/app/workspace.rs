//! A workspace: the folder with `duly.yaml`, its policies, its store.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    diagnostic::{Diagnostic, Problems, SourceFile},
    policy::{
        PolicySet,
        company::Company,
        compile,
        sources::{MOST_BYTES, Sources, read_text},
    },
};

/// The file that makes a folder a workspace.
pub const FILE: &str = "duly.yaml";

/// A workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// What the company says about itself.
    pub company: Company,
}

impl Workspace {
    /// The workspace that holds a folder: it, or the nearest one above.
    ///
    /// # Errors
    /// What is wrong with its file.
    pub fn find(from: &Path) -> Result<Option<Self>, Vec<Diagnostic>> {
        for folder in from.ancestors() {
            let path = folder.join(FILE);
            if path.is_file() {
                return Self::read(folder, &path).map(Some);
            }
        }
        Ok(None)
    }

    fn read(root: &Path, path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let text = read_text(path, MOST_BYTES).map_err(|problem| vec![problem])?;
        let file = Arc::new(SourceFile { path: path.display().to_string(), text });
        let mut problems = Problems::default();
        let company = Company::read(&file, &mut problems);
        match company {
            Some(company) if !problems.has_errors() => Ok(Self { root: root.to_owned(), company }),
            _ => Err(problems.into_sorted()),
        }
    }

    /// The folders of its policies.
    #[must_use]
    pub fn policy_folders(&self) -> Vec<PathBuf> {
        if self.company.policies.is_empty() {
            vec![self.root.join("policies")]
        } else {
            self.company.policies.iter().map(|folder| self.root.join(folder)).collect()
        }
    }

    /// What the company says where policies of some folders are looked at. Its notices speak of roles and calendars that other policies than its own
    /// need not have, and are left out then.
    #[must_use]
    pub fn company_with(&self, folders: &[PathBuf]) -> Company {
        let mut company = self.company.clone();
        if folders != self.policy_folders() {
            company.notices = None;
        }
        company
    }

    /// The folder of its store.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.root.join(".duly")
    }
}

/// Reads and compiles the policies of folders.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(folders: &[PathBuf], company: &Company) -> Result<(Sources, PolicySet), Vec<Diagnostic>> {
    let sources = Sources::read(folders)?;
    let set = compile(&sources, company.clone())?;
    Ok((sources, set))
}
