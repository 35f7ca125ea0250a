def _alpha(z):
    """log(1 - z)/z with arg(1 - z) in [-pi/2, 3 pi/2): its imaginary part is +pi/z for z > 1."""
    turned = torch.angle(1 - z) < -math.pi / 2
    safe = torch.where(turned, z, torch.ones_like(z))
    return -_log1p_over(-z) + torch.where(turned, 2j * math.pi / safe, torch.zeros_like(z))
