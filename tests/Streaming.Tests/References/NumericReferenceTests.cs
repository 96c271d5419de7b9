using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class NumericReferenceTests
{
    [Theory]
    [InlineData(200, 0)]
    [InlineData(2_000, 0)]
    [InlineData(2_000, 1)]
    [InlineData(2_000, 2)]
    [InlineData(50_000, 2)]
    public void Without_drift_u_is_as_expected(int learnt, int shape)
    {
        var reference = NumericReference.Build(Draw(learnt, shape, seed: 1), learnt);
        var u = new double[400_000];
        reference.U(Draw(u.Length, shape, seed: 2), u);
        var counts = new long[NumericReference.Bins];
        Histogram.Add(u, counts);

        var difference = 0.0;
        var cumulated = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            cumulated += (double)counts[i] / u.Length - reference.Shares[i];
            difference = Math.Max(difference, Math.Abs(cumulated));
        }

        // what a sample of this size leaves open, and nothing more: 1.95 = 99.9 % of Kolmogorov's law
        Assert.InRange(difference, 0, 1.95 / Math.Sqrt(learnt));
        Assert.Equal(0.5, Moments.Mean(u), 3 * Math.Sqrt(1.0 / 12 / learnt));
    }

    [Fact]
    public void A_value_has_its_mid_rank()
    {
        var reference = NumericReference.Build([4, 1, 3, 2], 4);

        Assert.Equal([0.125, 0.375, 0.625, 0.875], new[] { 1.0, 2, 3, 4 }.Select(reference.U));
        Assert.Equal(0.5, reference.U(2.5));
        Assert.Equal([0, 0, 1, 1], new[] { double.NegativeInfinity, 0.99, 4.01, double.PositiveInfinity }.Select(reference.U));
        Assert.Equal(double.NaN, reference.U(double.NaN));
        Assert.Equal((4, 4L, 2.5, 1.0, 4.0), (reference.Count, reference.Observed, reference.Mean, reference.Min, reference.Max));
    }

    [Fact]
    public void A_constant_is_one_atom()
    {
        var sample = new double[500];
        Array.Fill(sample, 7.0);
        var reference = NumericReference.Build(sample, 500);

        Assert.Equal([0, 0.5, 1], new[] { 6.9, 7, 7.1 }.Select(reference.U));
        Assert.Equal(1, reference.Shares[30]);
    }

    [Fact]
    public void Ties_put_their_mass_where_their_u_lies()
    {
        var sample = new double[1_000];
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = i % 4 == 0 ? 1 : 0;
        }

        var reference = NumericReference.Build(sample, 1_000);

        Assert.Equal([0.375, 0.75, 0.875], new[] { 0, 0.5, 1 }.Select(reference.U));
        Assert.Equal((0.75, 0.25), (reference.Shares[22], reference.Shares[52]));
    }

    [Property]
    public void U_rises_with_the_value_and_the_shares_add_up(double[] sample, double[] values)
    {
        if (!sample.Any(double.IsFinite))
        {
            Assert.Throws<ArgumentException>(() => NumericReference.Build(sample, 0));
            return;
        }

        var reference = NumericReference.Build([.. sample, .. sample[..(sample.Length / 2)]], 0);
        double[] all = [.. values.Where(x => !double.IsNaN(x)), .. sample.Where(x => !double.IsNaN(x))];
        Array.Sort(all);
        var u = new double[all.Length];
        reference.U(all, u);

        Assert.All(u, x => Assert.InRange(x, 0, 1));
        Assert.Equal(u.Order(), u);
        Assert.Equal(1, Moments.Sum(reference.Shares), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(400)]
    public void However_far_the_values_lie_apart_each_is_found_between_its_knots(double spread)
    {
        // beyond the first, nearly all knots crowd into one stretch of the range
        var sample = Samples.Uniform(2_000, 3).Select(u => Math.Sign(u - 0.5) * Math.Pow(2, (u - 0.5) * spread)).ToArray();
        var reference = NumericReference.Build((double[])sample.Clone(), sample.Length);
        double[] values = [.. sample, .. sample.Select(Math.BitIncrement), .. sample.Select(value => value / 2), double.MinValue, double.MaxValue, 0, double.PositiveInfinity, double.NegativeInfinity];
        var u = new double[values.Length];
        reference.U(values, u);

        for (var i = 0; i < values.Length; i++)
        {
            var below = reference.Knots.ToArray().LastOrDefault(knot => knot.Value <= values[i]);
            var above = reference.Knots.ToArray().FirstOrDefault(knot => knot.Value > values[i], new ReferenceKnot(0, reference.Count, reference.Count));
            Assert.InRange(u[i], (double)below.Below / reference.Count, (double)above.UpTo / reference.Count);
            Assert.Equal(u[i], reference.U(values[i]));
        }
    }

    [Fact]
    public void Huge_and_tiny_gaps_keep_u_in_order()
    {
        var reference = NumericReference.Build([double.MinValue, -double.Epsilon, 0, double.Epsilon, double.MaxValue], 5);

        var u = new[] { double.MinValue, -1, -double.Epsilon, -0.0, double.Epsilon, 1e300, double.MaxValue }.Select(reference.U).ToArray();

        Assert.Equal(u.Order(), u);
        Assert.All(u, x => Assert.InRange(x, 0, 1));
        Assert.Equal(0.5, u[3]);
    }

    [Fact]
    public void The_order_of_the_sample_does_not_matter()
    {
        var sample = Draw(2_000, 2, seed: 3);
        var (forward, backward) = (sample.ToArray(), sample.Reverse().ToArray());

        Assert.Equal(
            Bytes(NumericReference.Build(forward, 9_000)).Span.ToArray(),
            Bytes(NumericReference.Build(backward, 9_000)).Span.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2_000)]
    public void A_saved_reference_gives_the_same_ranks(int count)
    {
        var reference = NumericReference.Build(Draw(count, 2, seed: 3), 9_000);
        var reader = Bytes(reference).Reader();
        var restored = NumericReference.Load(ref reader);

        Assert.Equal(0, reader.Remaining);
        Assert.Equal((reference.Count, reference.Observed, reference.Moments), (restored.Count, restored.Observed, restored.Moments));
        Assert.Equal(reference.Shares.ToArray(), restored.Shares.ToArray());
        Assert.All(Draw(5_000, 2, seed: 4), x => Assert.Equal(reference.U(x), restored.U(x)));
    }

    [Fact]
    public void Bytes_of_something_else_are_refused()
    {
        var bytes = Bytes(NumericReference.Build(Draw(300, 0, seed: 3), 300)).Span.ToArray();

        for (var length = 0; length < bytes.Length; length += 97)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() =>
            {
                var reader = new StateReader(cut);
                NumericReference.Load(ref reader);
            });
        }
    }

    private static StateBytes Bytes(NumericReference reference)
    {
        var saved = new StateBytes();
        var writer = saved.Writer();
        reference.Save(ref writer);
        return saved;
    }

    // 0: uniform; 1: whole numbers 0 to 39 squared; 2: half zeros, half heavy-tailed
    private static double[] Draw(int count, int shape, int seed) => [.. Samples.Uniform(count, seed).Select(x => shape switch
    {
        0 => x,
        1 => Math.Floor(40 * x * x),
        _ => x < 0.5 ? 0 : 1 / Math.Sqrt(1.000001 - x) - 1.4,
    })];
}
