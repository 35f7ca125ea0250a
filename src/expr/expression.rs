//! One expression with the pool that it lives in, owned or borrowed.

use super::{Id, Pool};

/// An expression and its pool, as one value.
///
/// ```
/// use shadowflow::expr::{Expression, ExpressionRef, Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let square = pool.pow(x, &2.into());
/// // Borrowed for a moment, or for good.
/// assert_eq!(pool.expression(square).id(), square);
/// let loss = Expression::new(pool, square);
/// assert_eq!(ExpressionRef::from(&loss).pool().theta_names(), ["x"]);
/// // An id of another pool is refused where this pool has no such node.
/// assert!(std::panic::catch_unwind(|| Expression::new(Pool::new(), square)).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Expression {
    pool: Pool,
    id: Id,
}

impl Expression {
    /// An expression of this pool.
    ///
    /// # Panics
    /// If the pool has no such node. An id of another pool that happens to be one of this pool's cannot be told from it.
    #[must_use]
    pub fn new(pool: Pool, id: Id) -> Self {
        check(&pool, id);
        Self { pool, id }
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The expression's place in the pool.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// The pool, to add to, and the expression's place in it.
    #[must_use]
    pub fn into_parts(self) -> (Pool, Id) {
        (self.pool, self.id)
    }
}

/// A borrowed [`Expression`]: see [`Pool::expression`].
#[derive(Debug, Clone, Copy)]
pub struct ExpressionRef<'a> {
    pool: &'a Pool,
    id: Id,
}

impl<'a> ExpressionRef<'a> {
    /// The pool.
    #[must_use]
    pub fn pool(self) -> &'a Pool {
        self.pool
    }

    /// The expression's place in the pool.
    #[must_use]
    pub fn id(self) -> Id {
        self.id
    }
}

impl Pool {
    /// An expression of this pool together with it.
    ///
    /// # Panics
    /// As [`Expression::new`].
    #[must_use]
    pub fn expression(&self, id: Id) -> ExpressionRef<'_> {
        check(self, id);
        ExpressionRef { pool: self, id }
    }
}

impl<'a> From<&'a Expression> for ExpressionRef<'a> {
    fn from(expression: &'a Expression) -> Self {
        Self { pool: &expression.pool, id: expression.id }
    }
}

impl From<ExpressionRef<'_>> for Expression {
    fn from(expression: ExpressionRef<'_>) -> Self {
        Self { pool: expression.pool.clone(), id: expression.id }
    }
}

fn check(pool: &Pool, id: Id) {
    assert!(pool.is_before(id, pool.len()), "the expression is of another pool: this one has {} nodes", pool.len());
}
