using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class BinsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(64)]
    [InlineData(65)]
    public void Vectors_count_as_the_scalar_twin_does_for_every_length(int edges)
    {
        var inner = Enumerable.Range(1, edges).Select(edge => edge / (edges + 1.0)).ToArray();
        for (var length = 0; length <= 257; length++)
        {
            double[] values = [.. Samples.Uniform(length, length + 1), .. inner, -0.0, 0, 1, -1e300, 1e300];
            var (expected, actual) = (new long[edges + 1], new long[edges + 1]);
            Bins.CountScalar(values, inner, expected);
            Bins.Count(values, inner, actual);

            Assert.Equal(expected, actual);
        }
    }

    [Property]
    public void A_value_lies_above_as_many_edges_as_there_are_at_or_below_it(int[] edges, int value)
    {
        double[] sorted = [.. edges.Select(edge => edge % 50.0).Distinct().Order()];

        Assert.Equal(sorted.Count(edge => edge <= value % 60), Bins.Bin(sorted, value % 60));
    }

    [Fact]
    public void Finite_values_are_those_of_the_definition_for_every_length()
    {
        foreach (var values in Samples.EveryLength())
        {
            var finite = Bins.Finite(values, out var ignored);

            Assert.Equal(values.Where(double.IsFinite), finite.ToArray());
            Assert.Equal(values.Length - finite.Length, ignored);
        }
    }

    [Fact]
    public void Nothing_counted_has_no_shares()
    {
        var shares = new double[2];

        Assert.Equal(4, Bins.Shares([1, 3], shares));
        Assert.Equal([0.25, 0.75], shares);
        Assert.Equal(0, Bins.Shares([0, 0], shares));
    }
}
