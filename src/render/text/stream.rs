//! Modified equations as text, a term at a time: more terms than memory holds.

use super::equation::{LABEL_LIMIT, left_side, part_name};
use crate::formula::Text;
use crate::number::Rational;
use crate::tree::{Notation, TreeWriter};
use std::io::{self, Write};

/// What must be known of all terms before the first is written: how wide the columns are.
///
/// A first walk over the terms shows them to [`Columns::term`], a second one to [`EquationWriter::term`].
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::text;
/// use shadowflow::series::{Route, derive};
/// use shadowflow::tree::Notation;
/// use std::ops::ControlFlow;
/// let gradient_descent = BoundOptimizer::gradient_descent();
/// let asked = derive(&gradient_descent, 5).route(Route::Trees);
/// let mut columns = text::Columns::new(Notation::Operator);
/// let _ = asked.stream::<()>(|levels, coefficient| {
///     columns.term(levels, coefficient);
///     ControlFlow::Continue(())
/// })?;
/// let mut writer = text::EquationWriter::new(Vec::new(), columns);
/// let end = asked.stream(|levels, coefficient| match writer.term(levels, coefficient) {
///     Ok(()) => ControlFlow::Continue(()),
///     Err(error) => ControlFlow::Break(error),
/// })?;
/// assert!(end.is_continue());
/// let written = String::from_utf8(writer.finish()?)?;
/// assert_eq!(written, text::equation(&asked.run()?.equation, Notation::Operator));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Columns {
    notation: Notation,
    orders: Vec<OrderColumns>,
}

/// The columns of one order.
#[derive(Debug, Clone, Default)]
struct OrderColumns {
    /// The terms that are not zero.
    terms: u64,
    /// The widest size of a coefficient.
    size: usize,
    /// The widths of the first principal and the first other tree.
    first: [Option<usize>; 2],
}

impl Columns {
    /// Columns for terms in this notation, none seen yet.
    #[must_use]
    pub fn new(notation: Notation) -> Self {
        Self { notation, orders: Vec::new() }
    }

    /// Takes note of a term, by its tree's canonical level sequence and its coefficient; zero is no term.
    pub fn term(&mut self, levels: &[u8], coefficient: &Rational) {
        let n = levels.len().saturating_sub(1);
        if self.orders.len() <= n {
            self.orders.resize_with(n + 1, OrderColumns::default);
        }
        if coefficient.is_zero() {
            return;
        }
        let order = &mut self.orders[n];
        order.terms += 1;
        order.size = order.size.max(size(coefficient).len());
        let first = &mut order.first[usize::from(!is_principal(levels))];
        if first.is_none() {
            let mut text = String::new();
            TreeWriter::new(self.notation).write(levels, &mut Text::new(&mut text));
            *first = Some(text.chars().count());
        }
    }

    /// The column at which labels stand.
    fn label(&self) -> usize {
        let widths = self.orders.iter().enumerate().flat_map(|(n, order)| {
            let left = left_side(n, self.notation).chars().count();
            // `- SIZE TREE`; a term alone in its order has no space after its sign and none for a size of 1.
            let alone = order.terms == 1;
            let before = if alone { order.size + 1 + usize::from(order.size > 0) } else { order.size + 3 };
            order.first.into_iter().flatten().map(move |tree| left + before + tree)
        });
        widths.filter(|w| *w <= LABEL_LIMIT).max().unwrap_or(0)
    }
}

/// The size of a coefficient, nothing where it is 1.
fn size(coefficient: &Rational) -> String {
    let size = coefficient.abs();
    if size.is_one() { String::new() } else { size.to_string() }
}

fn is_principal(levels: &[u8]) -> bool {
    levels.windows(2).all(|w| w[1] > w[0])
}

/// Writes a modified equation as [`equation`](super::equation) does, from terms shown one after another.
#[derive(Debug)]
pub struct EquationWriter<W> {
    out: W,
    columns: Columns,
    label: usize,
    trees: TreeWriter,
    /// The order being written and how many of its terms stand there.
    order: usize,
    terms: u64,
    principal: bool,
    begun: bool,
    line: String,
}

impl<W: Write> EquationWriter<W> {
    /// A writer of the terms that the columns were measured for.
    #[must_use]
    pub fn new(out: W, columns: Columns) -> Self {
        let (label, trees) = (columns.label(), TreeWriter::new(columns.notation));
        Self { out, columns, label, trees, order: 0, terms: 0, principal: false, begun: false, line: String::new() }
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
        let order = self.columns.orders.get(n).cloned().unwrap_or_default();
        let (negative, size) = (coefficient.is_negative(), size(coefficient));
        let left = left_side(n, self.columns.notation);
        let principal = is_principal(levels);
        let labelled = self.terms == 0 || principal != self.principal;
        self.line.clear();
        if order.terms == 1 {
            let space = if size.is_empty() { "" } else { " " };
            self.line.extend([left.as_str(), if negative { "-" } else { "" }, &size, space]);
        } else {
            let sign = match (negative, self.terms) {
                (true, _) => "-",
                (false, 0) => " ",
                (false, _) => "+",
            };
            if self.terms == 0 {
                self.line.push_str(&left);
            } else {
                self.line.extend(std::iter::repeat_n(' ', left.chars().count()));
            }
            self.line.extend([sign, " ", &size]);
            self.line.extend(std::iter::repeat_n(' ', order.size.saturating_sub(size.len()) + 1));
        }
        self.trees.write(levels, &mut Text::new(&mut self.line));
        if labelled {
            let missing = self.label.saturating_sub(self.line.chars().count());
            self.line.extend(std::iter::repeat_n(' ', missing));
            self.line.extend(["     (", part_name(principal), ")"]);
        }
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        (self.terms, self.principal) = (self.terms + 1, principal);
        Ok(())
    }

    fn end_order(&mut self) -> io::Result<()> {
        if self.terms == 0 {
            writeln!(self.out, "{}0", left_side(self.order, self.columns.notation))?;
        }
        (self.order, self.terms) = (self.order + 1, 0);
        Ok(())
    }

    /// Ends the last order and gives back what was written to, flushed.
    ///
    /// # Errors
    /// What the writer underneath says.
    pub fn finish(mut self) -> io::Result<W> {
        if self.begun {
            self.end_order()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::{order_polynomials, stream};
    use std::ops::ControlFlow;

    #[test]
    fn writes_what_the_whole_equation_does() {
        for notation in Notation::ALL {
            let mut columns = Columns::new(notation);
            let _ = stream::<()>(8, |levels, c| {
                columns.term(levels, c);
                ControlFlow::Continue(())
            });
            let mut writer = EquationWriter::new(Vec::new(), columns);
            let end =
                stream(8, |levels, c| writer.term(levels, c).map_or_else(ControlFlow::Break, ControlFlow::Continue));
            assert!(end.is_continue());
            let written = String::from_utf8(writer.finish().unwrap()).unwrap();
            assert_eq!(written, crate::render::text::equation(&order_polynomials(8), notation));
        }
    }

    /// A reader that goes away stops the walk.
    #[test]
    fn errors_come_back() {
        let mut columns = Columns::new(Notation::Operator);
        columns.term(&[0], &Rational::MINUS_ONE);
        let mut room = [0_u8; 3];
        let mut writer = EquationWriter::new(&mut room[..], columns);
        assert!(writer.term(&[0], &Rational::MINUS_ONE).is_err());
    }
}
