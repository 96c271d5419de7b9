using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class KolmogorovSmirnovWindowTests
{
    [Property]
    public void After_every_event_it_has_the_bits_of_the_batch(byte capacity, byte[] before, byte[] values)
    {
        var reference = new PreparedReference([1, .. before.Select(x => x % 20.0)]);
        var window = new KolmogorovSmirnovWindow(reference, capacity % 40 + 1);
        var all = values.Select(x => x % 23.0 / 2).ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            Assert.True(window.Add(all[i]));
            var now = all[Math.Max(0, i - capacity % 40)..(i + 1)];

            Assert.Equal(KolmogorovSmirnov.OfSamples(reference, now, KolmogorovSmirnovMethod.Asymptotic), window.Compute(KolmogorovSmirnovMethod.Asymptotic));
        }
    }

    [Fact]
    public void Restoring_changes_nothing_whether_full_or_not()
    {
        var reference = new PreparedReference(Samples.Uniform(100, 1));
        var values = Samples.Uniform(60, 2);
        foreach (var cut in (int[])[0, 7, 20, 33])
        {
            var (window, restored, saved) = (new KolmogorovSmirnovWindow(reference, 20), new KolmogorovSmirnovWindow(reference, 20), new StateBytes());
            Array.ForEach(values[..cut], value => window.Add(value));
            var writer = saved.Writer();
            window.Save(ref writer);
            var reader = saved.Reader();
            restored.Load(ref reader);
            foreach (var value in values[cut..])
            {
                Assert.Equal((window.Add(value), window.Count), (restored.Add(value), restored.Count));
                Assert.Equal(window.Compute(), restored.Compute());
            }
        }
    }

    [Fact]
    public void Nothing_has_no_distance_and_what_is_no_number_is_passed_over()
    {
        var window = new KolmogorovSmirnovWindow(new PreparedReference([1, 2]), 3);

        Assert.False(window.Add(double.NaN));
        Assert.Equal(new DistanceResult("ks", double.NaN), window.Compute());
    }
}
