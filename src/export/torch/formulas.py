@import@
@scipy@

PARAMETERS = @names@


def field(theta, h@arguments@):
    """d theta/dt: the sum of h**n f_n."""
    h = torch.as_tensor(h, dtype=theta.dtype, device=theta.device)[..., None]
    *lower, total = terms(theta@given@)
    for f in reversed(lower):
        total = h * total + f
    return total


def terms(theta@arguments@):
    """[f_0, f_1, ...], each of the shape of theta."""
@lines@


def _stack(theta, components):
    like = torch.zeros_like(theta[..., 0])
    return torch.stack([c + like for c in components], -1)
@helpers@
