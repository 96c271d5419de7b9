namespace Streaming.Monitoring;

/// <summary>When a reference is complete, and how much it moved while it was learnt.</summary>
internal static class LearningRule
{
    /// <summary>Values that make a reference complete once it spans long enough.</summary>
    public const int EnoughValues = 2_000;

    /// <summary>Values that suffice where the time is over.</summary>
    public const int FewestValues = 200;

    private const int Blocks = 24;

    // rarer categories say little and swing widely
    private const double SmallestShare = 0.005;

    public static bool Complete(long observed, long elapsedMilliseconds, TimeSpan learnFor) =>
        elapsedMilliseconds >= learnFor.TotalMilliseconds && observed >= (learnFor > TimeSpan.Zero ? FewestValues : EnoughValues);

    /// <summary>
    /// Variance of the mean u between 24 consecutive blocks of the sample, less what independent values would show: the slow movement
    /// (a daily cycle, say) that belongs to "normal". Negative where there is only noise, so that partitions can be averaged.
    /// </summary>
    public static double BlockVariance(ReadOnlySpan<double> u)
    {
        var length = u.Length / Blocks;
        if (length < 2)
        {
            return 0;
        }

        var (overall, within) = (0.0, 0.0);
        Span<double> means = stackalloc double[Blocks];
        for (var block = 0; block < Blocks; block++)
        {
            var moments = Drift.Moments.Summary(u.Slice(block * length, length));
            means[block] = moments.Mean;
            overall += moments.Mean;
            within += moments.M2 / (length - 1);
        }

        overall /= Blocks;
        var between = 0.0;
        foreach (var mean in means)
        {
            between += (mean - overall) * (mean - overall);
        }

        return (between / (Blocks - 1)) - (within / Blocks / length);
    }

    /// <summary>
    /// φ² of categories by 24 consecutive blocks, Σ (q − p)² / p averaged over the blocks, less what independent values would show: for categories what
    /// <see cref="BlockVariance"/> is for numbers.
    /// </summary>
    /// <param name="cells">Category of each value of the sample, 0 to <paramref name="cellCount"/> − 1, in order of arrival.</param>
    /// <param name="cellCount">Categories told apart.</param>
    public static double BlockContingency(ReadOnlySpan<int> cells, int cellCount)
    {
        var length = cells.Length / Blocks;
        if (length < 2)
        {
            return 0;
        }

        var (all, own) = (new double[cellCount], new double[cellCount]);
        foreach (var cell in cells[..(Blocks * length)])
        {
            all[cell] += 1.0 / (Blocks * length);
        }

        var between = 0.0;
        for (var block = 0; block < Blocks; block++)
        {
            Array.Clear(own);
            foreach (var cell in cells.Slice(block * length, length))
            {
                own[cell] += 1.0 / length;
            }

            for (var cell = 0; cell < cellCount; cell++)
            {
                between += all[cell] >= SmallestShare ? (own[cell] - all[cell]) * (own[cell] - all[cell]) / all[cell] : 0;
            }
        }

        var noise = all.Sum(static share => share >= SmallestShare ? 1 - share : 0) / length;
        return (between / (Blocks - 1)) - noise;
    }
}
