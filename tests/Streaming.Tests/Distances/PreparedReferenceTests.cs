using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class PreparedReferenceTests
{
    [Property]
    public void A_cell_says_how_many_distinct_values_are_less_and_whether_one_is_equal(double[] reference, double value)
    {
        var distinct = reference.Where(double.IsFinite).Distinct().ToArray();
        double[] asked = [.. distinct, .. double.IsFinite(value) ? new[] { value } : [], 0, double.MaxValue, double.MinValue, 1e-310];
        var prepared = new PreparedReference(reference);

        foreach (var x in asked)
        {
            Assert.Equal(2 * distinct.Count(y => y < x) + (distinct.Contains(x) ? 1 : 0), prepared.Cell(x));
        }
    }

    [Fact]
    public void Values_that_crowd_in_one_place_are_found_all_the_same()
    {
        double[] reference = [.. Samples.Uniform(2_000, 1).Select(x => x * 1e-9), 1e9];
        var prepared = new PreparedReference(reference);

        foreach (var x in reference.Take(300).Append(1e9))
        {
            Assert.Equal(2 * reference.Count(y => y < x) + 1, prepared.Cell(x));
        }
    }

    [Property]
    public void The_greatest_differences_are_those_of_the_distribution_functions(byte[] reference, byte[] current)
    {
        var (first, second) = (reference.Select(x => x % 9.0).ToArray(), current.Select(x => x % 11.0 + 0.5 * (x % 2)).ToArray());
        var places = first.Concat(second).ToArray();
        var differences = places.Select(x => (long)first.Count(y => y <= x) * second.Length - (long)second.Count(y => y <= x) * first.Length).Append(0).ToArray();

        Assert.Equal((differences.Max(), -differences.Min()), new PreparedReference(first).GreatestDifferences(second));
    }

    [Fact]
    public void Every_value_of_both_samples_has_a_bin_of_its_own()
    {
        var (edges, counts) = new PreparedReference([1, 1, 3]).DistinctBins([2, 3, 7]);

        Assert.Equal([2, 3, 7], edges);
        Assert.Equal([2, 0, 1, 0], counts);
    }
}
