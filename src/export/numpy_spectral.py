@import@
@scipy@

PARAMETERS = @names@


def field(theta, h@arguments@):
    """d theta/dt, complex: alpha(h H) g with the gradient g and the Hessian H."""
    h = @np@.asarray(h)[..., None]
    g, *rows = terms(theta@given@)
    hessian = @np@.stack(rows[:@dimension@], -2)
    if @np@.iscomplexobj(hessian):
        values, vectors = @np@.linalg.eig(hessian)
        along = @np@.linalg.solve(vectors, g[..., None])[..., 0]
    else:
        values, vectors = @np@.linalg.eigh(hessian)
        along = (@np@.swapaxes(vectors, -1, -2) @ g[..., None])[..., 0]
    return (vectors @ (_alpha(h * values + 0j) * along)[..., None])[..., 0]@third@


def terms(theta@arguments@):
    """[g, rows of H@and_third@]."""
    theta = @np@.asarray(theta) + 0.0
@lines@


def _stack(theta, components):
    like = @np@.zeros_like(theta[..., 0])
    return @np@.stack([c + like for c in components], -1)


def _log1p_over(u):
    """log(1 + u)/u, and 1 at 0."""
    near = @np@.abs(u) < 0.1
    safe, small = @np@.where(near, 1, u), @np@.where(near, u, 0)
    series = sum((-small) ** k / (k + 1) for k in range(18))
    return @np@.where(near, series, @np@.log(1 + safe) / safe)


@alpha@
@helpers@
