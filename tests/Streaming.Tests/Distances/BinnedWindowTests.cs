using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class BinnedWindowTests
{
    [Property]
    public void After_every_event_each_distance_has_the_bits_of_the_batch(byte capacity, byte[] before, byte[] values)
    {
        var reference = new PreparedReference([1, .. before.Select(x => x % 20.0)]);
        var window = new BinnedWindow(reference, capacity + 1);
        var all = values.Select(x => x % 23.0).ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            Assert.True(window.Add(all[i]));
            var now = all[Math.Max(0, i - capacity)..(i + 1)];

            Assert.Equal(Psi.OfSamples(reference, now), Psi.OfCounts(window.Reference, window.Counts));
            Assert.Equal(JensenShannon.OfSamples(reference, now), JensenShannon.OfCounts(window.Reference, window.Counts));
            Assert.Equal(ChiSquare.OfSamples(reference, now), ChiSquare.OfCounts(window.Reference, window.Counts));
        }
    }

    [Fact]
    public void Restoring_changes_nothing_and_what_is_no_number_is_passed_over()
    {
        var reference = new PreparedReference(Samples.Uniform(100, 1));
        var (window, restored) = (new BinnedWindow(reference, 10), new BinnedWindow(reference, 10));
        Array.ForEach(Samples.Uniform(25, 2), value => window.Add(value));
        Assert.False(window.Add(double.NaN));
        var saved = new StateBytes();
        var writer = saved.Writer();
        window.Save(ref writer);
        var reader = saved.Reader();
        restored.Load(ref reader);

        Assert.Equal(0, reader.Remaining);
        Assert.Equal(10, restored.Count);
        Assert.Equal(window.Counts.ToArray(), restored.Counts.ToArray());
    }
}
