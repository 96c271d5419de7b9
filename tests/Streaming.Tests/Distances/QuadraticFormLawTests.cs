using Streaming.Drift;

namespace Streaming.Tests;

public class QuadraticFormLawTests
{
    // Anderson, Darling 1952, table 1; Csörgő, Faraway 1996
    [Theory]
    [InlineData(0.34730, 0.10)]
    [InlineData(0.46136, 0.05)]
    [InlineData(0.74346, 0.01)]
    [InlineData(1.16786, 0.001)]
    [InlineData(0.11888, 0.50)]
    [InlineData(0.02480, 0.99)]
    public void Cramer_von_Mises_has_the_points_of_the_table(double x, double expected) => Assert.Equal(1, QuadraticFormLaw.CramerVonMises(x) / expected, 1e-3);

    // Marsaglia, Marsaglia, Evaluating the Anderson–Darling distribution, 2004
    [Theory]
    [InlineData(1.9329578327, 0.10)]
    [InlineData(2.492367, 0.05)]
    [InlineData(3.878125, 0.01)]
    [InlineData(5.968647, 0.001)]
    public void Anderson_Darling_has_the_points_of_the_table(double x, double expected) => Assert.Equal(1, QuadraticFormLaw.AndersonDarling(x) / expected, 2e-3);

    [Fact]
    public void A_greater_statistic_is_less_likely_as_far_as_numbers_go()
    {
        foreach (var law in (Func<double, double>[])[QuadraticFormLaw.CramerVonMises, QuadraticFormLaw.AndersonDarling])
        {
            var before = 1.0;
            for (var x = 0.01; x < 100; x *= 1.05)
            {
                var p = law(x);
                Assert.InRange(p, 0, before + 1e-9);
                before = p;
            }

            Assert.InRange(before, 1e-300, 1e-15);
        }
    }
}
