using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class SlidingQuantilesTests
{
    [Property]
    public void After_every_event_quantiles_have_the_bits_of_the_sorted_window(byte capacity, double[] values)
    {
        var quantiles = new SlidingQuantiles(capacity + 1);
        var held = new List<double>();
        foreach (var value in values)
        {
            Assert.Equal(double.IsFinite(value), quantiles.Add(value));
            if (double.IsFinite(value))
            {
                held.Add(value);
            }

            var now = held.Skip(Math.Max(0, held.Count - capacity - 1)).ToArray();
            foreach (var share in (double[])[0, 0.1, 0.5, 0.99, 1])
            {
                Assert.Equal(now.Length == 0 ? double.NaN : new SortedSample(now).Quantile(share), quantiles.Quantile(share));
            }
        }
    }

    [Fact]
    public void Over_a_long_run_and_after_restoring_it_is_still_the_sorted_window()
    {
        var values = Samples.Uniform(5_000, 3).Select((x, i) => Math.Floor(x * 200) + i / 1_000 * 50).ToArray();
        var (quantiles, restored, saved) = (new SlidingQuantiles(600), new SlidingQuantiles(600), new StateBytes());
        Array.ForEach(values[..4_000], value => quantiles.Add(value));
        var writer = saved.Writer();
        quantiles.Save(ref writer);
        var reader = saved.Reader();
        restored.Load(ref reader);
        for (var i = 4_000; i < 5_000; i++)
        {
            Assert.Equal(quantiles.Add(values[i]), restored.Add(values[i]));
            var expected = new SortedSample(values.AsSpan(i - 599, 600)).Quantile(i / 5_000.0);
            Assert.Equal((expected, expected), (quantiles.Quantile(i / 5_000.0), restored.Quantile(i / 5_000.0)));
        }
    }

    [Fact]
    public void A_share_that_is_none_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SlidingQuantiles(3).Quantile(1.5));
}
