namespace Streaming.Monitoring;

/// <summary>When a reference is complete, and how much it moved while it was learnt.</summary>
internal static class LearningRule
{
    /// <summary>Values that make a reference complete once it spans long enough.</summary>
    public const int EnoughValues = 2_000;

    /// <summary>Values that suffice where the time is over.</summary>
    public const int FewestValues = 200;

    private const int Blocks = 24;

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
}
