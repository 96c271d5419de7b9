using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class CategoricalReferenceTests
{
    [Fact]
    public void Categories_stand_commonest_first()
    {
        var reference = Learn("DE", "FR", "DE", "UK", "FR", "DE");

        Assert.Equal([3, 2, 1], reference.Entries.ToArray().Select(x => x.Count));
        Assert.Equal((0, 2, -1), (reference.IndexOf(Key("DE")), reference.IndexOf(Key("UK")), reference.IndexOf(Key("US"))));
        Assert.Equal((0.5, 0), (reference.Share(Key("DE")), reference.Share(Key("US"))));
        Assert.Equal((6, 1, 1 / 6.0), (reference.Count, reference.Singletons, reference.NewShare));
    }

    [Fact]
    public void Shares_are_those_of_the_commonest_and_the_rest()
    {
        var shares = new double[3];
        Learn("a", "a", "a", "b", "b", "c", "d", "a").Shares(shares);
        Assert.Equal([0.5, 0.25, 0.25], shares);

        shares = new double[4];
        Learn("a").Shares(shares);
        Assert.Equal([1, 0, 0, 0], shares);
    }

    [Fact]
    public void Good_and_Turing_foretell_how_much_is_new()
    {
        // categories with shares falling as 1 / rank: many are still unseen after 2,000 values
        var counts = new CategoryCounts(100_000);
        var values = Samples.Uniform(202_000, seed: 4).Select(x => (ulong)Math.Exp(x * 10)).ToArray();
        foreach (var value in values[..2_000])
        {
            counts.Add(value);
        }

        var reference = CategoricalReference.Build(counts, 0);
        var unseen = values[2_000..].Count(x => reference.IndexOf(x) < 0) / 200_000.0;

        Assert.Equal(unseen, reference.NewShare, 0.03);
    }

    [Property]
    public void A_saved_reference_comes_back(byte[] values, byte distinct)
    {
        var counts = new CategoryCounts(distinct + 1);
        Array.ForEach(values, x => counts.Add(x));
        if (values.Length == 0)
        {
            Assert.Throws<ArgumentException>(() => CategoricalReference.Build(counts, 0));
            return;
        }

        var reference = CategoricalReference.Build(counts, 1_000);
        var saved = new StateBytes();
        var writer = saved.Writer();
        reference.Save(ref writer);
        var reader = saved.Reader();
        var restored = CategoricalReference.Load(ref reader);

        Assert.Equal(0, reader.Remaining);
        Assert.Equal(reference.Entries.ToArray(), restored.Entries.ToArray());
        Assert.Equal(
            (reference.Count, reference.Rest, reference.Observed, reference.Singletons),
            (restored.Count, restored.Rest, restored.Observed, restored.Singletons));
    }

    private static ulong Key(string category) => Categories.Key(System.Text.Encoding.UTF8.GetBytes(category));

    private static CategoricalReference Learn(params string[] values)
    {
        var counts = new CategoryCounts();
        Array.ForEach(values, x => counts.Add(Key(x)));
        return CategoricalReference.Build(counts, 0);
    }
}
