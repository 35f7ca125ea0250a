import math

import jax
import jax.numpy as jnp


def field(loss, products=32@defaults@):
    """The field, as a function of (params, h, *batch@signature@), by so many products with the Hessian.

    Its attribute `with_estimate`, a function of the same, returns besides the field the norm of its difference to the
    field that 8 products less give. Both are complex: take real parts where all eigenvalues are below the branch point.
    """

    def with_estimate(params, h, *batch@signature@):
        gradient = _gradient(loss, params, batch)
        g, hessian = jax.linearize(gradient, params)  # g, and v -> H v
        basis, matrix, alive, norm = _lanczos(hessian, g, products)
        value, before = (
            _combination(jax.tree.map(lambda v: v[:k], basis), _function(matrix[:k, :k], alive[:k], norm, h@passed@))
            for k in (products, max(products - 8, 1))
        )
        estimate = _size(jax.tree.map(jnp.subtract, value, before))
@third@
        return value, estimate

    def flow(params, h, *batch@signature@):
        return with_estimate(params, h, *batch@keywords@)[0]

    flow.with_estimate = with_estimate
    return flow


def with_estimate(loss, products=32@defaults@):
    """The field with its estimate, as a function of (params, h, *batch@signature@)."""
    return field(loss, products@keywords@).with_estimate


field.with_estimate = with_estimate


def _gradient(loss, params, batch):
    """The gradient as a function of params; of complex params the holomorphic one."""
    is_complex = any(jnp.iscomplexobj(leaf) for leaf in jax.tree.leaves(params))
    return lambda p: jax.grad(loss, holomorphic=is_complex)(p, *batch)


def _dot(a, b):
    """The sum of products of entries, without conjugates, so that of complex params all stays analytic."""
    return sum(jnp.sum(x * y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b)))


def _size(a):
    """The norm, with the derivative 0 at 0."""
    square = sum(jnp.sum(jnp.real(x) ** 2 + jnp.imag(x) ** 2) for x in jax.tree.leaves(a))
    return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)


def _combination(basis, c):
    return jax.tree.map(lambda v: jnp.tensordot(c, v.astype(c.dtype), 1), basis)


def _lanczos(hessian, g, products):
    """A basis of g, H g, H^2 g, ..., H in it as a tridiagonal matrix, which vectors of it are not 0, and the norm of g.

    Every vector is orthogonalised twice against all before. Where nothing is left of one, the space is complete: that one
    and all after it are 0, and so are their derivatives.
    """

    def along(basis, w):
        axes = lambda v: tuple(range(1, v.ndim))
        return sum(jnp.sum(v * x, axes(v)) for v, x in zip(jax.tree.leaves(basis), jax.tree.leaves(w)))

    def normalised(w, vanishes):
        norm = jnp.sqrt(jnp.where(vanishes, 1, _dot(w, w)))
        return jnp.where(vanishes, 0, norm), jax.tree.map(lambda x: jnp.where(vanishes, 0, x / norm), w)

    def step(state, k):
        basis, v, scale = state
        basis = jax.tree.map(lambda b, x: b.at[k].set(x), basis, v)
        w = hessian(v)
        a = _dot(v, w)
        for _ in range(2):
            w = jax.tree.map(jnp.subtract, w, _combination(basis, along(basis, w)))
        size = _size(w)
        scale = jnp.maximum(scale, jnp.abs(a) + size)
        b, after = normalised(w, size <= 32 * jnp.finfo(size.dtype).eps * scale)
        after = jax.tree.map(lambda x, like: x.astype(like.dtype), after, v)
        return (basis, after, scale), (a, b, _size(v) > 0)

    norm, v = normalised(g, _size(g) == 0)
    basis = jax.tree.map(lambda x: jnp.zeros((products, *x.shape), x.dtype), g)
    (basis, _, _), (a, b, alive) = jax.lax.scan(step, (basis, v, jnp.zeros_like(_size(g))), jnp.arange(products))
    return basis, jnp.diag(a) + jnp.diag(b[:-1], 1) + jnp.diag(b[:-1], -1), alive, norm


def _function(matrix, alive, norm, h@passed@):
    """norm times the first column of alpha(h matrix)."""
    # Rows that are 0 get eigenvalues of their own, apart from all others, so that eigenvectors have derivatives.
    n = len(matrix)
    reach = jax.lax.stop_gradient(2 * jnp.max(jnp.sum(jnp.abs(matrix), 1)))
    reach = jnp.where(reach > 0, reach, 1)
    matrix = matrix + jnp.diag(jnp.where(alive, 0, reach * (1 + jnp.arange(n, dtype=reach.dtype) / n)))
    if jnp.iscomplexobj(matrix):
        values, vectors = jnp.linalg.eig(matrix)
        first = vectors[0] / jnp.sum(vectors**2, 0)
    else:
        values, vectors = jnp.linalg.eigh(matrix)
        first = vectors[0]
    z = h * jnp.where(jnp.abs(values) < 0.75 * reach, values, 0) + 0j
    return norm * (vectors @ (_alpha(z@passed@) * first))


def _log1p_over(u):
    """log(1 + u)/u, and 1 at 0."""
    near = jnp.abs(u) < 0.1
    safe, small = jnp.where(near, 1, u), jnp.where(near, u, 0)
    series = sum((-small) ** k / (k + 1) for k in range(18))
    return jnp.where(near, series, jnp.log(1 + safe) / safe)


