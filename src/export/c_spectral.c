/* Turns the symmetric matrix a into a diagonal one by Jacobi's rotations; the columns of v are its eigenvectors. */
static void diagonalise(double a[@n@][@n@], double v[@n@][@n@])
{
    for (size_t i = 0; i < @n@; i++)
        for (size_t j = 0; j < @n@; j++)
            v[i][j] = i == j ? 1.0 : 0.0;
    for (int sweep = 0; sweep < 60; sweep++) {
        double beside = 0.0, all = 0.0;
        for (size_t i = 0; i < @n@; i++)
            for (size_t j = 0; j < @n@; j++) {
                all += a[i][j] * a[i][j];
                beside += i == j ? 0.0 : a[i][j] * a[i][j];
            }
        if (beside <= 1e-34 * all)
            break;
        for (size_t p = 0; p + 1 < @n@; p++)
            for (size_t q = p + 1; q < @n@; q++) {
                if (a[p][q] == 0.0)
                    continue;
                const double w = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                const double t = (w < 0.0 ? -1.0 : 1.0) / (fabs(w) + sqrt(w * w + 1.0));
                const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
                for (size_t k = 0; k < @n@; k++) {
                    const double x = a[k][p], y = a[k][q];
                    a[k][p] = c * x - s * y;
                    a[k][q] = s * x + c * y;
                }
                for (size_t k = 0; k < @n@; k++) {
                    const double x = a[p][k], y = a[q][k];
                    a[p][k] = c * x - s * y;
                    a[q][k] = s * x + c * y;
                }
                for (size_t k = 0; k < @n@; k++) {
                    const double x = v[k][p], y = v[k][q];
                    v[k][p] = c * x - s * y;
                    v[k][q] = s * x + c * y;
                }
            }
    }
}

/* log(1 - z)/z, with the imaginary part pi/z for z > 1. */
static double complex alpha(double z)
{
    if (z == 0.0)
        return -1.0;
    return z < 1.0 ? log1p(-z) / z : (log(z - 1.0) + 3.14159265358979323846 * I) / z;
}

void shadow_field(const double theta[restrict static @n@], double h, @parameters@double complex out[restrict static @n@])
{
    double f[@outputs@], a[@n@][@n@], v[@n@][@n@];
    shadow_terms(theta, @given@f);
    for (size_t i = 0; i < @n@; i++)
        for (size_t j = 0; j < @n@; j++)
            a[i][j] = f[@n@ + @n@ * i + j];
    diagonalise(a, v);
    for (size_t i = 0; i < @n@; i++)
        out[i] = @third@;
    for (size_t j = 0; j < @n@; j++) {
        double along = 0.0;
        for (size_t i = 0; i < @n@; i++)
            along += v[i][j] * f[i];
        const double complex velocity = alpha(h * a[j][j]) * along;
        for (size_t i = 0; i < @n@; i++)
            out[i] += velocity * v[i][j];
    }
}
