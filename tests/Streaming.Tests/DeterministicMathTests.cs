using Streaming.Drift;

namespace Streaming.Tests;

public class DeterministicMathTests
{
    private static IEnumerable<double> Positive()
    {
        var random = new Random(1);
        for (var i = 0; i < 200_000; i++)
        {
            yield return BitConverter.Int64BitsToDouble(random.NextInt64(1, 0x7FF0_0000_0000_0000));
            yield return 0.25 + (random.NextDouble() * 4);
            yield return 1 + ((random.NextDouble() - 0.5) * 1e-3);
        }
    }

    [Fact]
    public void The_logarithm_is_right_to_two_units_in_the_last_place()
    {
        foreach (var x in Positive())
        {
            Assert.True(Units(DeterministicMath.Log(x), Math.Log(x)) <= 2, $"ln {x:R}");
        }
    }

    [Fact]
    public void The_exponential_is_right_to_two_units_in_the_last_place()
    {
        var random = new Random(2);
        for (var i = 0; i < 600_000; i++)
        {
            var x = (random.NextDouble() - 0.5) * (i % 3 == 0 ? 1_490 : i % 3 == 1 ? 2 : 1e-3);
            Assert.True(Units(DeterministicMath.Exp(x), Math.Exp(x)) <= 2, $"exp {x:R}");
        }
    }

    [Theory]
    [InlineData(0.0, double.NegativeInfinity)]
    [InlineData(-1.0, double.NaN)]
    [InlineData(double.NegativeInfinity, double.NaN)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(1.0, 0.0)]
    [InlineData(double.Epsilon, -744.4400719213812)]
    [InlineData(double.MaxValue, 709.782712893384)]
    public void The_logarithm_is_defined_everywhere(double x, double expected) => Assert.Equal(expected, DeterministicMath.Log(x));

    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity, 0.0)]
    [InlineData(709.79, double.PositiveInfinity)]
    [InlineData(-745.14, 0.0)]
    [InlineData(-745.13, double.Epsilon)]
    [InlineData(double.MaxValue, double.PositiveInfinity)]
    [InlineData(double.MinValue, 0.0)]
    public void The_exponential_is_defined_everywhere(double x, double expected) => Assert.Equal(expected, DeterministicMath.Exp(x));

    private static long Units(double a, double b) => Math.Abs(BitConverter.DoubleToInt64Bits(a) - BitConverter.DoubleToInt64Bits(b));
}
