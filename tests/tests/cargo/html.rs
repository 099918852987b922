//! The page of a run, with the feature `html`: in a browser, at the widths of a phone and of a desk.

pub(crate) mod browser;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use self::browser::{Browser, Shown};
use crate::support::{QUICK, Said, cargo, copy_program, executable, run, target};

/// The widths of windows, in pixels: of a phone, of cards side by side, around the width at which the cards
/// become a table, and of a desk.
const WIDTHS: [u32; 6] = [320, 400, 768, 1099, 1100, 1400];
/// All of the fixture.
const CASES: usize = 24;

/// A copy of the fixture's bench target in a target directory of its own, so that no other test writes there.
struct Bench {
    home: PathBuf,
    program: PathBuf,
}

impl Bench {
    fn new(name: &str) -> Self {
        static PROGRAM: LazyLock<PathBuf> =
            LazyLock::new(|| executable("bench -p page --no-run --message-format=json"));
        let home = target().join("pages").join(name);
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).expect("a folder");
        fs::write(home.join("CACHEDIR.TAG"), "").expect("a tag");
        let program = home.join("hot");
        copy_program(&PROGRAM, &program);
        Self { home, program }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--bench")
            .args(arguments.split(' '))
            .env("RUST_BACKTRACE", "0")
            .current_dir(&self.home);
        command
    }

    fn time(&self, arguments: &str) -> Said {
        run(&mut self.command(&format!("{QUICK} {arguments}")))
    }

    fn folder(&self) -> PathBuf {
        self.home.join("hotbench").join("report")
    }

    fn page(&self) -> PathBuf {
        self.folder().join("index.html")
    }
}

/// All cases, timed twice, the second time with a flamegraph there.
static WHOLE: LazyLock<Bench> = LazyLock::new(|| {
    let bench = Bench::new("whole");
    let flamegraphs = bench.home.join("hotbench").join("flamegraph");
    fs::create_dir_all(&flamegraphs).expect("a folder");
    fs::write(flamegraphs.join("page.filled+64.svg"), "<svg/>").expect("a file");
    bench.time("filled --quiet").passed();
    let said = bench.time("--include-ignored");
    assert_eq!(said.code, Some(1), "{said}");
    said.says(&format!("note: report: {}\n", bench.page().display()));
    bench
});

fn shown(width: u32, script: &str) -> Shown {
    Browser::default().show(&WHOLE.page(), width, script)
}

#[test]
fn the_page_opens_without_an_error_and_nothing_written_in_it_runs() {
    let shown = shown(
        1400,
        "return {
            title: document.title,
            rows: document.querySelectorAll('tbody tr').length,
            images: document.images.length,
            names: [...document.querySelectorAll('.own')].map((name) => name.textContent),
            failed: [...document.querySelectorAll('.failure')].map((case_) => case_.textContent),
        };",
    );
    assert_eq!(shown.console, [""; 0]);
    let page = shown.value;
    assert_eq!(page["title"], "page · hot – hotbench");
    assert_eq!([&page["rows"], &page["images"]], [CASES, 0]);
    for name in [
        "named/<script>document.title = 'run'</script>",
        "named/\"'><img src=x onerror=document.title=1> & so on",
        "named/größe 日本語 🦀",
    ] {
        let names = page["names"].as_array().expect("a list");
        assert!(names.iter().any(|other| other == name), "{names:?}");
    }
    let [wrong, over] = [0, 1].map(|index| page["failed"][index].as_str().expect("a text"));
    assert!(
        wrong.contains("<script>four</script> are wanted"),
        "{wrong}"
    );
    assert!(wrong.contains("& a line of output"), "{wrong}");
    assert!(over.contains("allocated 3 times"), "{over}");
}

#[test]
fn a_browser_that_sees_an_error_says_so() {
    let folder = target().join("pages").join("with-errors");
    fs::create_dir_all(&folder).expect("a folder");
    let page = folder.join("index.html");
    let text = "<body><script>console.error('an error')</script></body>";
    fs::write(&page, text).expect("a page");
    let shown = Browser::default().show(&page, 1400, "return 1;");
    assert_eq!(shown.console.len(), 1, "{:?}", shown.console);
}

