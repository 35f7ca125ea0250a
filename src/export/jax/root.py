def _curve(z@passed@):
    """By powers of q: the polynomial whose root makes r = 1 + z q the factor of one step along an eigendirection."""
    return [@curve@]


def _newton(q, z@passed@):
    value = slope = 0
    for c in reversed(_curve(z@passed@)):
        slope = slope * q + value
        value = value * q + c
    return q - value / slope


def _alpha(z@passed@):
    """log(r)/z of the root r that is 1 at z = 0, followed from there below the real line and then up: real z beyond a
    branch point have the value from below. Close to a branch point, where two roots meet, it loses digits."""
    end@fixed_targets@ = jax.lax.stop_gradient(z)@fixed_values@
    bottom = jnp.minimum(end.imag, 0) - @depth@ * (1 + 2 * jnp.minimum(jnp.abs(end.imag), 1))
    closer = 0.8 ** jnp.arange(120)
    corners = [0 * end, 1j * bottom, end.real + 1j * bottom, end]
    shares = [closer[::-1], jnp.arange(1, 129) / 128, jnp.append(1 - closer[1:], 1)]
    legs = [a + (b - a) * share[:, None] for a, b, share in zip(corners, corners[1:], shares)]

    def follow(state, at):
        q, r, turned = state
        for _ in range(6):
            q = _newton(q, at@fixed_passed@)
        after = 1 + at * q
        return (q, after, turned + jnp.angle(after / r)), None

    start = _newton(0 * end, 0 * end@fixed_passed@)
    state = (start, jnp.ones_like(end), jnp.zeros_like(end.real))
    (q, _, turned), _ = jax.lax.scan(follow, state, jnp.concatenate(legs).astype(end.dtype))
    # From the root onwards all has derivatives: two steps of Newton's method have those of the root.
    q = _newton(_newton(jax.lax.stop_gradient(q), z@passed@), z@passed@)
    alpha = q * _log1p_over(z * q)
    sheet = jnp.round((turned - jax.lax.stop_gradient(z * alpha).imag) / (2 * math.pi))
    return alpha + jnp.where(sheet == 0, 0, 2j * math.pi * sheet / jnp.where(sheet == 0, 1, z))
