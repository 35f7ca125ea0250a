//! Rows of training records.

use super::{push, quoted};
use crate::train::{Cell, Column, Kind, Names, Row, Training};
use num_complex::Complex64;
use std::fmt::Write as _;

/// Training records as CSV: the columns, known before the first row.
///
/// The names are those of the JSON rows: lists as `lambda_0, lambda_1`, complex numbers as `_re` and `_im`, members by their names as `error_pf`;
/// `warnings` last, codes between spaces.
#[derive(Debug, Clone)]
pub struct TrainingTable {
    columns: Vec<(Column, Vec<String>)>,
    list: usize,
    h_setting: bool,
    seed: bool,
    branches: bool,
}

impl TrainingTable {
    /// Of a training; `None` where the number of eigenvalues in a row is not known ahead.
    #[must_use]
    pub fn new(training: &Training) -> Option<Self> {
        let settings = training.settings();
        let all = settings.optimizers.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        let names = |column: &Column| match column.names() {
            Names::Flows => training.flow_names(),
            Names::Three => ["ngf", "igr", "pf"].map(str::to_owned).to_vec(),
            Names::Optimizers => all.clone(),
            Names::None => Vec::new(),
        };
        let columns: Vec<_> = settings.columns.iter().map(|c| (*c, names(c))).collect();
        let lists = columns.iter().any(|(c, _)| matches!(c.kind(), Kind::List | Kind::ComplexList));
        Some(Self {
            columns,
            list: if lists { training.list_length()? } else { 0 },
            h_setting: settings.rates.len() > 1,
            seed: settings.seeds.len() > 1,
            branches: !settings.branches.is_empty(),
        })
    }

    /// The first line.
    #[must_use]
    pub fn header(&self) -> String {
        let mut header: Vec<String> = ["step", "optimizer"].map(str::to_owned).to_vec();
        let also = [
            (self.h_setting, "h_setting"),
            (self.seed, "seed"),
            (self.branches, "branch"),
            (self.branches, "from"),
            (self.branches, "distance"),
        ];
        header.extend(also.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned()));
        for (column, names) in &self.columns {
            let name = column.name();
            let parts = |stem: String| ["re", "im"].map(|part| format!("{stem}_{part}"));
            match column.kind() {
                Kind::Number => header.push(name.to_owned()),
                Kind::Pair => header.extend(["min", "max"].map(|part| format!("{name}_{part}"))),
                Kind::List => header.extend((0..self.list).map(|k| format!("{name}_{k}"))),
                Kind::ComplexList => header.extend((0..self.list).flat_map(|k| parts(format!("{name}_{k}")))),
                Kind::Named => header.extend(names.iter().map(|n| format!("{name}_{n}"))),
                Kind::ComplexNamed => header.extend(names.iter().flat_map(|n| parts(format!("{name}_{n}")))),
            }
        }
        header.push("warnings".to_owned());
        let mut line = header.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
        line.push('\n');
        line
    }

    /// The line of a row, with its end.
    #[must_use]
    pub fn row(&self, row: &Row) -> String {
        let mut out = format!("{},{}", row.step, quoted(&row.run.optimizer));
        if self.h_setting {
            push(&mut out, row.run.h_setting);
        }
        if self.seed {
            let _ = write!(out, ",{}", row.run.seed.map_or_else(String::new, |s| s.to_string()));
        }
        if self.branches {
            match &row.branch {
                Some((branch, from)) => {
                    let _ = write!(out, ",{},{from}", quoted(branch));
                    push(&mut out, row.distance);
                }
                None => out.push_str(",,,"),
            }
        }
        for (column, names) in &self.columns {
            self.cell(&mut out, *column, names, row.cell(*column));
        }
        let _ = write!(out, ",{}", row.warnings.join(" "));
        out.push('\n');
        out
    }

    fn cell(&self, out: &mut String, column: Column, names: &[String], cell: Option<&Cell>) {
        let mut complex = |z: Option<Complex64>| {
            push(out, z.map(|z| z.re));
            push(out, z.map(|z| z.im));
        };
        match (column.kind(), cell) {
            (Kind::ComplexList, cell) => {
                let list = if let Some(Cell::ComplexList(Some(list))) = cell { &list[..] } else { &[] };
                (0..self.list).for_each(|k| complex(list.get(k).copied().flatten()));
            }
            (Kind::ComplexNamed, cell) => {
                let named = if let Some(Cell::ComplexNamed(named)) = cell { &named[..] } else { &[] };
                names.iter().for_each(|name| complex(named.iter().find(|(n, _)| n == name).and_then(|(_, z)| *z)));
            }
            (Kind::List, cell) => {
                let list = if let Some(Cell::List(Some(list))) = cell { &list[..] } else { &[] };
                (0..self.list).for_each(|k| push(out, list.get(k).copied().flatten()));
            }
            (Kind::Named, cell) => {
                let named = if let Some(Cell::Named(named)) = cell { &named[..] } else { &[] };
                names.iter().for_each(|name| push(out, named.iter().find(|(n, _)| n == name).and_then(|(_, x)| *x)));
            }
            (Kind::Pair, cell) => {
                let two = if let Some(Cell::Pair(Some(two))) = cell { two.map(Some) } else { [None; 2] };
                two.into_iter().for_each(|x| push(out, x));
            }
            (Kind::Number, cell) => push(out, if let Some(Cell::Number(x)) = cell { *x } else { None }),
        }
    }
}
