import jax


def field(loss@defaults@):
    """The field, as a function of (params, h, *batch@signature@)."""

    def flow(params, h, *batch@signature@):
        *lower, total = terms(loss, params, *batch@keywords@)
        for f in reversed(lower):
            total = jax.tree.map(lambda above, f: h * above + f, total, f)
        return total

    return flow


def terms(loss, params, *batch@parameters@):
    """[f_0, f_1, ...], each a pytree like params."""
    is_complex = any(jax.numpy.iscomplexobj(leaf) for leaf in jax.tree.leaves(params))
    gradient = lambda p: jax.grad(loss, holomorphic=is_complex)(p, *batch)

    def d(*directions):
        """The derivative of the gradient along the directions, one jvp inside of the other."""
        function = gradient
        for v in directions:
            function = _along(function, v)
        return function(params)

@lines@


def _along(function, v):
    return lambda p: jax.jvp(function, (p,), (v,))[1]


def _sum(*terms):
    """The sum of coefficients times pytrees."""
    return jax.tree.map(lambda *leaves: sum(c * leaf for (c, _), leaf in zip(terms, leaves)), *(t for _, t in terms))
