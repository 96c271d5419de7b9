using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class WassersteinTests
{
    public static TheoryData<string, double, string> Published => ReferenceValues.Of("wasserstein1");

    [Theory, MemberData(nameof(Published))]
    public void It_is_the_published_one(string comparison, double expected, string definition)
    {
        var (reference, current) = ReferenceValues.Samples(comparison);

        Assert.NotNull(definition);
        Assert.Equal(1, Wasserstein.OfSamples(new PreparedReference(reference), current).Statistic / expected, 1e-9);
    }

    [Property]
    public void It_is_the_area_between_the_distribution_functions(byte[] reference, byte[] current)
    {
        if (reference.Length == 0 || current.Length == 0)
        {
            return;
        }

        double[] first = [.. reference.Select(x => x % 50.0)], second = [.. current.Select(x => x % 40.0)];
        var area = Enumerable.Range(0, 50).Sum(x => Math.Abs(first.Count(y => y <= x) / (double)first.Length - second.Count(y => y <= x) / (double)second.Length));

        Assert.Equal(area, Wasserstein.OfSamples(new PreparedReference(first), second).Statistic, 1e-9);
    }

    [Fact]
    public void The_normed_form_is_in_standard_deviations_of_the_reference() =>
        Assert.Equal(3, Wasserstein.NormedOfSamples(new PreparedReference([0, 2]), [3, 5]).Statistic);

    [Fact]
    public void Counts_of_u_values_give_the_distance_on_the_unit_interval()
    {
        Assert.Equal(0.5, Wasserstein.OfCounts([0.5, 0.5, 0, 0], [0, 0, 7, 7]), 1e-12);
        Assert.Equal(double.NaN, Wasserstein.OfCounts([1, 0], [0, 0]));
    }

    [Fact]
    public void Samples_of_equal_size_give_what_others_give()
    {
        double[] reference = Samples.Uniform(1_003, 1), current = [.. Samples.Uniform(1_003, 2).Select(x => x * x)];
        var twice = Wasserstein.OfSamples(new PreparedReference([.. reference, .. reference]), current).Statistic;

        Assert.Equal(twice, Wasserstein.OfSamples(new PreparedReference(reference), current).Statistic, 1e-12);
    }
}