#[test]
fn nothing_is_wider_than_the_window() {
    for width in WIDTHS {
        let shown = shown(
            width,
            "for (const closed of document.querySelectorAll('details')) closed.open = true;
             const page = document.documentElement;
             const isScrolled = (element) => element.closest('.wide') !== null;
             const wide = [...document.querySelectorAll('body *')].filter((element) =>
                 element.getBoundingClientRect().right > innerWidth + 0.5 && !isScrolled(element));
             const table = document.querySelector('.wide');
             return {
                 inner: innerWidth,
                 scrolls: page.scrollWidth > innerWidth,
                 tableScrolls: table.scrollWidth > table.clientWidth,
                 wide: wide.map((element) => element.outerHTML.slice(0, 200)),
             };",
        );
        let page = &shown.value;
        assert_eq!(page["inner"], width, "{page}");
        assert_eq!(page["scrolls"], false, "at {width}: {page}");
        assert_eq!(page["wide"], Value::Array(Vec::new()), "at {width}: {page}");
        // Between a desk and cards, the table may have to.
        if !(1100..1400).contains(&width) {
            assert_eq!(page["tableScrolls"], false, "at {width}: {page}");
        }
    }
}

#[test]
fn headings_sort_up_and_down_and_back() {
    let shown = shown(
        1400,
        "const heading = (title) => [...document.querySelectorAll('thead th')]
             .find((heading) => heading.textContent === title);
         const column = (title) => [...document.querySelectorAll('thead th')].indexOf(heading(title));
         const keys = (title) => [...document.querySelectorAll('tbody tr')]
             .map((row) => row.cells[column(title)].dataset.key ?? null);
         const sorted = (title) => {
             heading(title).querySelector('button').click();
             const sorts = [...document.querySelectorAll('[aria-sort]')].map((other) => other.ariaSort);
             return { sort: heading(title).ariaSort, sorts, keys: keys(title) };
         };
         const original = keys('case');
         return {
             original,
             time: [sorted('time'), sorted('time'), sorted('time')],
             restored: keys('case'),
             names: sorted('case'),
         };",
    );
    let page = &shown.value;
    let keys = |at: &Value| -> Vec<Option<f64>> {
        let keys = at["keys"].as_array().expect("a list").iter();
        let number = |key: &Value| key.as_str().map(|key| key.parse().expect("a number"));
        keys.map(number).collect()
    };
    for (click, sort) in ["ascending", "descending", "none"].into_iter().enumerate() {
        let sorted = &page["time"][click];
        assert_eq!(sorted["sort"], sort);
        let sorts = sorted["sorts"].as_array().expect("a list");
        let others = sorts.iter().filter(|other| *other != "none").count();
        assert_eq!(others, usize::from(sort != "none"), "{sorts:?}");
    }
    let mut up = keys(&page["time"][0]);
    // Two have failed: they come last, up or down.
    assert_eq!(up.split_off(CASES - 2), [None, None]);
    assert!(up.is_sorted(), "{up:?}");
    assert_ne!(up.first(), up.last());
    let mut down = keys(&page["time"][1]);
    assert_eq!(down.split_off(CASES - 2), [None, None]);
    down.reverse();
    assert_eq!(up, down);
    assert_eq!(page["restored"], page["original"]);
    // As numbers are sorted, not as texts.
    let names = page["names"]["keys"].as_array().expect("a list");
    let place = |name: &str| names.iter().position(|other| other == name);
    assert!(
        place("page::filled/64") < place("page::filled/1024"),
        "{names:?}"
    );
}

#[test]
fn a_search_leaves_what_has_all_of_its_words() {
    let shown = shown(
        1400,
        "const search = document.getElementById('search');
         const visible = (selector) => [...document.querySelectorAll(selector)]
             .filter((element) => element.checkVisibility()).length;
         const found = (words) => {
             search.value = words;
             search.dispatchEvent(new Event('input'));
             return [
                 visible('tbody tr'),
                 visible('figure'),
                 visible('#nothing'),
                 document.getElementById('found').value,
             ];
         };
         return [
             found(''), found('FILLED'), found('64 filled'), found('größe'), found('copies'),
             found('no such case'), found('  '),
         ];",
    );
    let expected = serde_json::json!([
        [CASES, 5, 0, ""],
        [3, 1, 0, "3 of 24"],
        [1, 1, 0, "1 of 24"],
        [1, 0, 0, "1 of 24"],
        // A group's name.
        [2, 1, 0, "2 of 24"],
        [0, 0, 1, "0 of 24"],
        [CASES, 5, 0, ""],
    ]);
    assert_eq!(shown.value, expected);
}

