//! Reports: what each format holds, and what a browser says of the page.

use crate::program::{BANANA, ROOT, at, folder, names, process, refused_with, shadowflow};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A report of a small loss, in a folder of its own, as text.
fn written(arguments: &[&str], name: &str) -> (tempfile::TempDir, String) {
    let place = tempfile::tempdir().unwrap();
    let path = at(&place, name);
    shadowflow(&[&["report", "--output", &path], arguments].concat()).assert().success();
    let text = std::fs::read_to_string(&path).unwrap();
    (place, text)
}

#[test]
fn one_page_needs_no_other_file_and_says_how_it_was_made() {
    let (place, page) = written(&[BANANA, "--order", "2"], "banana.html");
    assert_eq!(names(place.path()), ["banana.html"]);
    assert!(page.contains("<math") && page.contains("<svg") && page.contains("Every check holds"));
    assert!(
        page.contains("<pre>shadowflow report <span class=\"flag\">--output</span>")
            && page.contains("--order</span> 2</pre>")
    );
    for remote in ["src=\"http", "href=\"http", "url(http", "@import", "<script"] {
        assert!(!page.contains(remote), "{remote}");
    }
}

#[test]
fn markdown_and_latex_have_their_pictures_beside_them() {
    let small = ["--loss", "x^2/2 + x*y^2", "--param", "x=1,y=1/2", "--order", "1"];
    let (place, text) = written(&small, "small.md");
    assert_eq!(names(place.path()), ["small-errors.svg", "small-sharpness.svg", "small-trajectories.svg", "small.md"]);
    assert!(text.contains("](small-errors.svg)") && text.contains("$$\n\\begin{aligned}"), "{text}");
    assert!(!text.contains("</") && !text.contains("<b>"), "{text}");
    assert!(!text.contains("\\<"), "{text}");
    let (place, text) = written(&small, "small.tex");
    assert_eq!(names(place.path()).len(), 4);
    assert!(text.contains("{small-trajectories.pdf}") && text.ends_with("\\end{document}\n"), "{text}");
    let (place, text) = written(&small, "small.typ");
    assert_eq!(names(place.path()).len(), 4);
    assert!(text.contains("image(\"small-trajectories.pdf\"") && text.contains("= The loss\n"), "{text}");
}

/// Lines of a loss stay lines, whatever ends them, and its comments wrap.
#[test]
fn a_loss_stays_as_it_was_typed() {
    for end in ["\n", "\r\n"] {
        let lines = ["# One line & <another>,", "param x = 1", "", "\tconst a = 2", "loss a*x^2"];
        let place = folder(&[("p.loss", &lines.join(end))]);
        let arguments = ["report", "p.loss", "--order", "0", "--steps", "1", "--output", "p.html"];
        shadowflow(&arguments).current_dir(place.path()).assert().success();
        let page = std::fs::read_to_string(place.path().join("p.html")).unwrap();
        let shown = lines.join("\n").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.contains(&format!("<pre>{shown}</pre>")), "{page}");
        assert!(page.contains("white-space: pre-wrap"));
    }
}

/// What is defined stands open before what is written in it, no formula is there twice, and a proof says how far it goes.
#[test]
fn a_reader_finds_what_formulas_are_written_in() {
    let (_place, page) = written(&[BANANA, "--order", "4", "--steps", "2"], "banana.html");
    let fold = page.find("The derivatives of the loss that occur").unwrap();
    assert!(page[..fold].ends_with("<details open><summary>"));
    assert!(fold < page.find("the sum of its principal part and the rest").unwrap());
    assert!(page.contains("are the derivatives of") && page.contains("hλ₀ is 1.53 at the start"));
    let (_place, text) = written(&[BANANA, "--order", "2", "--steps", "2"], "banana.md");
    assert!(text.contains("are the first three derivatives of"), "{text}");
    assert!(text.contains("f_{2}^{\\mathrm{p}}") && !text.contains("(f_{2})_{x}"), "{text}");
    let (_place, text) = written(&["--order", "6", "--method", "heavy-ball", "--momentum", "1/2"], "h.md");
    assert!(
        text.contains("to $f_{6}$; all were replayed") && text.contains("The steps to order 5 are shown"),
        "{text}"
    );
    let (_place, text) = written(&["--order", "9"], "gd.md");
    assert!(text.contains("It goes to order 8 and not to 9"), "{text}");
}

