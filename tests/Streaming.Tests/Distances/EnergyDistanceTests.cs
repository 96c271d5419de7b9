using Streaming.Drift;

namespace Streaming.Tests;

public class EnergyDistanceTests
{
    public static TheoryData<string, double, string> Published => ReferenceValues.Of("energy_distance");

    [Theory, MemberData(nameof(Published))]
    public void It_is_the_published_one(string comparison, double expected, string definition)
    {
        var (reference, current) = ReferenceValues.Samples(comparison);

        Assert.NotNull(definition);
        Assert.Equal(1, EnergyDistance.OfSamples(new PreparedReference(reference), current).Statistic / expected, 1e-9);
    }

    [Fact]
    public void It_is_the_mean_distance_between_less_those_within()
    {
        double[] x = Samples.Uniform(31, 1), y = [.. Samples.Uniform(20, 2).Select(v => v * 2)];
        var expected = Math.Sqrt(2 * Mean(x, y) - Mean(x, x) - Mean(y, y));

        Assert.Equal(expected, EnergyDistance.OfSamples(new PreparedReference(x), y).Statistic, 1e-12);

        static double Mean(double[] a, double[] b) => a.Average(p => b.Average(q => Math.Abs(p - q)));
    }

    [Fact]
    public void Counts_of_u_values_give_the_distance_on_the_unit_interval()
    {
        Assert.Equal(Math.Sqrt(2 * (0.25 + 1 + 0.25) / 4), EnergyDistance.OfCounts([0.5, 0.5, 0, 0], [0, 0, 7, 7]), 1e-12);
        Assert.Equal(double.NaN, EnergyDistance.OfCounts([1, 0], [0, 0]));
    }
}
