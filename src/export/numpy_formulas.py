@import@
@scipy@

PARAMETERS = @names@


def field(theta, h@arguments@):
    """d theta/dt: the sum of h**n f_n."""
    h = @np@.asarray(h)[..., None]
    *lower, total = terms(theta@given@)
    for f in reversed(lower):
        total = h * total + f
    return total


def terms(theta@arguments@):
    """[f_0, f_1, ...], each of the shape of theta."""
    theta = @np@.asarray(theta) + 0.0
@lines@


def _stack(theta, components):
    like = @np@.zeros_like(theta[..., 0])
    return @np@.stack([c + like for c in components], -1)
@helpers@
