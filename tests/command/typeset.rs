//! What is set for papers: the committed list of documents goes through LaTeX and through Typst, in one column and in two, and no line
//! of LaTeX's is too long and no block too tall for a page.
//!
//! A `pdflatex` is looked for on the PATH; a `typst` there too, or Python's module of that name in `target/typst`, or in `python3`.
//! Without them the tests say so and skip what needs them; `.ci/run` installs both.

use crate::program::{refused_with, text};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The list, and what its losses are in.
const LIST: &str = include_str!("typeset/documents.txt");
/// The most points that a line may be too long, or a block too tall.
const OVERFULL: f64 = 2.0;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_long() -> bool {
    std::env::var_os("SHADOWFLOW_LONG").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The arguments of the documents of this run.
pub(crate) fn documents() -> Vec<Vec<&'static str>> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let chosen = lines.filter(|line| is_long() || line.starts_with('*'));
    chosen.map(|line| line.trim_start_matches('*').split_whitespace().collect()).collect()
}

pub(crate) fn runs(program: &Path, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Where LaTeX is.
#[allow(clippy::print_stderr, reason = "what is skipped is said")]
static LATEX: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let found = runs(Path::new("pdflatex"), &["--version"]).then(|| PathBuf::from("pdflatex"));
    if found.is_none() {
        eprintln!("there is no pdflatex on the PATH: documents in LaTeX are printed, but not set");
    }
    found
});

/// How Typst is called: a program and what comes before the paths of the document and of its PDF.
#[allow(clippy::print_stderr, reason = "what is skipped is said")]
static TYPST: LazyLock<Option<(PathBuf, Vec<&'static str>)>> = LazyLock::new(|| {
    if runs(Path::new("typst"), &["--version"]) {
        return Some(("typst".into(), vec!["compile"]));
    }
    let compile = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2])";
    let pythons = [root().join("target/typst/bin/python"), PathBuf::from("python3")];
    let found = pythons.into_iter().find(|python| runs(python, &["-c", "import typst"]));
    if found.is_none() {
        eprintln!(
            "there is no typst on the PATH and no Python with its module: documents in Typst are printed, but not set"
        );
    }
    found.map(|python| (python, vec!["-c", compile]))
});

