//! Where the profile goes, and in which form: `HOTBENCH_PROFILE`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::summary::Summary;
use super::table;
use crate::policy::print;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Table,
    Json,
}

#[derive(Debug, PartialEq)]
pub(super) struct Destination {
    form: Form,
    /// None: standard error.
    file: Option<PathBuf>,
}

impl Destination {
    pub(super) const TABLE: Self = Self {
        form: Form::Table,
        file: None,
    };

    /// What the environment says, if it says anything.
    ///
    /// # Errors
    ///
    /// What it should say.
    pub(super) fn from_environment() -> Result<Option<Self>, String> {
        match std::env::var_os("HOTBENCH_PROFILE") {
            Some(value) if !value.is_empty() => Self::parse(&value).map(Some),
            _ => Ok(None),
        }
    }

    fn parse(value: &OsStr) -> Result<Self, String> {
        let to_standard_error = |form| Self { form, file: None };
        let extension = Path::new(value).extension();
        let form = match (value.to_str(), extension.and_then(OsStr::to_str)) {
            (Some("table"), _) => return Ok(to_standard_error(Form::Table)),
            (Some("json"), _) => return Ok(to_standard_error(Form::Json)),
            (_, Some("json")) => Form::Json,
            (_, Some("txt")) => Form::Table,
            _ => {
                return Err(format!(
                    "`HOTBENCH_PROFILE` is `{}`: it is `table`, `json`, or the path of a file that \
                     ends in `.json` or `.txt`",
                    value.to_string_lossy()
                ));
            }
        };
        // The program may go to another folder.
        let file = std::path::absolute(value);
        let file = file.map_err(|error| format!("`HOTBENCH_PROFILE`: {error}"))?;
        Ok(Self {
            form,
            file: Some(file),
        })
    }

    pub(super) fn write(&self, summary: &Summary) {
        let text = match self.form {
            Form::Table => table::render(summary),
            Form::Json => serde_json::to_string(summary).unwrap_or_default() + "\n",
        };
        match &self.file {
            None => print(text.trim_end()),
            Some(file) => {
                if let Err(error) = std::fs::write(file, text) {
                    let file = file.display();
                    print(&format!(
                        "hotbench: the profile can't be written to `{file}`: {error}"
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::{Destination, Form};

    #[test]
    fn a_form_or_a_file_is_said() {
        let parse = |value: &str| Destination::parse(OsStr::new(value));
        assert_eq!(parse("table"), Ok(Destination::TABLE));
        let json = parse("json").expect("a form");
        assert_eq!((json.form, json.file), (Form::Json, None));
        let file = parse("/tmp/of.today/profile.json").expect("a file");
        assert_eq!(file.form, Form::Json);
        assert_eq!(
            file.file.unwrap().to_str(),
            Some("/tmp/of.today/profile.json")
        );
        let file = parse("profile.txt").expect("a file");
        assert_eq!(file.form, Form::Table);
        assert!(file.file.unwrap().is_absolute());
    }

    #[test]
    fn anything_else_is_told_what_to_be() {
        for value in ["garbage", "/tmp", "profile.csv", "TABLE"] {
            let error = Destination::parse(OsStr::new(value)).expect_err(value);
            assert!(
                error.contains(&format!("is `{value}`: it is `table`, `json`, or")),
                "{error}"
            );
        }
    }
}
