//! Where the operands come from whose shapes do not fit.

use super::LossErrorKind;
use super::evaluate::Evaluator;
use super::operand::Operand;
use crate::expr::Shape;

impl LossErrorKind {
    /// Whether the places of the operands say more about it.
    pub(super) fn is_about_shapes(&self) -> bool {
        use LossErrorKind as K;
        matches!(
            self,
            K::ShapeMismatch { .. }
                | K::NotAMatrix { .. }
                | K::Axis { .. }
                | K::Indices { .. }
                | K::AxisIndexOutOfRange { .. }
                | K::Labels { .. }
                | K::Label { .. }
                | K::ArrayTooLarge { .. }
                | K::ConstantColumn { .. }
        )
    }
}

/// A shape in a sentence.
fn has(shape: &Shape) -> String {
    if shape.rank() == 0 { "is a scalar".to_owned() } else { format!("has shape {shape}") }
}

impl Evaluator<'_> {
    /// The operands that are no numbers: what they are, their shapes and places.
    pub(super) fn note(&self, operands: &[Operand]) -> Option<String> {
        const MOST: usize = 3;
        let sentences: Vec<String> = (operands.iter())
            .filter(|o| o.value.is_some_and(|id| self.pool.as_constant(id).is_none()))
            .take(MOST)
            .map(|o| self.sentence(o))
            .collect();
        (!sentences.is_empty()).then(|| sentences.join(", "))
    }

    fn sentence(&self, operand: &Operand) -> String {
        const LONGEST: usize = 40;
        let text = operand.span.text(self.source);
        let subject = match text.contains(['\n', '#']) || text.chars().count() > LONGEST {
            true => format!("what stands at {}", self.place(operand.span)),
            false => format!("`{text}`"),
        };
        let shape = operand.value.map(|id| has(self.pool.shape(id))).unwrap_or_default();
        match (operand.declared, operand.given) {
            (Some(declared), _) => format!("{subject}, declared at {}, {shape}", self.place(declared)),
            (_, Some(given)) => format!("{subject}, given at {}, {shape}", self.place(given)),
            _ if subject.starts_with('`') => format!("{subject} at {} {shape}", self.place(operand.span)),
            _ => format!("{subject} {shape}"),
        }
    }
}