#[test]
fn a_case_that_failed_leads_to_its_message() {
    let shown = shown(
        1400,
        "const link = [...document.querySelectorAll('td a.failed')]
             .find((link) => link.textContent === 'over budget');
         const target = document.querySelector(link.getAttribute('href'));
         const before = target.open;
         link.click();
         await new Promise((later) => setTimeout(later, 100));
         return [before, target.open, target.querySelector('.id').textContent];",
    );
    let expected = serde_json::json!([false, true, "page::words/over"]);
    assert_eq!(shown.value, expected);
}

#[test]
fn the_theme_is_the_systems_until_one_is_chosen() {
    const SCRIPT: &str = "const color = () => getComputedStyle(document.body).backgroundColor;
         const bar = () => getComputedStyle(document.querySelector('.chart rect + rect')).fill;
         const before = [color(), bar()];
         document.getElementById('theme').click();
         return { before, after: [color(), bar()] };";
    let page = WHOLE.page();
    let light = Browser { dark: false }.show(&page, 1400, SCRIPT).value;
    let dark = Browser { dark: true }.show(&page, 1400, SCRIPT).value;
    assert_ne!(light["before"], light["after"]);
    assert_eq!(light["after"], dark["before"]);
    assert_eq!(light["before"], dark["after"]);
}

#[test]
fn groups_are_bars_and_sweeps_are_lines() {
    let shown = shown(
        1400,
        "const figure = (title) => [...document.querySelectorAll('figure')]
             .find((figure) => figure.querySelector('figcaption').textContent === title);
         const count = (title, selector) => figure(title).querySelectorAll(selector).length;
         const texts = (title) => [...figure(title).querySelector('svg').querySelectorAll('text')]
             .map((text) => text.textContent.trim());
         return {
             copies: [count('copies', 'svg'), count('copies', 'rect')],
             sums: count('sums', 'circle'),
             ticks: texts('sums'),
             lines: [...figure('sums').querySelectorAll('li')].map((line) => line.textContent),
             threads: texts('page::together'),
             size: parseFloat(getComputedStyle(figure('sums').querySelector('text')).fontSize),
         };",
    );
    let page = &shown.value;
    // Times and bytes; of each bar, itself and what it is a part of.
    assert_eq!(page["copies"], serde_json::json!([2, 8]));
    assert_eq!(page["sums"], 10);
    let lines = serde_json::json!(["sum_by_formula/formula", "sum_in_a_loop/looped"]);
    let named: BTreeSet<_> = page["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .map(Value::to_string)
        .collect();
    let expected: BTreeSet<_> = lines
        .as_array()
        .expect("a list")
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(named, expected);
    let ticks = page["ticks"].as_array().expect("a list");
    // On a linear axis the first three would stand in one place.
    for tick in ["1", "30", "1,000", "value"] {
        assert!(ticks.iter().any(|other| other == tick), "{tick}: {ticks:?}");
    }
    let threads = page["threads"].as_array().expect("a list");
    assert!(threads.iter().any(|text| text == "threads"), "{threads:?}");
    // Of text that is a tenth smaller on a phone.
    assert!(page["size"].as_f64() >= Some(12.0), "{page}");
}

#[test]
fn cases_have_their_past_and_links_to_files_that_are_there() {
    let shown = shown(
        1400,
        "const rows = [...document.querySelectorAll('tbody tr')];
         return rows.map((row) => ({
             id: row.cells[0].dataset.key,
             past: row.querySelector('.spark')?.ariaLabel ?? null,
             links: [...row.querySelectorAll('.links a')].map((link) => link.getAttribute('href')),
         }));",
    );
    let rows = shown.value.as_array().expect("a list").clone();
    for row in &rows {
        let id = row["id"].as_str().expect("a name");
        let said = row["past"].as_str().unwrap_or_default();
        // Only these were timed before.
        assert_eq!(
            said.starts_with("2 runs since "),
            id.contains("filled"),
            "{row}"
        );
        let links: Vec<&str> = row["links"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let expected = match id {
            "page::length/wrong" | "page::words/over" => 0,
            "page::filled/64" => 2,
            _ => 1,
        };
        assert_eq!(links.len(), expected, "{row}");
        for link in links {
            let file = WHOLE.folder().join(link);
            let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{link}: {error}"));
            assert_links_lead_somewhere(&file, &text);
        }
    }
    let of_criterion = WHOLE.folder().join("criterion/page.filled+64/report");
    let page = fs::read_to_string(of_criterion.join("index.html")).expect("a page");
    assert!(page.contains(">page::filled/64</h2>"), "{page}");
    let drawing = fs::read_to_string(of_criterion.join("pdf.svg")).expect("a drawing");
    assert!(drawing.contains("\npage::filled/64\n"), "{drawing}");
}

/// Those to files of the same folder.
fn assert_links_lead_somewhere(file: &Path, text: &str) {
    let folder = file.parent().expect("a folder");
    for attribute in ["href=\"", "src=\""] {
        for link in text.split(attribute).skip(1) {
            let link = link.split('"').next().expect("an end");
            let is_file = link.starts_with("https://") || folder.join(link).is_file();
            assert!(is_file, "{} has a link to {link}", file.display());
        }
    }
}

#[test]
fn the_page_is_opened_by_the_desktop() {
    let bench = Bench::new("opened");
    let bin = bench.home.join("bin");
    fs::create_dir_all(&bin).expect("a folder");
    let opener = bin.join(if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    });
    let with_opener = |script: &str| {
        fs::write(&opener, format!("#!/bin/sh\n{script}\n")).expect("a program");
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).expect("a mode");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = bench.command(&format!("filled/8 {QUICK} --format json --open"));
        run(command.env("PATH", format!("{}:{path}", bin.display()))).passed()
    };
    let said = with_opener("printf %s \"$1\" > opened");
    let opened = fs::read_to_string(bench.home.join("opened")).expect("opened");
    assert_eq!(Path::new(&opened), bench.page());
    assert!(
        serde_json::from_str::<Value>(&said.stdout).is_ok(),
        "{said}"
    );
    said.says(&format!("note: report: {opened}\n"))
        .never_says("can't be shown");
    with_opener("exit 3")
        .says("note: the report can't be shown: `")
        .says("failed: exit status: 3");
}

