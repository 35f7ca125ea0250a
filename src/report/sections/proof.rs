//! The proof, order by order.

use super::super::Report;
use super::super::derived::Proven;
use super::words::counted;
use crate::render::document::{Block, Section, Text};
use crate::render::proof::proof_blocks;

pub(super) fn section(report: &Report) -> Section {
    let mut section = Section::new("The proof");
    let Proven { shown, shown_order, order, verified } = match &report.derived.proof {
        Ok(proven) => proven,
        Err(why) => {
            section.say(format!("There is no proof step by step: {why}."));
            return section;
        }
    };
    let steps = counted(verified.steps, "step", "steps");
    let claims = counted(verified.terms, "term", "terms");
    section.say(if verified.ok {
        Text::words(format!("{steps}, each by a rule that it names, lead to the {claims} of "))
            .and(fields(*order))
            .then("; all were replayed without what found them: ")
            .verdict(true, "the proof holds")
            .then(".")
    } else {
        let first = verified.failed.first().map_or_else(String::new, |failure| format!(": {}", failure.reason));
        Text::words(format!("Of {steps}, ")).verdict(false, "not all follow").then(format!("{first}."))
    });
    if report.options.order > *order {
        section.say(format!(
            "It goes to order {order} and not to {}, since every order more has two to three times as many steps: what stands above of higher orders has no \
             proof here.",
            report.options.order
        ));
    }
    if shown_order < order {
        section.say(format!(
            "The steps to order {shown_order} are shown, since a reader would scroll through thousands; `proof::proof_json` writes all of them."
        ));
    }
    section.push(Block::Fold {
        summary: Text::words("The derivation, step by step"),
        open: false,
        blocks: proof_blocks(shown),
    });
    section
}

/// `f_0` to `f_n`.
fn fields(n: usize) -> Text {
    let field = |n: usize| crate::formula::Letter::Field(n);
    let text = Text::default().formula(field(0));
    if n == 0 { text } else { text.then(" to ").formula(field(n)) }
}
