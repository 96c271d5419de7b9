using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class HeavyHittersTests
{
    [Property]
    public void Counters_are_those_of_a_plain_list(byte[] keys, byte counters)
    {
        var (capacity, hitters, list) = (counters % 7 + 1, new HeavyHitters(counters % 7 + 1), new List<HeavyHitters.Counter>());
        foreach (var key in keys.Select(key => (ulong)key % 12))
        {
            hitters.Add(key);
            var at = list.FindIndex(counter => counter.Key == key);
            if (at >= 0)
            {
                list[at] = list[at] with { Count = list[at].Count + 1 };
            }
            else if (list.Count < capacity)
            {
                list.Add(new(1, key, 0));
            }
            else
            {
                var least = list.OrderBy(counter => counter.Count).ThenByDescending(counter => counter.Key).First();
                list[list.IndexOf(least)] = new(least.Count + 1, key, least.Count);
            }
        }

        Assert.Equal(list.OrderByDescending(counter => counter.Count).ThenBy(counter => counter.Key), hitters.Sorted());
        Assert.Equal(keys.Length - list.Sum(counter => counter.Count - counter.Error), hitters.Rest);
    }

    [Property]
    public void Counts_hold_what_is_promised(byte[] keys)
    {
        var hitters = new HeavyHitters(5);
        Array.ForEach(keys, key => hitters.Add(key));
        var found = hitters.Sorted().ToDictionary(counter => counter.Key);

        foreach (var group in keys.GroupBy(key => (ulong)key))
        {
            Assert.True(found.ContainsKey(group.Key) || group.Count() <= keys.Length / 5.0);
            if (found.TryGetValue(group.Key, out var counter))
            {
                Assert.InRange(group.Count(), counter.Count - counter.Error, counter.Count);
                Assert.InRange(counter.Error, 0, keys.Length / 5.0);
            }
        }

        Assert.Equal(keys.Length, hitters.Total);
    }

    [Fact]
    public void Restoring_changes_nothing()
    {
        var (hitters, restored, saved) = (new HeavyHitters(10), new HeavyHitters(10), new StateBytes());
        Array.ForEach(Samples.Uniform(500, 1), value => hitters.Add((ulong)(value * value * 40)));
        var writer = saved.Writer();
        hitters.Save(ref writer);
        var reader = saved.Reader();
        restored.Load(ref reader);
        foreach (var value in Samples.Uniform(300, 2))
        {
            hitters.Add((ulong)(value * 60));
            restored.Add((ulong)(value * 60));
        }

        Assert.Equal((0, hitters.Total, hitters.Rest), (reader.Remaining, restored.Total, restored.Rest));
        Assert.Equal(hitters.Sorted(), restored.Sorted());
    }
}
