using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Metrics of scores against what came true.</summary>
internal static class ScoreFigures
{
    public static double LogLoss(ScoreCounts scores) => scores.LogLoss / scores.Count;

    public static double Brier(ScoreCounts scores) => scores.Brier / scores.Count;

    /// <summary>
    /// Chance that a positive scores above a negative, ties one half, from bins; and how far it may lie from that of the scores themselves: pairs that
    /// share a bin count one half here, and 0 to 1 there. NaN where there is but one class.
    /// </summary>
    public static (double Auc, double Error) RocAuc(ScoreCounts scores)
    {
        var (positives, negatives, above, pairs, shared) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var bin = ScoreBins.Count - 1; bin >= 0; bin--)
        {
            pairs += scores.Misses[bin] * (above + (scores.Hits[bin] / 2.0));
            shared += (double)scores.Misses[bin] * scores.Hits[bin];
            above += scores.Hits[bin];
            (positives, negatives) = (positives + scores.Hits[bin], negatives + scores.Misses[bin]);
        }

        return (pairs / (positives * negatives), shared / (2 * positives * negatives));
    }

    /// <summary>Expected calibration error and the largest of a bin: share of positives against mean score in ten equal bins closed on the right.</summary>
    public static (double Ece, double Mce) Calibration(ScoreCounts scores)
    {
        var (ece, mce) = (0.0, 0.0);
        for (var tenth = 0; tenth < ScoreCounts.Tenths; tenth++)
        {
            if (scores.TenthCount[tenth] > 0)
            {
                var gap = Math.Abs(scores.TenthHits[tenth] - scores.TenthScore[tenth]);
                ece += gap;
                mce = Math.Max(mce, gap / scores.TenthCount[tenth]);
            }
        }

        return (ece / scores.Count, mce);
    }

    /// <summary>Log loss and Brier score of saying the same probability of class 1 always.</summary>
    public static (double LogLoss, double Brier) OfConstant(ScoreCounts scores, double share)
    {
        var positives = (double)scores.Hits.Sum() / scores.Count;
        var (yes, no) = (DeterministicMath.Log(Math.Max(share, ScoreCounts.Clip)), DeterministicMath.Log(Math.Max(1 - share, ScoreCounts.Clip)));
        return (-(positives * yes) - ((1 - positives) * no), (positives * (1 - share) * (1 - share)) + ((1 - positives) * share * share));
    }
}
