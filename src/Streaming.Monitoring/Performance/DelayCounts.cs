using System.Numerics;

namespace Streaming.Monitoring;

/// <summary>How long after their prediction labels came, by class: counts in bins an eighth to a quarter of their value wide.</summary>
internal sealed class DelayCounts
{
    /// <summary>Four bins for each doubling, from 1 ms to more than a year.</summary>
    public const int Bins = 144;

    private readonly List<long[]?> _classes = [];

    /// <summary>One more than the last class that has counts; classes are numbered as in <see cref="ClassCounts"/>, a regression has but class 0.</summary>
    public int Classes => _classes.Count;

    /// <summary>Labels of a class that came later than their prediction, in bins; empty where there is none.</summary>
    public ReadOnlySpan<long> Of(int index) => index < _classes.Count ? _classes[index] : null;

    /// <summary>Counts a label; one that came with its prediction is not counted.</summary>
    public void Add(int index, long milliseconds)
    {
        if (milliseconds > 0)
        {
            Add(index, Bin(milliseconds), 1);
        }
    }

    public void Add(int index, int bin, long count)
    {
        while (_classes.Count <= index)
        {
            _classes.Add(null);
        }

        (_classes[index] ??= new long[Bins])[bin] += count;
    }

    public void Clear()
    {
        foreach (var counts in _classes)
        {
            counts?.AsSpan().Clear();
        }
    }

    public static int Bin(long milliseconds)
    {
        var octave = BitOperations.Log2((ulong)milliseconds);
        var quarter = (octave >= 2 ? milliseconds >> (octave - 2) : milliseconds << (2 - octave)) & 3;
        return Math.Min((4 * octave) + (int)quarter, Bins - 1);
    }

    /// <summary>Seconds in the middle of a bin.</summary>
    public static double Seconds(int bin) => (4 + (bin & 3) + 0.5) / 4 * (1L << (bin >> 2)) / 1_000;

    /// <summary>The delay in seconds that a share of the labels did not exceed; those that came with their prediction are <paramref name="atOnce"/>.</summary>
    public static double Quantile(ReadOnlySpan<long> counts, long atOnce, double share)
    {
        var total = atOnce;
        foreach (var count in counts)
        {
            total += count;
        }

        var below = atOnce;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            if (below >= share * total)
            {
                return bin == 0 || below == atOnce ? 0 : Seconds(Filled(counts, bin - 1));
            }

            below += counts[bin];
        }

        return below == atOnce ? 0 : Seconds(Filled(counts, counts.Length - 1));
    }

    private static int Filled(ReadOnlySpan<long> counts, int bin)
    {
        while (bin > 0 && counts[bin] == 0)
        {
            bin--;
        }

        return bin;
    }
}
