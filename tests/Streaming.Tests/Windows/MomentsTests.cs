using Streaming.Drift;

namespace Streaming.Tests;

public class MomentsTests
{
    [Fact]
    public void Vectors_give_the_bits_of_the_scalar_twin_for_every_length()
    {
        foreach (var values in Samples.EveryLength())
        {
            Same(Moments.SumScalar(values), Moments.Sum(values));
            Same(Moments.SquaresAroundScalar(values, 0.25), Moments.SquaresAround(values, 0.25));
            Same(Moments.ExtremesScalar(values).Min, Moments.Extremes(values).Min);
            Same(Moments.ExtremesScalar(values).Max, Moments.Extremes(values).Max);
        }
    }

    [Fact]
    public void A_summary_is_that_of_the_definition()
    {
        var summary = Moments.Summary([1, 2, 3, 6]);

        Assert.Equal(new MomentSummary(4, 3, 14, 1, 6), summary);
        Assert.Equal(3.5, summary.Variance);
        Assert.Equal(new Element(4, 3, 14), summary.ToElement());
        Assert.Equal(3.5, Moments.Variance([1, 2, 3, 6]));
    }

    [Fact]
    public void Nothing_has_no_mean()
    {
        Assert.Equal(0, Moments.Sum([]));
        Assert.Equal(double.NaN, Moments.Mean([]));
        Assert.Equal(double.NaN, Moments.Variance([]));
        Assert.Equal(default, Moments.Summary([]));
    }

    [Fact]
    public void A_long_sum_has_the_bits_of_its_scalar_twin()
    {
        var values = Samples.Uniform(3_079, seed: 5);

        Assert.Equal(Moments.SumScalar(values), Moments.Sum(values));
    }

    internal static void Same(double expected, double actual) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(actual));
}
