//! The document of `derive`, a term at a time: more terms than memory holds.

use super::layout::{self, WIDTH};
use super::{SCHEMA, equation::term, warning};
use crate::formula::{Text, Written};
use crate::number::Rational;
use crate::tree::{Notation, Tree, TreeWriter};
use crate::warning::Warning;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The last order that may fit on a line and is kept to see whether it does; beyond, terms are written as they come.
const KEPT: usize = 3;

/// Where the terms of an order stand.
const INDENT: usize = 4;

/// Writes the document that [`equation`](super::equation) makes of a modified equation without symbols, from terms shown
/// one after another.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::json;
/// use shadowflow::series::{Route, derive};
/// use std::ops::ControlFlow;
/// let gradient_descent = BoundOptimizer::gradient_descent();
/// let asked = derive(&gradient_descent, 5).route(Route::Trees);
/// let mut writer = json::EquationWriter::new(Vec::new(), "gradient-descent")?;
/// let end = asked.stream(|levels, coefficient| match writer.term(levels, coefficient) {
///     Ok(()) => ControlFlow::Continue(()),
///     Err(error) => ControlFlow::Break(error),
/// })?;
/// assert!(end.is_continue());
/// let written = String::from_utf8(writer.finish()?)?;
/// assert_eq!(written, json::equation(&asked.run()?.equation, &[]).to_string());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EquationWriter<W> {
    out: W,
    order: usize,
    /// The terms of an order up to `KEPT`.
    kept: Vec<Value>,
    terms: u64,
    begun: bool,
    text: TreeWriter,
    latex: TreeWriter,
    written: Written,
    members: [String; 5],
    line: String,
}

impl<W: Write> EquationWriter<W> {
    /// Begins the document.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn new(mut out: W, method: &str) -> io::Result<Self> {
        let version = Value::from(env!("CARGO_PKG_VERSION"));
        writeln!(
            out,
            "{{\n \"shadowflow\": {version},\n \"schema\": {SCHEMA},\n \"method\": {},",
            Value::from(method)
        )?;
        write!(out, " \"symbols\": [],\n \"orders\": [")?;
        Ok(Self {
            out,
            order: 0,
            kept: Vec::new(),
            terms: 0,
            begun: false,
            text: TreeWriter::new(Notation::Operator),
            latex: TreeWriter::new(Notation::Paper),
            written: Written::default(),
            members: Default::default(),
            line: String::new(),
        })
    }

    /// Writes a term, by its tree's canonical level sequence and its coefficient; zero is no term. Terms come in output
    /// order.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn term(&mut self, levels: &[u8], coefficient: &Rational) -> io::Result<()> {
        let n = levels.len().saturating_sub(1);
        while self.order < n {
            self.end_order()?;
        }
        self.begun = true;
        if coefficient.is_zero() {
            return Ok(());
        }
        if n <= KEPT {
            self.kept.push(term(&Tree::from_canonical(levels), coefficient));
            return Ok(());
        }
        self.line.clear();
        if self.terms == 0 {
            self.begin_order();
        } else {
            self.line.push_str(",\n");
        }
        self.terms += 1;
        self.write_term(levels, coefficient);
        self.out.write_all(self.line.as_bytes())
    }

    fn write_term(&mut self, levels: &[u8], coefficient: &Rational) {
        let [tree, number, principal, text, latex] = &mut self.members;
        for member in [&mut *tree, number, principal, text, latex] {
            member.clear();
        }
        tree.push_str("\"tree\": [");
        for (at, level) in levels.iter().enumerate() {
            let _ = write!(tree, "{}{level}", if at == 0 { "" } else { ", " });
        }
        tree.push(']');
        let _ = write!(number, "\"coefficient\": \"{coefficient}\"");
        let is_principal = levels.windows(2).all(|w| w[1] > w[0]);
        let _ = write!(principal, "\"principal\": {is_principal}");
        text.push_str("\"text\": \"");
        self.text.write(levels, &mut Text::new(text));
        text.push('"');
        self.written.text.clear();
        self.written.write_marks(false, |sheet| self.latex.write(levels, sheet));
        latex.push_str("\"latex\": \"");
        for (at, piece) in self.written.text.split('\\').enumerate() {
            latex.extend([if at == 0 { "" } else { "\\\\" }, piece]);
        }
        latex.push('"');
        let line = &mut self.line;
        line.extend(std::iter::repeat_n(' ', INDENT));
        line.push('{');
        let length = self.members.iter().map(|m| m.len() + 2).sum::<usize>();
        let flat = length <= WIDTH - INDENT;
        for (at, member) in self.members.iter().enumerate() {
            if flat {
                line.push_str(if at == 0 { "" } else { ", " });
            } else {
                line.push_str(if at == 0 { "\n" } else { ",\n" });
                line.extend(std::iter::repeat_n(' ', INDENT + 1));
            }
            line.push_str(member);
        }
        if !flat {
            line.push('\n');
            line.extend(std::iter::repeat_n(' ', INDENT));
        }
        line.push('}');
    }

    fn begin_order(&mut self) {
        let comma = if self.order == 0 { "" } else { "," };
        let _ = write!(self.line, "{comma}\n  {{\n   \"order\": {},\n   \"terms\": [\n", self.order);
    }

    fn end_order(&mut self) -> io::Result<()> {
        self.line.clear();
        if self.terms > 0 {
            self.line.push_str("\n   ]\n  }");
        } else {
            self.line.push_str(if self.order == 0 { "\n  " } else { ",\n  " });
            let order = json!({"order": self.order, "terms": std::mem::take(&mut self.kept)});
            layout::write(&order, 2, &mut self.line);
        }
        (self.order, self.terms) = (self.order + 1, 0);
        self.out.write_all(self.line.as_bytes())
    }

    /// Ends the document and gives back what was written to, flushed.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn finish(self) -> io::Result<W> {
        self.finish_with(&[])
    }

    /// Ends the document where it stands, with warnings that say why.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn finish_with(mut self, warnings: &[Warning]) -> io::Result<W> {
        if self.begun {
            self.end_order()?;
            self.out.write_all(b"\n ")?;
        }
        let warnings: Vec<Value> = warnings.iter().map(warning).collect();
        writeln!(self.out, "],\n \"warnings\": {}\n}}", Value::from(warnings))?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json;
    use crate::series::{order_polynomials, stream};
    use std::ops::ControlFlow;

    /// To where terms are too long for a line.
    #[test]
    fn writes_what_the_whole_document_has() {
        for order in [4, 9] {
            let mut writer = EquationWriter::new(Vec::new(), "gradient-descent").unwrap();
            let end = stream(order, |levels, c| {
                writer.term(levels, c).map_or_else(ControlFlow::Break, ControlFlow::Continue)
            });
            assert!(end.is_continue());
            let written = String::from_utf8(writer.finish().unwrap()).unwrap();
            assert_eq!(written, json::equation(&order_polynomials(order), &[]).to_string());
        }
    }
}
