//! Records of training, summed up.

use super::table::{Align, table};
use crate::number::counted;
use crate::record::Record;

/// A record summed up: its runs, what a picture of it shows, and how closely columns go together that are drawn against each other.
#[must_use]
pub fn record(record: &Record, panels: &[String]) -> String {
    let mut out = format!("{}: {}\n\n", record.name(), counted(record.len(), "row"));
    let branches = record.runs().iter().any(|r| !r.branches.is_empty());
    let mut header = vec!["run", "rows", "steps"];
    let mut align = vec![Align::Left, Align::Right, Align::Right];
    if branches {
        header.push("branches");
        align.push(Align::Right);
    }
    let steps = record.one(crate::record::STEP).unwrap_or_default();
    let rows: Vec<Vec<String>> = record
        .runs()
        .iter()
        .map(|run| {
            let label = if run.label().is_empty() { "–".to_owned() } else { run.label() };
            let own = run.rows.iter().filter_map(|row| steps.get(*row)).filter(|s| s.is_finite());
            let (first, last) = own.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(*s), b.max(*s)));
            let range = if first > last { "–".to_owned() } else { format!("{first} to {last}") };
            let mut row = vec![label, run.rows.len().to_string(), range];
            if branches {
                row.push(run.branches.len().to_string());
            }
            row
        })
        .collect();
    let header: Vec<String> = header.into_iter().map(str::to_owned).collect();
    out.push_str(&table(&header, &align, &rows));
    out.push_str(&format!("\ndrawn: {}\n", panels.join("; ")));
    let related = record.related();
    if related.is_empty() {
        return out;
    }
    let header = ["run", "column", "against", "Pearson", "Spearman", "rows"].map(str::to_owned);
    let shown = |r: Option<f64>| r.map_or_else(|| "–".to_owned(), |r| format!("{r:.4}"));
    let rows: Vec<Vec<String>> = related
        .into_iter()
        .map(|r| {
            let run = if r.run.is_empty() { "–".to_owned() } else { r.run };
            let found = r.correlation;
            vec![run, r.column, r.against, shown(found.pearson), shown(found.spearman), found.count.to_string()]
        })
        .collect();
    let (left, right) = (Align::Left, Align::Right);
    out.push_str(&format!("\ncorrelations\n\n{}", table(&header, &[left, left, left, right, right, right], &rows)));
    out
}
