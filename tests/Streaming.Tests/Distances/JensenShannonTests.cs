using Streaming.Drift;

namespace Streaming.Tests;

public class JensenShannonTests
{
    public static TheoryData<string, double, string> Nats => ReferenceValues.Of("js_distance_20_equal_bins_base_e");

    public static TheoryData<string, double, string> Bits => ReferenceValues.Of("js_distance_20_equal_bins_base_2");

    [Theory, MemberData(nameof(Nats))]
    public void Equal_bins_give_the_published_distance(string comparison, double expected, string definition) => Measure(comparison, expected, definition, Logarithm.E);

    [Theory, MemberData(nameof(Bits))]
    public void Equal_bins_give_the_published_distance_in_bits(string comparison, double expected, string definition) => Measure(comparison, expected, definition, Logarithm.Two);

    [Fact]
    public void Shares_that_meet_nowhere_are_one_bit_apart()
    {
        Assert.Equal(1, JensenShannon.OfCounts([3, 0], [0, 5], Logarithm.Two).Statistic, 1e-15);
        Assert.Equal(0, JensenShannon.OfCounts([3, 1], [9, 3]).Statistic);
    }

    private static void Measure(string comparison, double expected, string definition, Logarithm logBase)
    {
        var (reference, current) = ReferenceValues.Samples(comparison);
        var found = JensenShannon.OfSamples(new PreparedReference(reference), current, new BinOptions { Bins = 20, Binning = Binning.Equal }, logBase);

        Assert.NotEmpty(definition);
        Assert.Equal(1, found.Statistic / expected, 1e-9);
    }
}
