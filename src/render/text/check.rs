//! Check reports: the verdict, then tables.

use super::Detail;
use super::table::{Align, table};
use crate::evidence::{Check, CheckReport, Row};
use std::fmt::Write as _;

/// Tables with more rows than this show only those that are wrong.
const ROWS: usize = 16;
/// Where the list of routes is broken into lines.
const WIDTH: usize = 46;
/// Numbers longer than this are shown in part, but for wrong ones.
const DIGITS: usize = 32;

/// A check report as text: the verdict, what is wrong, and what was compared by which routes over which orders.
///
/// With details every comparison has its own row and its table; of tables with more than 16 rows only the wrong ones are
/// shown. JSON has all.
#[must_use]
pub fn checks(report: &CheckReport, detail: Detail) -> String {
    let mut out = verdict(report);
    out.push('\n');
    if detail.verbose {
        out.push_str(&every(report));
    } else {
        if !report.ok() {
            for check in report.checks.iter().filter(|c| !c.ok) {
                let _ = writeln!(out, "WRONG  {}, {}: {}", check.name, check.routes.join(" against "), check.detail);
            }
            out.push('\n');
        }
        out.push_str(&overview(report));
    }
    for check in &report.checks {
        push_rows(&mut out, check, detail.verbose);
    }
    if !detail.verbose {
        out.push_str("\n--verbose shows every comparison, --format json every number\n");
    }
    out
}

fn verdict(report: &CheckReport) -> String {
    let failed = report.checks.iter().filter(|c| !c.ok).count();
    let all = report.checks.len();
    match (report.ok(), failed) {
        (true, _) => {
            let compared: usize = report.checks.iter().map(|c| c.compared).sum();
            let order = report.checks.iter().map(|c| c.orders.1).max().unwrap_or(0);
            let made = if report.warnings.is_empty() { "all" } else { "the first" };
            format!("{made} {all} checks hold: {compared} values compared, to order {order}\n")
        }
        (false, 0) => "nothing was checked\n".to_owned(),
        (false, failed) => format!("{failed} of {all} checks FAILED\n"),
    }
}

/// One row a kind of check: how much was compared, and which routes go how far.
fn overview(report: &CheckReport) -> String {
    let mut kinds: Vec<(&str, Vec<&Check>)> = Vec::new();
    for check in &report.checks {
        match kinds.iter_mut().find(|(name, _)| *name == check.name) {
            Some((_, checks)) => checks.push(check),
            None => kinds.push((&check.name, vec![check])),
        }
    }
    let mut rows = Vec::new();
    for (name, checks) in kinds {
        let compared: usize = checks.iter().map(|c| c.compared).sum();
        let wrong = checks.iter().any(|c| !c.ok);
        let routes = checks.iter().map(|c| format!("{} {}–{}", c.routes.join("/"), c.orders.0, c.orders.1));
        for (k, line) in broken(routes, WIDTH).into_iter().enumerate() {
            rows.push(match k {
                0 => vec![name.to_owned(), compared.to_string(), word(!wrong), line],
                _ => vec![String::new(), String::new(), String::new(), line],
            });
        }
    }
    let header = ["check", "compared", "", "routes and orders"].map(str::to_owned);
    table(&header, &[Align::Left, Align::Right, Align::Left, Align::Left], &rows)
}

/// A list in lines of some length.
fn broken(parts: impl Iterator<Item = String>, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let part = if parts.peek().is_some() { format!("{part},") } else { part };
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&part),
            Some(line) if line.chars().count() + 1 + part.chars().count() <= width => {
                line.push(' ');
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    lines
}

/// One row a check, with its sentence.
fn every(report: &CheckReport) -> String {
    let header = ["check", "routes", "orders", "compared", "", "detail"].map(str::to_owned);
    let rows: Vec<Vec<String>> = report
        .checks
        .iter()
        .map(|check| {
            let orders = format!("{}–{}", check.orders.0, check.orders.1);
            let (compared, routes) = (check.compared.to_string(), check.routes.join(", "));
            vec![check.name.clone(), routes, orders, compared, word(check.ok), check.detail.clone()]
        })
        .collect();
    let align = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left];
    table(&header, &align, &rows)
}

/// The table of one check: with details whole, else what is wrong.
fn push_rows(out: &mut String, check: &Check, verbose: bool) {
    let shown = |row: &&Row| !row.ok || (verbose && check.rows.len() <= ROWS);
    if !check.rows.iter().any(|row| shown(&row)) {
        return;
    }
    let _ = writeln!(out, "\n{}: {}\n", check.name, check.routes.join(" against "));
    let header = ["compared", "found", "expected", ""].map(str::to_owned);
    let number = |text: &str, ok: bool| if ok { short(text) } else { text.to_owned() };
    let rows: Vec<Vec<String>> = check
        .rows
        .iter()
        .filter(shown)
        .map(|row| vec![row.subject.clone(), number(&row.found, row.ok), number(&row.expected, row.ok), word(row.ok)])
        .collect();
    let rows = table(&header, &[Align::Left, Align::Right, Align::Right, Align::Left], &rows);
    out.extend(rows.lines().map(|line| format!("  {line}\n")));
}

/// A long number by its beginning and how long it is.
fn short(text: &str) -> String {
    let length = text.chars().count();
    if length <= DIGITS {
        return text.to_owned();
    }
    let start: String = text.chars().take(DIGITS / 2).collect();
    format!("{start}… ({length} characters)")
}

fn word(ok: bool) -> String {
    if ok { "ok" } else { "WRONG" }.to_owned()
}
