//! The statements `data` and `test`.

use super::Resolver;
use crate::expr::{Data, Id, Shape};
use crate::loss::data::{Fault, Taken};
use crate::loss::names::What;
use crate::loss::suggest::{nearest, short};
use crate::loss::syntax::{Code, DataItem, FileName, Pick, Selected};
use crate::loss::{LossError, LossErrorKind};

impl Resolver<'_> {
    /// Declares data: those of the file, or the ones that are put in their place.
    pub(super) fn data(&mut self, item: &DataItem) {
        let name = item.name.text(self.source).to_owned();
        let instead = self.trained.and_then(|trained| trained.test_data.iter().find(|data| data.name() == name));
        let data = match instead {
            Some(other) => Some(other.clone()),
            None => self.read(item),
        };
        let id = data.map(|data| self.evaluator.pool.declare_data(data));
        self.declare(item.name, What::Data, id);
    }

    /// Notes data for testing, which must fit the ones of the same name.
    pub(super) fn test(&mut self, item: &DataItem) {
        if self.trained.is_some() {
            return;
        }
        let name = item.name.text(self.source).to_owned();
        let there = self.replaced(item, &name);
        let (Some(data), Some(id)) = (self.read(item), there) else { return };
        let (expected, found) = (self.evaluator.pool.shape(id).clone(), data.shape().clone());
        let wrong = if expected.axes().iter().skip(1).eq(found.axes().iter().skip(1)) && expected.rank() == found.rank()
        {
            self.other_rows(&expected, &found)
        } else {
            Some("all but the number of rows is as in `data`".to_owned())
        };
        if let Some(help) = wrong {
            let kind = LossErrorKind::TestShape { name: short(&name), expected, found };
            self.evaluator.report(LossError::new(item.brackets.range(), kind).help(help));
            return;
        }
        self.resolved.test_data.push(data);
    }

    /// What is wrong where other data for testing have as many rows as these in `data`, and not in `test`.
    fn other_rows(&self, expected: &Shape, found: &Shape) -> Option<String> {
        let pool = &self.evaluator.pool;
        let rows = |shape: &Shape| shape.axes().first().copied();
        let other = self.resolved.test_data.iter().find(|other| {
            let trained = pool.data().iter().find(|data| data.name() == other.name());
            trained.is_some_and(|data| rows(data.shape()) == rows(expected)) && rows(other.shape()) != rows(found)
        })?;
        let count = rows(other.shape()).unwrap_or(1);
        Some(format!("`{}` has as many rows in `data`, and {count} in `test`", short(other.name())))
    }

    /// The data that `test` gives others for.
    fn replaced(&mut self, item: &DataItem, name: &str) -> Option<Id> {
        let error = match self.names.get(name) {
            Some(declared) if declared.what == What::Data => {
                if self.resolved.test_data.iter().all(|data| data.name() != name) {
                    return self.evaluator.globals.get(declared.index as usize).copied().flatten();
                }
                LossError::new(item.name.range(), LossErrorKind::Redeclared(short(name)))
            }
            Some(declared) => {
                let kind = LossErrorKind::NotNamedData { name: short(name), what: declared.what.describe() };
                LossError::new(item.name.range(), kind)
            }
            None if self.names.is_doubtful(name) => return None,
            None => {
                let error = LossError::new(item.name.range(), LossErrorKind::Undeclared(short(name)));
                match nearest(name, self.evaluator.pool.data().iter().map(Data::name)) {
                    Some(near) => error.did_you_mean(Some(near)),
                    None => error.help("`test` gives other data for names that `data` declares above"),
                }
            }
        };
        self.evaluator.report(error);
        None
    }

    /// Reads what a statement takes of a file; what is wrong is reported.
    fn read(&mut self, item: &DataItem) -> Option<Data> {
        let taken: Option<Vec<Taken>> = item.selection.iter().map(|selected| self.taken(selected)).collect();
        let (shape, values) = self.select(&item.file, &taken?, item)?;
        match Data::new(item.name.text(self.source), shape, values) {
            Ok(data) => Some(data),
            Err(error) => {
                let kind =
                    LossErrorKind::DataFile { path: self.files.name(&item.file.path), reason: error.to_string() };
                self.evaluator.report(LossError::new(item.brackets.range(), kind));
                None
            }
        }
    }

    fn select(&mut self, file: &FileName, taken: &[Taken], item: &DataItem) -> Option<(Shape, Vec<f64>)> {
        match self.files.select(&file.path, taken) {
            Ok(selected) => Some(selected),
            Err(fault) => {
                let place = match &fault {
                    Fault::Selection { axis: Some(axis), .. } => item.selection.get(*axis).map(|s| s.span),
                    Fault::Selection { axis: None, .. } => Some(item.brackets),
                    _ => None,
                };
                let error = self.fault(file, fault);
                let error = match place {
                    Some(place) => LossError { span: place.range(), ..error },
                    None => error,
                };
                self.evaluator.report(error);
                None
            }
        }
    }

    /// A fault of a file, at its name.
    pub(super) fn fault(&self, file: &FileName, fault: Fault) -> LossError {
        let path = self.files.name(&file.path);
        let unlocated = |reason: String| LossErrorKind::DataFile { path: path.clone(), reason };
        let at = |kind| LossError::new(file.span.range(), kind);
        match fault {
            Fault::Outside { how } => at(unlocated(format!("{how} that data are read from")))
                .help("move the file into the folder of the loss file, for a loss without a file the working directory, or set `Options::allow_path`"),
            Fault::Unreadable(reason) => at(unlocated(reason)),
            Fault::Format(reason) | Fault::Selection { reason, .. } => at(unlocated(reason)),
            Fault::Place { line, column, reason } => at(LossErrorKind::DataField { path, line, column, reason }),
        }
    }

    /// What a selection says of one axis.
    fn taken(&mut self, selected: &Selected) -> Option<Taken> {
        match &selected.pick {
            Pick::One(code) => self.whole(code).map(Taken::One),
            Pick::Range(low, high) => {
                let mut bound = |code: &Option<Code>| code.as_ref().map(|code| self.whole(code));
                let (low, high) = (bound(low), bound(high));
                match (low, high) {
                    (Some(None), _) | (_, Some(None)) => None,
                    (low, high) => Some(Taken::Range(low.flatten(), high.flatten())),
                }
            }
        }
    }

    /// A row or column: a whole number, or the nearest to it that no file has.
    fn whole(&mut self, code: &Code) -> Option<i64> {
        let id = self.value(code, None)?;
        match self.evaluator.integer(id, "a row or column", code.span) {
            Ok(n) => Some(n.to_i64().unwrap_or(if n.is_negative() { i64::MIN } else { i64::MAX })),
            Err(error) => {
                self.evaluator.report(*error);
                None
            }
        }
    }
}
