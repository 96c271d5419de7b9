using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class QuantileSketchTests
{
    [Property]
    public void Ranks_are_as_good_as_the_bound_says_merged_or_not(int[][] parts)
    {
        var (whole, merged) = (new QuantileSketch(8), new QuantileSketch(8));
        foreach (var part in parts)
        {
            var sketch = new QuantileSketch(8);
            Assert.All(part, value => Assert.True(whole.Add(value % 100) & sketch.Add(value % 100)));
            merged.Merge(sketch);
        }

        Check(whole, parts.SelectMany(part => part).Select(value => value % 100.0));
        Check(merged, parts.SelectMany(part => part).Select(value => value % 100.0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Over_a_long_stream_the_bound_is_the_documented_one(int order)
    {
        const int n = 200_000, k = 256;
        var values = Samples.Uniform(n, 6);
        values = order == 0 ? values : order == 1 ? [.. values.Order()] : [.. values.OrderDescending()];
        var sketch = new QuantileSketch(k);
        Array.ForEach(values, value => sketch.Add(value));

        Check(sketch, values);
        Assert.InRange(sketch.RankError, 1, (Math.Log2(n / (double)k) + 3) * n / (2 * k));
    }

    [Fact]
    public void While_nothing_was_left_out_quantiles_are_exact()
    {
        var sketch = new QuantileSketch(8);
        Array.ForEach((double[])[5, 1, 4, 2], value => sketch.Add(value));

        Assert.Equal((0, 4), (sketch.RankError, sketch.Count));
        Assert.Equal([1, 1, 2, 5], ((double[])[0, 0.25, 0.5, 1]).Select(sketch.Quantile));
        Assert.False(sketch.Add(double.NaN));
        Assert.Equal(double.NaN, new QuantileSketch(8).Quantile(0.5));
    }

    [Fact]
    public void Restoring_changes_nothing()
    {
        var (sketch, restored, saved) = (new QuantileSketch(16), new QuantileSketch(16), new StateBytes());
        Array.ForEach(Samples.Uniform(1_000, 1), value => sketch.Add(value));
        var writer = saved.Writer();
        sketch.Save(ref writer);
        var reader = saved.Reader();
        restored.Load(ref reader);
        foreach (var value in Samples.Uniform(500, 2))
        {
            Assert.Equal(sketch.Add(value), restored.Add(value));
        }

        Assert.Equal((0, sketch.Count, sketch.RankError), (reader.Remaining, restored.Count, restored.RankError));
        Assert.All(Samples.Uniform(20, 3), value => Assert.Equal((sketch.Rank(value), sketch.Quantile(value)), (restored.Rank(value), restored.Quantile(value))));
    }

    private static void Check(QuantileSketch sketch, IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        Assert.Equal(sorted.Length, sketch.Count);
        foreach (var value in sorted.Where((_, i) => i % (1 + sorted.Length / 500) == 0))
        {
            Assert.InRange(sketch.Rank(value) - UpTo(sorted, value), -sketch.RankError, sketch.RankError);
        }

        static int UpTo(double[] sorted, double value)
        {
            var at = Array.BinarySearch(sorted, Math.BitIncrement(value));
            at = at < 0 ? ~at : at;
            while (at > 0 && sorted[at - 1] > value)
            {
                at--;
            }

            return at;
        }
    }
}
