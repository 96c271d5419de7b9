using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class KolmogorovSmirnovTests
{
    public static TheoryData<string, double, string> Statistics => ReferenceValues.Of("ks_statistic");

    public static TheoryData<string, double, string> Exact => ReferenceValues.Of("ks_pvalue_exact");

    public static TheoryData<string, double, string> Asymptotic => ReferenceValues.Of("ks_pvalue_asymptotic");

    [Theory, MemberData(nameof(Statistics))]
    public void The_statistic_is_the_published_one(string comparison, double expected, string definition)
    {
        _ = definition;
        Assert.Equal(expected, Measure(comparison, KolmogorovSmirnovMethod.Asymptotic).Statistic, 1e-12);
    }

    [Theory, MemberData(nameof(Exact))]
    public void The_exact_p_value_is_the_published_one(string comparison, double expected, string definition)
    {
        _ = definition;
        Assert.Equal(1, Measure(comparison, KolmogorovSmirnovMethod.Exact).PValue!.Value / expected, 1e-9);
        Assert.Equal(1, Measure(comparison, KolmogorovSmirnovMethod.Auto).PValue!.Value / expected, 1e-9);
    }

    [Theory, MemberData(nameof(Asymptotic))]
    public void The_asymptotic_p_value_is_the_published_one(string comparison, double expected, string definition)
    {
        _ = definition;
        var actual = Measure(comparison, KolmogorovSmirnovMethod.Asymptotic).PValue!.Value;

        Assert.Equal(1, expected == 0 ? 1 + actual : actual / expected, 1e-6);
    }

    [Property]
    public void Neither_the_order_of_samples_nor_of_values_matters(double[] reference, double[] current)
    {
        var expected = KolmogorovSmirnov.OfSamples(reference, current);
        var actual = KolmogorovSmirnov.OfSamples([.. current.Reverse()], [.. reference.Reverse()]);

        Assert.Equal(expected.Statistic, actual.Statistic);
        Assert.Equal(expected.PValue ?? 2, actual.PValue ?? 2, 1e-12);
        Assert.Equal(expected.Ignored, actual.Ignored);
        Assert.True(expected.Statistic is double.NaN or (>= 0 and <= 1));
    }

    [Property]
    public void Ties_and_constants_are_one_step(byte[] reference, byte[] current)
    {
        if (reference.Length == 0 || current.Length == 0)
        {
            return;
        }

        var (first, second) = (reference.Select(x => x % 4.0).ToArray(), current.Select(x => x % 4.0).ToArray());
        var expected = Enumerable.Range(0, 4).Max(value => Math.Abs(Share(first, value) - Share(second, value)));

        Assert.Equal(expected, KolmogorovSmirnov.OfSamples(first, second).Statistic, 1e-12);

        static double Share(double[] values, int upTo) => values.Count(x => x <= upTo) / (double)values.Length;
    }

    [Fact]
    public void Nothing_has_no_distance_and_what_is_no_number_is_counted()
    {
        Assert.Equal(new DistanceResult("ks", double.NaN, null, 1), KolmogorovSmirnov.OfSamples([], [double.NaN]));
        Assert.Equal((0, 1.0), (KolmogorovSmirnov.OfSamples([7, 7], [7]).Statistic, KolmogorovSmirnov.OfSamples([7, 7], [7]).PValue));
        Assert.Equal(1, KolmogorovSmirnov.OfSamples([7, 7], [8, double.NaN]).Statistic);
    }

    [Fact]
    public void Counts_are_compared_with_what_is_expected()
    {
        Assert.Equal((0.25, Direction.Up), KolmogorovSmirnov.OfCounts([0.5, 0.25, 0.25], [1, 1, 2]));
        Assert.Equal((0.5, Direction.Down), KolmogorovSmirnov.OfCounts([0.5, 0.25, 0.25], [4, 0, 0]));
        Assert.Equal((0, Direction.None), KolmogorovSmirnov.OfCounts([0.5, 0.5], [0, 0]));
        Assert.Equal((0, Direction.None), KolmogorovSmirnov.OfCounts([0.5, 0.5], [3, 3]));
    }

    private static DistanceResult Measure(string comparison, KolmogorovSmirnovMethod method)
    {
        var (reference, current) = ReferenceValues.Samples(comparison);
        return KolmogorovSmirnov.OfSamples(reference, current, method);
    }
}
