namespace Streaming.Monitoring;

/// <summary>Bins of scores in [0, 1]: hundredths, and the first and last of them again in tenths and hundredths, where scores of rare classes crowd.</summary>
/// <remarks>0.5 is an edge, so a bin is wholly predicted positive or wholly negative.</remarks>
internal static class ScoreBins
{
    public const int Count = 136;

    /// <summary>First bin of scores from 0.5.</summary>
    public const int FirstPositive = 68;

    private const int Fine = 19;

    public static int Of(double score)
    {
        var hundredth = Math.Min((int)Math.Floor(score * 100), 99);
        return hundredth switch
        {
            0 => FineOf(score),
            99 => Count - 1 - FineOf(1 - score),
            _ => Fine - 1 + hundredth,
        };
    }

    /// <summary>The hundredth that a bin lies in: min(floor(100 score), 99).</summary>
    public static int Hundredth(int bin) => bin < Fine ? 0 : Math.Min(bin - Fine + 1, 99);

    // ten steps of 0.0001, then nine of 0.001
    private static int FineOf(double distance)
    {
        var step = Math.Min((int)Math.Floor(distance * 10_000), 99);
        return step < 10 ? step : 9 + (step / 10);
    }
}