#[test]
fn captions_speak_of_complex_states_where_there_are_some() {
    let small = ["--loss", "x^2/2", "--param", "x=1", "--order", "0", "--steps", "2", "--h"];
    let (_place, real) = written(&[&small[..], &["0.5"]].concat(), "r.md");
    assert!(!real.contains("imaginary") && !real.contains("real parts"), "{real}");
    let (_place, complex) = written(&[&small[..], &["1.5"]].concat(), "r.md");
    assert!(complex.contains("imaginary parts included") && complex.contains("real parts"), "{complex}");
}

#[test]
fn flags_without_effect_are_refused() {
    for (arguments, parts) in [
        (&["report", "--output", "r.html", "--steps", "3"][..], &["--steps is for a loss", "--loss"][..]),
        (&["report", "--output", "r.html", "--at-cut", "stop"], &["--at-cut is for a loss"]),
        (&["report", "--output", "r.docx"], &[".html", "--output -"]),
        (&["report", "--output", "r.html", "--seed", "3"], &["--seed is for a loss"]),
        (&["derive", "--allow-path"], &["--allow-path is for a loss"]),
        (&["derive", "--form", "factored"], &["--form is for a loss"]),
        (&["derive", "--simplify", "reading"], &["--simplify is for a loss"]),
        (&["derive", BANANA, "--terms"], &["--terms", "--format json"]),
        (&["derive", BANANA, "--notation", "paper"], &["--notation", "--form"]),
        (&["derive", BANANA, "--route", "trees"], &["--route"]),
        (&["derive", "--format", "json", "--notation", "paper"], &["--notation", "level sequence"]),
        (&["derive", "--format", "latex", "--width", "-5pt"], &["-5pt", "88mm"]),
        (&["cite", "--format", "json"], &["cite has no format json"]),
        (&["man", "--output", BANANA], &["is a file"]),
    ] {
        refused_with(arguments, parts);
    }
}

#[test]
fn the_optimizer_alone_has_a_report() {
    let (_place, text) = written(&["--order", "3", "--method", "heavy-ball"], "report.md");
    for piece in ["# Heavy ball", "with momentum m", "2 branch points", "the proof holds", "every check holds"] {
        assert!(text.contains(piece), "{piece}: {text}");
    }
    refused_with(&["report", "--output", "r.html", "--start", "x=1"], &["--start is for a loss"]);
}

#[test]
fn records_are_drawn_and_summed_up() {
    let record = format!("{ROOT}/examples/records/banana.jsonl");
    let small = ["--loss", "x^2/2", "--param", "x=1", "--order", "1", "--record", &record];
    let (_place, page) = written(&small, "r.html");
    assert!(page.contains("Training records") && page.contains("id=\"record-1\"") && page.contains("loss at last"));
}

