def _alpha(z):
    """log(1 - z)/z with arg(1 - z) in [-pi/2, 3 pi/2): its imaginary part is +pi/z for z > 1."""
    turned = jnp.angle(1 - z) < -math.pi / 2
    return -_log1p_over(-z) + jnp.where(turned, 2j * math.pi / jnp.where(turned, z, 1), 0)
