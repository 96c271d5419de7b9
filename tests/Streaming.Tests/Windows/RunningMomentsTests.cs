using System.Numerics;
using FsCheck.Xunit;
using Streaming.Drift;

namespace Streaming.Tests;

public class RunningMomentsTests
{
    // values are whole multiples of 2^-30, so that big whole numbers give the exact answer
    private const double Unit = 1.0 / (1 << 30);

    [Fact]
    public void Over_two_million_updates_nothing_drifts_however_far_the_mean_lies()
    {
        var (moments, window) = (new RunningMoments(), new SlidingWindow(1_000));
        var (sum, squares) = (BigInteger.Zero, BigInteger.Zero);
        var values = Samples.Uniform(10_007, 4);
        for (var i = 0; i < 1_000_000; i++)
        {
            // far from zero, and now and then 65,536 spreads away
            var units = (long)(values[i % values.Length] * (1 << 20)) + (1L << 48) + (i % 5_000 == 17 ? 1L << 36 : 0);
            moments.Add(units * Unit);
            (sum, squares) = (sum + units, squares + (BigInteger)units * units);
            if (window.Add(units, out var left))
            {
                moments.Remove(left * Unit);
                (sum, squares) = (sum - (long)left, squares - (BigInteger)left * (BigInteger)left);
            }
        }

        var mean = (double)sum / 1_000 * Unit;
        var m2 = (double)(squares * 1_000 - sum * sum) / 1_000 * Unit * Unit;
        Assert.Equal(1, moments.Mean / mean, 1e-15);
        Assert.Equal(1, moments.M2 / m2, 1e-12);
        Assert.Equal(moments.M2 / 1_000, moments.Variance);
    }

    [Property]
    public void They_are_the_moments_of_what_is_in(int[] values, byte removed)
    {
        var moments = new RunningMoments();
        var held = values.Select(value => value / 16.0).ToArray();
        Array.ForEach(held, moments.Add);
        var left = Math.Min(removed, held.Length);
        Array.ForEach(held[..left], moments.Remove);
        var expected = Moments.Summary(held.AsSpan(left));

        Assert.Equal(expected.Count, moments.Count);
        Assert.Equal(expected.Count == 0 ? double.NaN : expected.Mean, moments.Mean, 1e-9 * (1 + Math.Abs(expected.Mean)));
        Assert.Equal(expected.M2, moments.M2, 1e-9 * (1 + expected.M2));
    }

    [Fact]
    public void A_constant_has_no_variance_and_an_empty_one_begins_anew()
    {
        var moments = new RunningMoments();
        for (var i = 0; i < 1_000; i++)
        {
            moments.Add(0.1);
        }

        Assert.Equal((0.1, 0), (moments.Mean, moments.M2));
        for (var i = 0; i < 1_000; i++)
        {
            moments.Remove(0.1);
        }

        Assert.Equal((double.NaN, 0), (moments.Mean, moments.M2));
        Assert.Throws<InvalidOperationException>(() => moments.Remove(1));
    }

    [Fact]
    public void Restoring_changes_no_bit()
    {
        var (moments, restored, saved) = (new RunningMoments(), new RunningMoments(), new StateBytes());
        Array.ForEach(Samples.Uniform(100, 1), moments.Add);
        var writer = saved.Writer();
        moments.Save(ref writer);
        var reader = saved.Reader();
        restored.Load(ref reader);
        moments.Add(7);
        restored.Add(7);

        Assert.Equal((0, moments.Count, moments.Mean, moments.M2), (reader.Remaining, restored.Count, restored.Mean, restored.M2));
    }
}