/// Without a LaTeX on the path there is what it would set, and a sentence.
#[cfg(unix)]
#[test]
fn without_latex_there_is_the_source_of_a_pdf() {
    let place = folder(&[]);
    let arguments = ["report", "--output", "r.pdf", "--loss", "x^2/2", "--param", "x=1", "--order", "0"];
    let output = process(&arguments).current_dir(place.path()).env("PATH", place.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("pdflatex") && said.contains("typst is on the PATH"), "{said}");
    assert!(said.contains("r.tex"), "{said}");
    assert_eq!(names(place.path()), ["r-errors.pdf", "r-sharpness.pdf", "r.tex"]);
    // Again: what is there already is nobody's to write over.
    let output = process(&arguments).current_dir(place.path()).env("PATH", place.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--output r.tex writes over it"), "{said}");
}

/// Where there is no LaTeX a Typst sets the document, with pictures as its version takes them.
#[cfg(unix)]
#[test]
fn a_typst_alone_sets_a_report() {
    use std::os::unix::fs::PermissionsExt;
    for (version, picture) in [("0.14.2 (abc)", "report-errors.pdf"), ("0.13.1", "report-errors.png")] {
        let place = folder(&[]);
        let program = place.path().join("typst");
        let says = format!("#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'typst {version}'; exit; fi\n");
        std::fs::write(&program, format!("{says}[ -s {picture} ] && [ \"$1\" = compile ] && /bin/cp \"$2\" \"$3\"\n"))
            .unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let arguments = ["report", "--output", "r.pdf", "--loss", "x^2/2", "--param", "x=1", "--order", "0"];
        let output = process(&arguments).current_dir(place.path()).env("PATH", place.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(names(place.path()), ["r.pdf", "typst"]);
        let set = std::fs::read_to_string(place.path().join("r.pdf")).unwrap();
        assert!(set.contains(&format!("image(\"{picture}\"")) && set.contains("= The loss"), "{set}");
    }
}

/// A real one sets what is written.
#[test]
#[allow(clippy::print_stdout, reason = "what is skipped is said")]
fn typst_sets_a_report() {
    if !crate::typeset::has_typst() {
        println!("skipped: there is no typst");
        return;
    }
    for arguments in [&[BANANA, "--order", "3"][..], &["--order", "3", "--method", "heavy-ball"]] {
        let (place, text) = written(arguments, "r.typ");
        crate::typeset::typst(place.path(), &text).unwrap();
    }
}

/// A LaTeX sets a report without a box that sticks out by more than two points.
#[test]
#[allow(clippy::print_stdout, reason = "what is skipped is said")]
fn latex_sets_a_report() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        println!("skipped: there is no pdflatex");
        return;
    }
    let record = format!("{ROOT}/examples/records/several.csv");
    let one = ["--loss", "log(cosh(x)) + x^4/12 - x/5", "--param", "x=0", "--order", "2", "--record", &record];
    for arguments in [&[BANANA, "--order", "3"][..], &one] {
        let (place, _) = written(arguments, "banana.tex");
        let run = ["-interaction=batchmode", "-halt-on-error", "banana.tex"];
        let output = Command::new("pdflatex").args(run).current_dir(place.path()).output().unwrap();
        let log = String::from_utf8_lossy(&std::fs::read(place.path().join("banana.log")).unwrap()).into_owned();
        assert!(output.status.success(), "{log}");
        let overfull =
            log.lines().filter_map(|line| line.strip_prefix("Overfull \\hbox (")?.split("pt").next()?.parse().ok());
        let worst: f64 = overfull.fold(0.0, f64::max);
        assert!(worst <= 2.0, "{worst} pt: {log}");
    }
}

/// What is given by mistake may be long; messages are not.
#[test]
fn messages_stay_short() {
    let long = "y".repeat(100_000);
    let place = folder(&[("long.csv", &format!("{long}\n1\n"))]);
    for arguments in [
        &["plot", "long.csv", "--output", "a.svg"][..],
        &["report", "--method", &long, "--output", "a.html"],
        &["examples", &long],
        &["man", &long],
        &["derive", "--loss", "x^2", "--param", "x", "--form", &long],
        &[&long],
    ] {
        let output = process(arguments).current_dir(place.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stderr.len() < 5_000, "{:?}: {}", &arguments[..1], output.stderr.len());
    }
    for command in ["examples", "cite", "completions", "man", "report", "plot"] {
        let output = process(&[command, "--foo"]).current_dir(place.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(&format!("Usage: shadowflow {command}")), "{said}");
    }
}

