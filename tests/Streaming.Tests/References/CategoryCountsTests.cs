using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class CategoryCountsTests
{
    [Property]
    public void Counts_are_those_of_a_dictionary(byte[] values)
    {
        var counts = new CategoryCounts(256);
        Array.ForEach(values, x => counts.Add(x * 1_024ul)); // all begin at the same slot

        Assert.All(values.CountBy(x => x), x => Assert.Equal(x.Value, counts[x.Key * 1_024ul]));
        Assert.Equal((values.Length, values.Distinct().Count(), 0), (counts.Total, counts.Distinct, counts.Rest));
        Assert.Equal(counts.Sorted().Order(), counts.Sorted());
    }

    [Fact]
    public void Beyond_the_bound_only_known_categories_are_counted_one_by_one()
    {
        var counts = new CategoryCounts(2);
        foreach (ulong key in (ulong[])[0, 1, 2, 3, 1, 2])
        {
            counts.Add(key);
        }

        Assert.Equal((1, 2, 0, 3, 6), (counts[0], counts[1], counts[2], counts.Rest, counts.Total));
    }

    [Property]
    public void The_bytes_do_not_depend_on_the_order_and_come_back(byte[] values)
    {
        var (forward, backward, restored) = (new CategoryCounts(256), new CategoryCounts(256), new CategoryCounts(256));
        Array.ForEach(values, x => forward.Add(x));
        Array.ForEach([.. values.AsEnumerable().Reverse()], x => backward.Add(x));
        restored.Add(7);
        var saved = Bytes(forward);
        var reader = saved.Reader();
        restored.Load(ref reader);

        Assert.Equal(saved.Span.ToArray(), Bytes(backward).Span.ToArray());
        Assert.Equal(saved.Span.ToArray(), Bytes(restored).Span.ToArray());
        Assert.Equal(0, reader.Remaining);
    }

    private static StateBytes Bytes(CategoryCounts counts)
    {
        var saved = new StateBytes();
        var writer = saved.Writer();
        counts.Save(ref writer);
        return saved;
    }
}
