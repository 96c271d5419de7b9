using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class WassersteinWindowTests
{
    [Property]
    public void After_every_event_it_is_the_batch_value(byte capacity, byte[] before, byte[] values)
    {
        var reference = new PreparedReference([1, .. before.Select(x => x % 20.0)]);
        var window = new WassersteinWindow(reference, capacity % 40 + 1);
        var all = values.Select(x => x % 23.0 / 2).ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            Assert.True(window.Add(all[i]));
            var now = all[Math.Max(0, i - capacity % 40)..(i + 1)];

            Assert.Equal(Wasserstein.OfSamples(reference, now).Statistic, window.Compute().Statistic, 1e-12);
        }
    }

    [Fact]
    public void Restoring_changes_nothing_whether_full_or_not()
    {
        var reference = new PreparedReference(Samples.Uniform(100, 1));
        var values = Samples.Uniform(60, 2);
        foreach (var cut in (int[])[0, 7, 20, 33])
        {
            var (window, restored, saved) = (new WassersteinWindow(reference, 20), new WassersteinWindow(reference, 20), new StateBytes());
            Array.ForEach(values[..cut], value => window.Add(value));
            var writer = saved.Writer();
            window.Save(ref writer);
            var reader = saved.Reader();
            restored.Load(ref reader);
            foreach (var value in values[cut..])
            {
                Assert.Equal((window.Add(value), window.Count), (restored.Add(value), restored.Count));
                Assert.Equal(window.Compute().Statistic, restored.Compute().Statistic, 1e-12);
            }
        }
    }

    [Fact]
    public void Nothing_has_no_distance_and_what_is_no_number_is_passed_over()
    {
        var window = new WassersteinWindow(new PreparedReference([1, 2]), 3);

        Assert.False(window.Add(double.NaN));
        Assert.Equal(new DistanceResult("wasserstein", double.NaN), window.Compute());
    }

    [Fact]
    public void Over_a_long_run_blocks_split_and_are_laid_anew_and_nothing_drifts()
    {
        double[] before = Samples.Uniform(400, 1), values = [.. Samples.Uniform(20_000, 2).Select((x, i) => x * x + i / 8_000 * 1e3)];
        var reference = new PreparedReference(before);
        var window = new WassersteinWindow(reference, 300);
        for (var i = 0; i < values.Length; i++)
        {
            window.Add(values[i]);
            if (i > 300 && i % 97 == 0)
            {
                Assert.Equal(1, window.Compute().Statistic / Wasserstein.OfSamples(reference, values.AsSpan(i - 299, 300)).Statistic, 1e-11);
            }
        }
    }
}
