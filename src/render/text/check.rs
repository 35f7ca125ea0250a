//! Check reports as tables.

use super::table::{Align, table};
use crate::bea::{Check, CheckReport, Row};
use std::fmt::Write as _;

/// Tables with more rows than this show only those that are wrong.
const ROWS: usize = 16;

/// A check report as text: what was compared with what, each comparison's own table, the verdict.
///
/// Of tables with more than 16 rows only the wrong ones are shown; JSON has all.
#[must_use]
pub fn checks(report: &CheckReport) -> String {
    let mut out = String::new();
    for check in &report.checks {
        let shown = |row: &&Row| check.rows.len() <= ROWS || !row.ok;
        if !check.rows.iter().any(|row| shown(&row)) {
            continue;
        }
        let _ = writeln!(out, "{}: {}\n", check.name, check.routes.join(" against "));
        let header = ["compared", "found", "expected", ""].map(str::to_owned);
        let rows: Vec<Vec<String>> = check
            .rows
            .iter()
            .filter(shown)
            .map(|row| vec![row.subject.clone(), row.found.clone(), row.expected.clone(), verdict(row.ok)])
            .collect();
        out.push_str(&indented(&table(&header, &[Align::Left, Align::Right, Align::Right, Align::Left], &rows)));
        out.push('\n');
    }
    let header = ["check", "routes", "orders", "compared", "", "detail"].map(str::to_owned);
    let rows: Vec<Vec<String>> = report.checks.iter().map(summary).collect();
    let align = [Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left];
    out.push_str(&table(&header, &align, &rows));
    out.push('\n');
    let failed = report.checks.iter().filter(|c| !c.ok).count();
    out.push_str(&match (report.ok(), failed) {
        (true, _) => format!("all {} checks hold\n", report.checks.len()),
        (false, 0) => "nothing was checked\n".to_owned(),
        (false, failed) => format!("{failed} of {} checks FAILED\n", report.checks.len()),
    });
    out
}

fn summary(check: &Check) -> Vec<String> {
    vec![
        check.name.clone(),
        check.routes.join(", "),
        format!("{}–{}", check.orders.0, check.orders.1),
        check.compared.to_string(),
        verdict(check.ok),
        check.detail.clone(),
    ]
}

fn verdict(ok: bool) -> String {
    if ok { "ok" } else { "WRONG" }.to_owned()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
