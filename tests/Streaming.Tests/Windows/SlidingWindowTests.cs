using FsCheck;
using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class SlidingWindowTests
{
    [Property]
    public void It_holds_the_last_values_in_order(PositiveInt capacity, double[] values)
    {
        var window = new SlidingWindow(capacity.Get);
        for (var i = 0; i < values.Length; i++)
        {
            var pushed = window.Add(values[i], out var left);

            Assert.Equal(values[Math.Max(0, i + 1 - capacity.Get)..(i + 1)], window.Values.ToArray());
            Assert.Equal(i >= capacity.Get, pushed);
            Assert.Equal(pushed ? values[i - capacity.Get] : 0, left);
        }

        Assert.Equal(Math.Min(values.Length, capacity.Get), window.Count);
    }

    [Property]
    public void Saving_and_loading_mid_stream_changes_nothing(PositiveInt capacity, double[] before, double[] after)
    {
        var window = new SlidingWindow(capacity.Get);
        Array.ForEach(before, window.Add);
        var saved = new StateBytes();
        var writer = saved.Writer();
        window.Save(ref writer);
        var restored = new SlidingWindow(capacity.Get);
        var reader = saved.Reader();
        restored.Load(ref reader);

        Assert.Equal(0, reader.Remaining);
        Assert.Equal(window.Values.ToArray(), restored.Values.ToArray());
        foreach (var value in after)
        {
            window.Add(value);
            restored.Add(value);
            Assert.Equal(window.Values.ToArray(), restored.Values.ToArray());
        }
    }

    [Fact]
    public void A_cleared_window_starts_anew()
    {
        var window = new SlidingWindow(2);
        window.Add(1);
        window.Add(2);
        window.Add(3);
        window.Clear();
        window.Add(4);

        Assert.Equal([4], window.Values.ToArray());
        Assert.False(window.IsFull);
    }

    [Fact]
    public void A_window_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SlidingWindow(0));
}
