//! What this machine lacks for figures that are exact, or calm.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use hotbench_project::profdata::{Profdata, ProfdataError};

/// What is wrong, and how it is mended.
pub(super) type Words = (String, String);

/// Hints on the tools that features need, and on the processor.
pub(super) fn hints(folder: &Path) -> Vec<Words> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut hints = tools(&path);
    if let Err(error) = Profdata::find(folder) {
        hints.push(profdata(&error));
    }
    hints.extend(processor(Path::new("/sys/devices/system/cpu")));
    hints
}

fn tools(path: &OsStr) -> Vec<Words> {
    let is_there =
        |name: &str| std::env::split_paths(path).any(|folder| folder.join(name).is_file());
    let mut hints = Vec::new();
    if !is_there("valgrind") {
        hints.push((
            "there is no `valgrind`, which counts instructions for `--check`, `--compare` and `--instructions`".into(),
            "install it (`apt-get install valgrind`)".into(),
        ));
    }
    if !is_there("perf") {
        hints.push((
            "there is no `perf`, for what the processor counts of a bench executable; hotbench itself needs none".into(),
            "install it (`apt-get install linux-perf`)".into(),
        ));
    }
    hints
}

fn profdata(error: &ProfdataError) -> Words {
    let what = match error {
        ProfdataError::Absent { llvm, .. } => {
            format!("there is no `llvm-profdata` of LLVM {llvm}, which `--variants pgo` needs")
        }
        other => format!("`--variants pgo` can't be measured: {other}"),
    };
    let mend = match error {
        ProfdataError::Named(_) => "correct or unset it",
        _ => "`rustup component add llvm-tools`, or name one by the variable `LLVM_PROFDATA`",
    };
    (what, mend.to_owned())
}

/// What changes the clock while cases are timed. What the system does not tell is not said.
fn processor(cpu: &Path) -> Vec<Words> {
    let line = |path: &str| {
        let text = fs::read_to_string(cpu.join(path)).ok()?;
        Some(text.trim().to_owned())
    };
    let mut hints = Vec::new();
    if let Some(governor) = line("cpu0/cpufreq/scaling_governor").filter(|one| one != "performance")
    {
        hints.push((
            format!(
                "the processor's governor is `{governor}`, so that its clock changes with the load"
            ),
            "`sudo cpupower frequency-set -g performance` while you measure".into(),
        ));
    }
    for (path, on, off) in [
        ("intel_pstate/no_turbo", "0", "1"),
        ("cpufreq/boost", "1", "0"),
    ] {
        if line(path).as_deref() == Some(on) {
            hints.push((
                "the processor's turbo is on, so that its clock changes with its heat".into(),
                format!(
                    "`echo {off} | sudo tee {}` while you measure",
                    cpu.join(path).display()
                ),
            ));
            break;
        }
    }
    hints
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{processor, profdata, tools};
    use hotbench_project::profdata::ProfdataError;

    #[test]
    fn a_tool_that_is_there_is_not_said() {
        let home = tempfile::tempdir().expect("a folder");
        let said = |home: &std::path::Path| {
            let tools = tools(home.as_os_str());
            let whats: Vec<String> = tools.into_iter().map(|(what, _)| what).collect();
            whats.join("\n")
        };
        let none = said(home.path());
        assert!(
            none.contains("`valgrind`") && none.contains("`perf`"),
            "{none}"
        );
        fs::write(home.path().join("valgrind"), "").expect("a file");
        let one = said(home.path());
        assert!(
            !one.contains("`valgrind`") && one.contains("`perf`"),
            "{one}"
        );
    }

    #[test]
    fn a_clock_that_changes_is_said_with_what_holds_it() {
        let cpu = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = cpu.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        assert_eq!(processor(cpu.path()), []);
        write("cpu0/cpufreq/scaling_governor", "powersave\n");
        write("intel_pstate/no_turbo", "0\n");
        let hints = processor(cpu.path());
        assert!(hints[0].0.contains("`powersave`"), "{hints:?}");
        assert!(hints[1].1.contains("echo 1 | sudo tee"), "{hints:?}");
        write("cpu0/cpufreq/scaling_governor", "performance\n");
        write("intel_pstate/no_turbo", "1\n");
        assert_eq!(processor(cpu.path()), []);
        write("cpufreq/boost", "1\n");
        assert!(processor(cpu.path())[0].1.contains("echo 0 | sudo tee"));
    }

    #[test]
    fn the_llvm_of_the_compiler_is_named() {
        let absent = ProfdataError::Absent {
            llvm: 21,
            foreign: None,
        };
        let (what, mend) = profdata(&absent);
        assert!(
            what.contains("LLVM 21") && mend.contains("rustup component add"),
            "{what}: {mend}"
        );
    }
}
