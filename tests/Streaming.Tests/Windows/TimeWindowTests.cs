using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class TimeWindowTests
{
    [Property]
    public void It_holds_what_a_plain_list_would(byte length, byte capacity, sbyte[] steps)
    {
        var window = new TimeWindow(length + 1, capacity + 1);
        var (list, watermark, displaced) = (new List<(long Time, double Value)>(), long.MinValue, 0L);
        var time = 0L;
        foreach (var step in steps)
        {
            var value = list.Count + step / 256.0;
            time += step;
            watermark = Math.Max(watermark, time);
            list.Add((time, value));
            list = [.. list.Where(held => held.Time > watermark - (length + 1)).OrderBy(held => held.Time)];
            var late = list.Count > capacity + 1;
            displaced += late ? 1 : 0;
            var refused = time <= watermark - (length + 1) || (late && list.FindIndex(held => held.Time > time) == 1 && list[0].Time == time);
            list = late ? list[1..] : list;

            Assert.Equal(!refused, window.Add(time, value));
            Assert.Equal(list.Select(held => held.Value), window.Values.ToArray());
            Assert.Equal(list.Select(held => held.Time), window.Times.ToArray());
            Assert.Equal((watermark, displaced), (window.Watermark, window.Displaced));
        }
    }

    [Property]
    public void Restoring_mid_stream_changes_nothing(byte capacity, sbyte[] steps)
    {
        var (window, restored, saved) = (new TimeWindow(50, capacity + 1), new TimeWindow(50, capacity + 1), new StateBytes());
        var time = 1_000L;
        for (var i = 0; i < steps.Length; i++)
        {
            time += steps[i];
            if (i == steps.Length / 2)
            {
                var writer = saved.Writer();
                window.Save(ref writer);
                var reader = saved.Reader();
                restored.Load(ref reader);
                Assert.Equal(0, reader.Remaining);
            }

            var added = window.Add(time, i);
            if (i >= steps.Length / 2)
            {
                Assert.Equal(added, restored.Add(time, i));
                Assert.Equal(window.Values.ToArray(), restored.Values.ToArray());
                Assert.Equal(window.Displaced, restored.Displaced);
            }
        }
    }

    [Fact]
    public void Time_that_passes_empties_it()
    {
        var window = new TimeWindow(10, 4);
        window.Add(5, 1);
        window.Add(14, 2);
        Assert.Equal([1, 2], window.Values.ToArray());

        window.Advance(15);
        Assert.Equal([2], window.Values.ToArray());
        Assert.False(window.Add(5, 3));
        window.Advance(long.MaxValue);
        Assert.Equal(0, window.Count);
    }
}
