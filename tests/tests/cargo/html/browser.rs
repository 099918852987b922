//! Chromium without a window.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::support::{run, target};

/// By what the systems call it.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

#[derive(Default)]
pub(crate) struct Browser {
    /// Whether the system is said to be dark.
    pub(crate) dark: bool,
}

/// What became of a page.
pub(crate) struct Shown {
    /// What the script has returned.
    pub(crate) value: Value,
    /// The lines of its console.
    pub(crate) console: Vec<String>,
}

impl Browser {
    /// Shows the page from its file, in a frame of this width: no window is as narrow as a phone. `script` is
    /// the body of an async function, which is called in a copy of the page once it is there.
    pub(crate) fn show(&self, page: &Path, width: u32, script: &str) -> Shown {
        static SHOWN: AtomicU32 = AtomicU32::new(0);
        let number = SHOWN.fetch_add(1, Ordering::Relaxed);
        let folder = page.parent().expect("a folder");
        let copy = folder.join(format!("copy-{number}.html"));
        let frame = folder.join(format!("frame-{number}.html"));
        let profile = target().join("pages").join(format!("chromium-{number}"));
        fs::write(&copy, with_script(page, script)).expect("a copy");
        fs::write(&frame, in_frame(&copy, width)).expect("a frame");
        let said = run(self
            .command(&profile)
            .arg(format!("file://{}", frame.display())));
        for file in [copy, frame] {
            fs::remove_file(file).expect("a file that was there");
        }
        let _ = fs::remove_dir_all(profile);
        let result = said.stdout.split("<pre>").nth(1);
        let result = result.and_then(|rest| rest.split("</pre>").next());
        let text = result.unwrap_or_else(|| panic!("the script did not end\n{said}"));
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        let lines = said.stderr.lines().filter(|line| line.contains("CONSOLE"));
        Shown {
            value: serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
            console: lines.map(str::to_owned).collect(),
        }
    }

    fn command(&self, profile: &Path) -> Command {
        let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
        let name = NAMES.into_iter().find(is_there);
        let mut command = Command::new(name.expect("Chromium is installed"));
        command.args([
            "--headless=new",
            // Which root, as whom containers run, can't have.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--enable-logging=stderr",
            "--window-size=1500,1200",
            "--virtual-time-budget=10000",
            "--dump-dom",
        ]);
        let scheme = if self.dark { 0 } else { 1 };
        command.arg(format!("--blink-settings=preferredColorScheme={scheme}"));
        command.arg(format!("--user-data-dir={}", profile.display()));
        command
    }
}

fn with_script(page: &Path, script: &str) -> String {
    let page = fs::read_to_string(page).expect("a page");
    let (start, end) = page.rsplit_once("</body>").expect("a body");
    format!(
        "{start}<script>(async () => {{ {script} }})().then(
             (value) => parent.postMessage(JSON.stringify(value), '*'),
             (error) => console.error(error),
         );</script></body>{end}"
    )
}

fn in_frame(copy: &Path, width: u32) -> String {
    let name = copy.file_name().expect("a name").to_string_lossy();
    format!(
        "<!DOCTYPE html><meta charset=utf-8><link rel=icon href='data:,'><script>
             onmessage = (message) => {{
                 const result = document.createElement('pre');
                 result.textContent = message.data;
                 document.body.append(result);
             }};
         </script><body><iframe src='{name}' width={width} height=1000 style='border: 0'></iframe>"
    )
}
