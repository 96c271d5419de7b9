namespace Streaming.Drift;

/// <summary>The limit laws of Cramér–von Mises and Anderson–Darling: P(Σ zⱼ² / λⱼ ≥ x) for independent standard normal zⱼ.</summary>
/// <remarks>
/// N. V. Smirnov, Sur la distribution de ω², 1936: (1/π) Σ (−1)^(k+1) ∫ e^(−x y/2) / (y √|D(y)|) dy between λ₂ₖ₋₁ and λ₂ₖ, D(y) = Π (1 − y/λⱼ). For
/// Cramér–von Mises λⱼ = π² j², D = sin √y / √y; for Anderson–Darling λⱼ = j (j + 1), D = −cos(π w) / (π y), w = √(y + ¼). The roots at both ends
/// are taken out by a sine, after which equal steps converge like a power. The tail keeps its relative accuracy.
/// </remarks>
internal static class QuadraticFormLaw
{
    private const int Steps = 48;

    // smaller statistics need ever more terms, and the answer is 1 to ten digits
    private const double Least = 0.01;

    /// <summary>P(W² ≥ x) of Cramér–von Mises.</summary>
    public static double CramerVonMises(double x) =>
        x < Least ? 1 : Sum(0, w => Math.Exp(-x * Math.PI * Math.PI * w * w / 2) * 2 * Math.Sqrt(Math.PI / w), x * Math.PI * Math.PI);

    /// <summary>P(A² ≥ x) of Anderson–Darling.</summary>
    public static double AndersonDarling(double x) =>
        x < 5 * Least ? 1 : Sum(0.5, w => Math.Exp(-x * (w * w - 0.25) / 2) * 2 * w * Math.Sqrt(Math.PI / (w * w - 0.25)), x);

    /// <summary>The alternating sum of integrals, whose ends are 1 + offset, 2 + offset … in w.</summary>
    /// <param name="offset">Added to whole numbers.</param>
    /// <param name="smooth">All of the integrand but the root of the sine.</param>
    /// <param name="decay">The integrand falls as e^(−decay w² / 2).</param>
    private static double Sum(double offset, Func<double, double> smooth, double decay)
    {
        var (sum, sign) = (0.0, 1);
        for (var k = 1; ; k += 2)
        {
            var first = k + offset;
            var integral = 0.0;
            for (var i = 0; i < Steps; i++)
            {
                // from the end of the interval: there the sine under the root would lose its digits otherwise
                var angle = Math.PI * (i + 0.5) / Steps;
                var share = Math.Sin(angle / 2) * Math.Sin(angle / 2);
                var root = Math.Sqrt(Math.Sin(Math.PI * Math.Min(share, 1 - share)));
                integral += smooth(first + share) * Math.Sin(angle) / 2 / root;
            }

            var term = integral * (Math.PI / Steps) / Math.PI;
            sum += sign * term;
            sign = -sign;
            if (term <= 1e-16 * sum || decay * first * first > 1_500)
            {
                return Math.Clamp(sum, 0, 1);
            }
        }
    }
}
