@import@
@scipy@

PARAMETERS = @names@


def field(theta, h@arguments@):
    """d theta/dt, complex: alpha(h H) g with the gradient g and the Hessian H."""
    h = torch.as_tensor(h, dtype=theta.dtype, device=theta.device)[..., None]
    g, *rows = terms(theta@given@)
    hessian = torch.stack(rows[:@dimension@], -2)
    if torch.is_complex(hessian):
        values, vectors = torch.linalg.eig(hessian)
        along = torch.linalg.solve(vectors, g[..., None])[..., 0]
    else:
        values, vectors = torch.linalg.eigh(hessian)
        along = (vectors.mT @ g[..., None])[..., 0]
    return ((vectors + 0j) @ (_alpha(h * values + 0j) * along)[..., None])[..., 0]@third@


def terms(theta@arguments@):
    """[g, rows of H@and_third@]."""
@lines@


def _stack(theta, components):
    like = torch.zeros_like(theta[..., 0])
    return torch.stack([c + like for c in components], -1)


def _log1p_over(u):
    """log(1 + u)/u, and 1 at 0."""
    near = torch.abs(u) < 0.1
    safe, small = torch.where(near, torch.ones_like(u), u), torch.where(near, u, torch.zeros_like(u))
    series = sum((-small) ** k / (k + 1) for k in range(18))
    return torch.where(near, series, torch.log(1 + safe) / safe)


@alpha@
@helpers@