/// Sets a document by LaTeX in a folder, and says what went wrong.
fn latex(folder: &Path, source: &str) -> Result<(), String> {
    let Some(program) = &*LATEX else { return Ok(()) };
    std::fs::write(folder.join("document.tex"), source).unwrap();
    let arguments = ["-interaction=nonstopmode", "-halt-on-error", "document.tex"];
    let output = Command::new(program).current_dir(folder).args(arguments).output().unwrap();
    let log = std::fs::read(folder.join("document.log")).unwrap_or_default();
    let log = String::from_utf8_lossy(&log).into_owned();
    if !output.status.success() {
        let error: Vec<&str> = log.lines().skip_while(|line| !line.starts_with('!')).take(8).collect();
        return Err(error.join("\n"));
    }
    let too_large = |line: &&str| {
        let points = ["Overfull \\hbox (", "Overfull \\vbox ("].iter().find_map(|box_of| line.strip_prefix(box_of));
        let points = points.and_then(|rest| rest.split("pt").next());
        points.is_some_and(|points| points.parse::<f64>().map_or(true, |points| points > OVERFULL))
    };
    let wrong: Vec<&str> = log.lines().filter(|line| too_large(line) || line.contains("multiply defined")).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

pub(crate) fn has_typst() -> bool {
    TYPST.is_some()
}

/// The same by Typst.
pub(crate) fn typst(folder: &Path, source: &str) -> Result<(), String> {
    let Some((program, before)) = &*TYPST else { return Ok(()) };
    std::fs::write(folder.join("document.typ"), source).unwrap();
    let output = Command::new(program).current_dir(folder).args(before).args(["document.typ", "document.pdf"]).output();
    let output = output.unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn keep(name: &str, source: &str) {
    if let Some(folder) = std::env::var_os("SHADOWFLOW_KEEP_DOCUMENTS") {
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
        std::fs::write(Path::new(&folder).join(name), source).unwrap();
    }
}

#[test]
fn every_document_is_set() {
    let mut faults = Vec::new();
    for document in documents() {
        for width in ["one", "two"] {
            for format in ["latex", "typst"] {
                let folder = tempfile::tempdir().unwrap();
                let arguments = [&document[..], &["--format", format, "--width", width]].concat();
                let source = text(&arguments);
                keep(&format!("{}.{}", arguments.join(" "), if format == "latex" { "tex" } else { "typ" }), &source);
                let set = if format == "latex" { latex } else { typst };
                if let Err(fault) = set(folder.path(), &source) {
                    faults.push(format!("shadowflow {}\n{fault}", arguments.join(" ")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// What pages do not break in is in several blocks, none of which is taller than a page.
#[test]
fn blocks_fit_a_page() {
    let all: &[&str] = &["--order 5", "--order 7", "--order 5 --method heavy-ball", "--order 4 --method nesterov"];
    for document in if is_long() { all } else { &all[..1] } {
        for environment in ["--environment aligned", "--environment split --label main"] {
            for width in ["one", "two"] {
                let call = format!("derive {document} --format latex {environment} --width {width}");
                let folder = tempfile::tempdir().unwrap();
                if let Err(fault) = latex(folder.path(), &text(&crate::program::words(&call))) {
                    panic!("shadowflow {call}\n{fault}");
                }
            }
        }
    }
}

/// A paper takes in what has no preamble, in every environment, twice with different labels.
#[test]
fn fragments_stand_in_a_paper() {
    for (environment, around) in [("align", ["", ""]), ("aligned", ["\\[", "\\]"]), ("split", ["\\[", "\\]"])] {
        let document = ["derive", "examples/losses/banana.loss", "--order", "1", "--format", "latex", "--fragment"];
        let plain = text(&[&document[..], &["--environment", environment]].concat());
        assert!(!plain.contains("\\documentclass") && !plain.contains("\\allowdisplaybreaks"), "{plain}");
        assert_eq!(plain.matches("\\begin{").count(), 1, "{plain}");
        let labelled = ["first", "second"]
            .map(|name| text(&[&document[..], &["--environment", environment, "--label", name]].concat()));
        let references = "See \\eqref{eq:first} and \\eqref{eq:second}.";
        let [open, close] = around;
        let paper = format!(
            "\\documentclass{{article}}\n\\usepackage{{amsmath}}\n\\begin{{document}}\n{references}\n{open}\n{plain}{close}\n{}{}\\end{{document}}\n",
            labelled[0], labelled[1]
        );
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            if let Err(fault) = latex(folder.path(), &paper) {
                panic!("{environment}: {fault}\n{paper}");
            }
        }
        if LATEX.is_some() {
            let log = std::fs::read_to_string(folder.path().join("document.log")).unwrap();
            assert!(!log.contains("undefined"), "{environment}: {log}");
        }
    }
}

/// What `MathJax` and `KaTeX` cannot read is not in what is for them: one environment, and comments.
#[test]
fn aligned_is_one_environment() {
    for document in
        documents().iter().filter(|d| d[0] == "derive" && !d.contains(&"--trees") && !d.contains(&"--proof"))
    {
        let printed = text(&[&document[..], &["--format", "latex", "--fragment", "--environment", "aligned"]].concat());
        let body: Vec<&str> = printed.lines().filter(|line| !line.starts_with('%')).collect();
        assert_eq!((body.first(), body.last()), (Some(&"\\begin{aligned}"), Some(&"\\end{aligned}")), "{printed}");
        for unknown in ["\\allowdisplaybreaks", "\\tag", "\\label", "\\rootedtree", "\\intertext"] {
            assert!(!printed.contains(unknown), "{printed}");
        }
    }
}

/// In Typst too.
#[test]
fn typst_refers_to_a_block() {
    let document = ["derive", "--order", "2", "--format", "typst", "--label", "flow"];
    let folder = tempfile::tempdir().unwrap();
    let fragment = text(&[&document[..], &["--fragment"]].concat());
    std::fs::write(folder.path().join("flow.typ"), fragment).unwrap();
    let paper = "#set math.equation(numbering: \"(1)\")\n#include \"flow.typ\"\nSee @eq:flow.\n";
    typst(folder.path(), paper).unwrap();
    typst(folder.path(), &text(&document)).unwrap();
}

/// Letters of the author's own, in a document that compiles; and what is wrong with a file of them, with its place.
#[test]
fn macros_of_the_authors_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.macros");
    let path = file.to_str().unwrap();
    let call = ["derive", "--order", "3", "--method", "nesterov", "--notation", "paper", "--macros", path, "--format"];
    std::fs::write(
        &file,
        "\\newcommand{\\loss}{\\mathcal{L}}\nE = \\loss_\\star\ntheta = \\boldsymbol{w}\nf = F\nh = \\eta\nm = \\mu\n",
    )
    .unwrap();
    let printed = text(&[&call[..], &["latex"]].concat());
    for part in
        ["\\dot{\\boldsymbol{w}} &= F_{0} + \\eta F_{1}", "\\newcommand{\\loss}", "1 - \\mu", "\\loss_\\star^{T}"]
    {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    latex(folder.path(), &printed).unwrap();
    std::fs::write(&file, "#let loss = $cal(L)$\nE = loss\ntheta = bold(w)\nh = eta\n").unwrap();
    let printed = text(&[&call[..], &["typst"]].concat());
    assert!(printed.contains("dot(bold(w)) &= f_0 + eta f_1"), "{printed}");
    typst(folder.path(), &printed).unwrap();
    for (source, words) in [
        ("E = \\mathcal{L\n", &["own.macros:1:13", "not closed"][..]),
        ("# fine\n\n  E = \\end{align*}\n", &["own.macros:3:7", "ends what the formula stands in"]),
        ("E = \\mathbf\n", &["own.macros:1:5", "nothing stands behind"]),
        ("m = x_\n", &["own.macros:1:6", "nothing stands behind"]),
        ("m = f_{2}\n", &["own.macros:1:5", "f_2"]),
        ("m = e\n", &["own.macros:1:5", "exponential"]),
        ("\\newcommand{\\rate}{s_1}\nm = \\rate\n", &["own.macros:2:5", "a subterm"]),
        ("\\newcommand{\\rate}{s_1\nm = \\mu\n", &["own.macros:1:19", "not closed"]),
        ("h = f\n", &["own.macros:1:5", "`h` and `f`"]),
        ("E mathcal L\n", &["own.macros:1:1", "LETTER = MARKUP"]),
    ] {
        std::fs::write(&file, source).unwrap();
        refused_with(&[&call[..], &["latex"]].concat(), words);
    }
}

/// Whatever stands for a letter, the formula has the value it had: the markup is put in brackets where it would come apart.
#[test]
fn macros_keep_what_a_formula_says() {
    let folder = tempfile::tempdir().unwrap();
    let (loss, file) = (folder.path().join("a.loss"), folder.path().join("own.macros"));
    let (loss, path) = (loss.to_str().unwrap(), file.to_str().unwrap());
    let derive =
        ["derive", loss, "--order", "1", "--form", "expanded", "--format", "latex", "--fragment", "--macros", path];
    for (source, macros, line) in [
        ("const c\nparam x\nloss c*x^2\n", "x = a + b", "f_{0} &= -2 c (a + b)"),
        ("const c\nparam x\nloss c*x^3\n", "x = a - b", "f_{0} &= -3 c (a - b)^{2}"),
        ("const c\nparam x\nloss c*x^3\n", "x = -a", "f_{0} &= -3 c (-a)^{2}"),
        ("const c\nparam x\nloss x*(x/2 + c)\n", "c = a + b", "f_{0} &= -x - (a + b)"),
        ("const c\nparam x\nloss x*(x/2 - c)\n", "c = -a + b", "f_{0} &= -a + b - x"),
        ("const c\nparam x\nloss x*(x/2 - c)\n", "c = a + b", "f_{0} &= a + b - x"),
        ("param x\nloss sin(x)\n", "x = a + b", "f_{0} &= -\\cos(a + b)"),
        ("param x\nloss sin(x)\n", "x = \\nabla a", "f_{0} &= -\\cos(\\nabla a)"),
        ("param x\nloss sin(x)\n", "x = w_2", "f_{0} &= -\\cos w_2"),
        ("param x\nloss x^3\n", "x = w_2", "f_{0} &= -3 w_2^{2}"),
        ("param x\nloss x^3\n", "x = w^2", "f_{0} &= -3 (w^2)^{2}"),
        ("const c\nparam x\nloss c*x^2\n", "c = 3a", "f_{0} &= -2 \\cdot 3a x"),
        ("const c\nparam x\nloss c*x^2\n", "c = \\log k", "f_{0} &= -2 (\\log k) x"),
        ("const c\nparam x\nloss c*x^2\n", "c = a/b", "f_{0} &= -2 (a/b) x"),
        ("const c\nparam x\nloss c^2*x\n", "c = \\frac{a}{b}", "f_{0} &= -\\left(\\frac{a}{b}\\right)^{2}"),
        ("const c\nparam x\nloss c*x^2\n", "c = (a + b)", "f_{0} &= -2 (a + b) x"),
        ("param w[2]\nloss w[0]^2 + w[1]\n", "w = a + b", "(f_{0})_{(a + b)_{0}} &= -2 (a + b)_{0}"),
        ("param w[2]\nloss w[0]^2 + w[1]\n", "w = v_1", "(f_{0})_{(v_1)_{0}} &= -2 (v_1)_{0}"),
        ("param x\nloss x\n", "h = a + b", "\\dot{\\theta} &= f_{0} + (a + b) f_{1} + O((a + b)^{2})"),
        ("param x\nloss x\n", "theta = u + v", "\\frac{\\mathrm{d}}{\\mathrm{d} t} (u + v) &= f_{0}"),
        ("param x\nloss x\n", "f = F^\\star", "(F^\\star)_{0} &= -1"),
        ("param x\nloss sigmoid(x)\n", "x = \\sigma", "\\operatorname{sigmoid}"),
    ] {
        std::fs::write(loss, source).unwrap();
        std::fs::write(&file, format!("{macros}\n")).unwrap();
        let printed = text(&derive);
        assert!(printed.contains(line), "{macros}: {line}\n{printed}");
    }
    for (macros, lines) in [
        (
            "g = a + b\nH = p + q",
            &["f_{0} &= -(a + b)", "\\frac{1}{2} (p + q) (a + b)", "(p + q)^{2} (a + b)", "T[a + b, a + b]"][..],
        ),
        ("g = -c - d\nT = A", &["f_{0} &= -(-c - d)", "H (-c - d)", "A[-c - d, -c - d]"]),
        ("T = A + B\nE = -L", &["(A + B)[g, g]"]),
        ("g = \\nabla L\nH = \\nabla^2 L", &["-\\frac{1}{2} \\nabla^2 L \\nabla L", "(\\nabla^2 L)^{2} \\nabla L"]),
    ] {
        std::fs::write(&file, format!("{macros}\n")).unwrap();
        let printed = text(&["derive", "--order", "2", "--format", "latex", "--fragment", "--macros", path]);
        for line in lines {
            assert!(printed.contains(line), "{macros}: {line}\n{printed}");
        }
    }
    std::fs::write(&file, "E = L + R\n").unwrap();
    let printed =
        text(&["derive", "--order", "1", "--notation", "paper", "--format", "latex", "--fragment", "--macros", path]);
    assert!(printed.contains("\\nabla_\\theta (L + R)"), "{printed}");
}

/// One file serves several losses, from a FIFO too; of what nothing is written that is said.
#[test]
fn a_file_of_macros_serves_several_losses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.macros");
    let path = file.to_str().unwrap();
    let call =
        ["derive", "examples/losses/banana.loss", "--order", "1", "--format", "latex", "--fragment", "--macros", path];
    std::fs::write(&file, "w = \\omega\nx = \\xi\n").unwrap();
    let output = crate::program::process(&call).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\\xi"), "{output:?}");
    std::fs::write(&file, "w = \\omega\n").unwrap();
    let output = crate::program::process(&call).output().unwrap();
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && warned.contains("warning [unused-macros]") && warned.contains("own.macros"),
        "{warned}"
    );
    #[cfg(unix)]
    {
        let fifo = folder.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let writer = {
            let fifo = fifo.clone();
            std::thread::spawn(move || std::fs::write(fifo, "h = \\eta\n"))
        };
        let printed = text(&["derive", "--order", "1", "--format", "latex", "--macros", fifo.to_str().unwrap()]);
        writer.join().unwrap().unwrap();
        assert!(printed.contains("f_{0} + \\eta f_{1}"), "{printed}");
    }
}

#[test]
fn flags_say_where_they_belong() {
    for (call, words) in [
        ("derive --order 1 --width two", &["--width", "latex and typst"][..]),
        ("derive --order 1 --fragment --format json", &["--fragment", "latex and typst"]),
        ("derive --order 1 --format latex --width 3pt", &["3pt", "252pt"]),
        ("derive --order 1 --format latex --width wide", &["wide", "one, two"]),
        ("derive --order 1 --format typst --environment split", &["--environment", "latex"]),
        ("derive --order 1 --format latex --label a{b", &["--label", "eq:flow"]),
        ("derive --order 1 --format latex --macros no.file", &["no.file"]),
        ("derive --order 1 --notation forest", &["forest", "tree"]),
        (
            "stability examples/losses/banana.loss --h 0.001 --near x=1,y=1 --format latex --label a",
            &["--label", "tables"],
        ),
    ] {
        refused_with(&crate::program::words(call), words);
    }
}

/// What the text does not name is written as an author would: constants, π and calls in their places.
#[test]
fn products_are_ordered() {
    let printed = |loss: &str, order: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.loss");
        std::fs::write(&path, loss).unwrap();
        let call = [
            "derive",
            path.to_str().unwrap(),
            "--order",
            order,
            "--form",
            "expanded",
            "--format",
            "latex",
            "--fragment",
        ];
        text(&call)
    };
    let latex = printed("const b\nparam x\nloss b*x^4\n", "0");
    assert!(latex.contains("f_{0} &= -4 b x^{3}"), "{latex}");
    let latex = printed("param x[2]\nloss pi*x[0]^2 + x[1]\n", "0");
    assert!(latex.contains("(f_{0})_{x_{0}} &= -2 \\pi x_{0}"), "{latex}");
    let latex = printed("const k_theta, alpha2\nparam theta_1\nloss k_theta*theta_1^2/2 + alpha2*theta_1\n", "0");
    assert!(latex.contains("f_{0} &= -k_{\\theta} \\theta_{1} - \\alpha_{2}"), "{latex}");
}