#[test]
fn reports_that_are_merged_have_a_page_if_it_is_asked_for() {
    let bench = Bench::new("merged");
    let files = ["filled", "copied"].map(|filter| {
        let said = bench.time(&format!("{filter} --format json")).passed();
        let file = bench.home.join(format!("{filter}.json"));
        fs::write(&file, said.stdout).expect("a document");
        file.display().to_string()
    });
    fs::remove_dir_all(bench.folder()).expect("a folder that was there");
    let merge = format!("--merge {}", files.join(" "));
    run(&mut bench.command(&merge))
        .passed()
        .never_says("note: report");
    assert!(!bench.page().exists());
    let said = run(bench.command(&format!("{merge} --open")).env("PATH", "")).passed();
    said.says("note: report: ")
        .says("can't be shown: `")
        .says("can't be started");
    let script = "return [document.querySelectorAll('tbody tr').length,
                          document.querySelectorAll('header details').length];";
    let shown = Browser::default().show(&bench.page(), 1400, script);
    assert_eq!(shown.value, serde_json::json!([4, 2]));
}

#[test]
fn a_page_is_whole_or_stays_as_it_was() {
    let bench = Bench::new("whole-or-not");
    bench.time("filled/8").passed();
    let files = || {
        let entries = fs::read_dir(bench.folder()).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("a file").file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(files(), ["criterion", "index.html"]);
    let page = fs::read_to_string(bench.page()).expect("a page");
    // Nothing was run: there is nothing to show.
    bench
        .time("no_such_case")
        .passed()
        .never_says("note: report");
    assert_eq!(fs::read_to_string(bench.page()).expect("a page"), page);
    // No folder can be made there. The run goes on.
    fs::remove_dir_all(bench.folder()).expect("a folder");
    fs::write(bench.folder(), "").expect("a file");
    let said = bench.time("filled/8").passed();
    said.says("note: the report can't be written to ")
        .says("filled/8");
}

#[test]
fn only_what_makes_a_page_can_show_it() {
    let said = cargo("bench -p declared -- --open").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("`--open` needs the feature `html`")
        .says("hotbench = { version = \"0.1\", features = [\"harness\", \"html\"] }");
    let bench = Bench::new("not-opened");
    for arguments in ["--list --open", "--test --open", "--check --open"] {
        let said = run(&mut bench.command(arguments));
        assert_eq!(said.code, Some(2), "{said}");
        said.says("`--open` is for timed runs and for `--merge`");
    }
}
