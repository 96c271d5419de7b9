using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class MomentSummaryTests
{
    [Property]
    public void Parts_add_up_to_the_whole(byte left, byte right, int seed)
    {
        var values = Samples.Uniform(left + right, seed);

        var merged = Moments.Summary(values.AsSpan(0, left)).Merge(Moments.Summary(values.AsSpan(left)));
        var added = default(MomentSummary);
        foreach (var value in values)
        {
            added = added.Add(value);
        }

        Close(Moments.Summary(values), merged);
        Close(Moments.Summary(values), added);
    }

    [Fact]
    public void An_empty_part_changes_nothing()
    {
        var some = Moments.Summary([1, 2, 4]);

        Assert.Equal(some, some.Merge(default));
        Assert.Equal(some, default(MomentSummary).Merge(some));
        Assert.Equal(double.NaN, default(MomentSummary).Variance);
    }

    [Fact]
    public void A_saved_summary_comes_back()
    {
        var saved = new StateBytes();
        var summary = Moments.Summary([1, 2, 4]);
        var writer = saved.Writer();
        summary.Save(ref writer);
        var reader = saved.Reader();

        Assert.Equal(summary, MomentSummary.Load(ref reader));
        Assert.Equal(0, reader.Remaining);
    }

    private static void Close(MomentSummary expected, MomentSummary actual)
    {
        Assert.Equal((expected.Count, expected.Min, expected.Max), (actual.Count, actual.Min, actual.Max));
        Assert.Equal(expected.Mean, actual.Mean, 1e-12);
        Assert.Equal(expected.M2, actual.M2, 1e-9);
    }
}
