//! How an evaluation is made, for whoever asks.

use crate::expr::ExpressionRef;
use crate::plan::{LEAST_PER_NODE, MOST_SCALAR_OPERATIONS, PlanCost, Route, counts};

/// The route of a loss, why it takes it, and what the parts of its evaluation cost.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanReport {
    /// The route.
    pub route: Route,
    /// The rule that chose it, as the end of a sentence.
    pub rule: String,
    /// D.
    pub parameters: usize,
    /// The scalar operations of the loss.
    pub scalar_operations: u64,
    /// The operations on arrays that it is made of.
    pub array_operations: u64,
    /// What the plans of arrays cost; empty on the scalar route.
    pub parts: Vec<PartCost>,
}

/// What one plan of arrays costs per evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartCost {
    /// What it computes, such as `gradient`.
    pub name: String,
    /// Multiplications in products of matrices.
    pub product_multiplications: u64,
    /// Operations entry by entry.
    pub elementwise_operations: u64,
    /// Calls of functions, entry by entry.
    pub function_calls: u64,
    /// How many buffers hold what is on the way.
    pub buffers: usize,
    /// The most memory that they take, in bytes.
    pub peak_bytes: u64,
}

impl PartCost {
    pub(super) fn of(name: &str, cost: &PlanCost) -> Self {
        let operations = cost.operations();
        Self {
            name: name.to_owned(),
            product_multiplications: operations.products,
            elementwise_operations: operations.entrywise,
            function_calls: operations.functions,
            buffers: cost.arrays,
            peak_bytes: cost.peak_bytes,
        }
    }
}

impl PlanReport {
    pub(super) fn of(loss: ExpressionRef<'_>, parts: Vec<PartCost>) -> Self {
        let route = Route::of(loss);
        let (scalar_operations, array_operations) = counts(loss);
        let few = scalar_operations <= MOST_SCALAR_OPERATIONS;
        let rule = match route {
            Route::Array => format!("the loss has more than {MOST_SCALAR_OPERATIONS} scalar operations"),
            Route::Scalar if few => format!("the loss has at most {MOST_SCALAR_OPERATIONS} scalar operations"),
            Route::Scalar => format!(
                "it is written out entry by entry, with fewer than {LEAST_PER_NODE} scalar operations for each operation on arrays"
            ),
        };
        Self { route, rule, parameters: loss.pool().dimension(), scalar_operations, array_operations, parts }
    }
}