/// What the page measures of itself, once everything is unfolded.
const MEASURE: &str = r#"<script>
addEventListener('load', () => {
  document.querySelectorAll('details').forEach(fold => fold.open = true);
  const size = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
  const scrolls = e => { for (let p = e; p; p = p.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true; return false; };
  const shown = e => { const of = e.closest('.wide, .narrow'); return !of || getComputedStyle(of).display !== 'none'; };
  const all = s => [...document.querySelectorAll(s)].filter(shown);
  const scale = e => { const svg = e.closest('svg'); return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; };
  const letters = all('figure svg text').map(e => parseFloat(getComputedStyle(e).fontSize) * scale(e));
  const wide = all('body *').filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e) && !e.closest('svg svg, figure svg *'));
  const found = { width: innerWidth, page: document.documentElement.scrollWidth, math: all('math').length, pictures: all('figure svg').length,
    figures: all('figure').length, letters: Math.min(99, ...letters),
    empty: all('math, figure svg, svg.tree').filter(e => !size(e)).length, wide: wide.map(e => e.tagName + ' ' + e.className).slice(0, 5),
    paper: getComputedStyle(document.body).backgroundColor, picture: all('figure svg rect').length ? getComputedStyle(all('figure svg rect')[0]).fill : '' };
  const note = document.createElement('pre'); note.id = 'measured'; note.textContent = JSON.stringify(found); parent.document.body.append(note);
});
</script>"#;

/// What a browser of this width finds in a page, and that nothing is said on its console.
fn measured(page: &Path, width: usize, dark: bool) -> Value {
    let mut command = Command::new("chromium");
    let profile = tempfile::tempdir().unwrap();
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--enable-logging=stderr",
        "--dump-dom",
    ]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    command.arg("--window-size=1400,1000");
    command.arg(format!("--blink-settings=preferredColorScheme={}", u8::from(!dark)));
    // A window has a least width, a frame has none.
    let inside = std::fs::read_to_string(page).unwrap().replace('&', "&amp;").replace('"', "&quot;");
    let frame = profile.path().join("frame.html");
    let style = format!("border:0;width:{width}px;height:900px");
    std::fs::write(
        &frame,
        format!("<!DOCTYPE html><meta charset=utf-8><iframe style=\"{style}\" srcdoc=\"{inside}\"></iframe>"),
    )
    .unwrap();
    let output = command.arg(format!("file://{}", frame.display())).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains(":CONSOLE"), "{said}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = text.split("<pre id=\"measured\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let found = found.unwrap_or_else(|| panic!("the page did not load: {said}"));
    serde_json::from_str(&found.replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")).unwrap()
}

/// In a browser, at both widths and in both schemes, formulas and pictures have a size, nothing sticks out, and the console is silent.
#[test]
#[allow(clippy::print_stdout, reason = "what is skipped is said")]
fn a_browser_shows_everything_at_every_width() {
    if Command::new("chromium").arg("--version").output().is_err() {
        println!("skipped: there is no chromium");
        return;
    }
    for arguments in [&[BANANA, "--order", "2"][..], &["--order", "3", "--method", "heavy-ball"]] {
        let (place, page) = written(arguments, "page.html");
        let path = place.path().join("page.html");
        std::fs::write(&path, page.replace("</head>", &format!("{MEASURE}</head>"))).unwrap();
        let mut papers = Vec::new();
        for (width, dark) in [(380, false), (380, true), (1280, false), (1280, true)] {
            let found = measured(&path, width, dark);
            assert_eq!(found["width"], width, "{found}");
            assert!(found["page"].as_u64().unwrap() <= width as u64, "{found}");
            assert!(found["letters"].as_f64().unwrap() >= 9.0, "letters of pictures: {found}");
            assert_eq!(found["pictures"], found["figures"], "one picture a figure: {found}");
            assert!(found["math"].as_u64().unwrap() > 50 && found["empty"] == 0, "{found}");
            assert_eq!(found["wide"], serde_json::json!([]), "{found}");
            papers.push((found["paper"].clone(), found["picture"].clone()));
            assert_eq!(found["pictures"].as_u64().unwrap() > 0, arguments[0] == BANANA, "{found}");
        }
        assert_ne!(papers[0].0, papers[1].0, "light and dark");
        assert!(arguments[0] != BANANA || papers[0].1 != papers[1].1, "pictures follow: {papers:?}");
    }
}
