using Streaming.Drift;

namespace Streaming.Tests;

public class MannWhitneyTests
{
    private static readonly double[] Males = [19, 22, 16, 29, 24], Females = [20, 11, 17, 12];

    // the example of SciPy's documentation: U = 17 of 20, exact p 1/9, asymptotic 0.11134688653314041
    [Theory]
    [InlineData(MannWhitneyMethod.Auto, 1.0 / 9)]
    [InlineData(MannWhitneyMethod.Asymptotic, 0.11134688653314041)]
    public void It_is_the_published_one(MannWhitneyMethod method, double expected)
    {
        var found = MannWhitney.OfSamples(new PreparedReference(Females), Males, method);

        Assert.Equal(17 / 20.0, found.Statistic, 1e-12);
        Assert.Equal(expected, found.PValue!.Value, 1e-12);
    }

    [Fact]
    public void Ties_count_half()
    {
        var found = MannWhitney.OfSamples(new PreparedReference([1, 2, 3]), [2, 2, 4]);

        Assert.Equal((1.5 + 1.5 + 3) / 9, found.Statistic, 1e-12);
        Assert.InRange(found.PValue!.Value, 0.3, 0.8);
    }

    [Fact]
    public void Exact_and_limit_agree_where_both_hold()
    {
        var (reference, current) = (new PreparedReference(Samples.Uniform(200, 1)), Samples.Uniform(8, 2).Select(x => x + 0.2).ToArray());
        var (exact, limit) = (MannWhitney.OfSamples(reference, current), MannWhitney.OfSamples(reference, current, MannWhitneyMethod.Asymptotic));

        Assert.NotEqual(exact.PValue, limit.PValue);
        Assert.Equal(1, exact.PValue!.Value / limit.PValue!.Value, 0.1);
    }
}
