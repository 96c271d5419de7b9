using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Scores against what came true: counts per bin for ROC AUC and calibration, sums for log loss and Brier score.</summary>
/// <remarks>Binary: the score, and whether the label is 1. Multi-class: the largest probability, and whether that class was right.</remarks>
internal sealed class ScoreCounts
{
    /// <summary>Equal bins of the reliability curve, closed on the right.</summary>
    public const int Tenths = 10;

    /// <summary>Probabilities are kept this far from 0 and 1 before their logarithm is taken, as scikit-learn does: the distance from 1 to the next double.</summary>
    public const double Clip = 2.220446049250313e-16;

    public long[] Hits { get; } = new long[ScoreBins.Count];

    public long[] Misses { get; } = new long[ScoreBins.Count];

    public long[] TenthCount { get; } = new long[Tenths];

    public long[] TenthHits { get; } = new long[Tenths];

    public double[] TenthScore { get; } = new double[Tenths];

    public long Count { get; set; }

    /// <summary>Sum of −ln of the true class's probability.</summary>
    public double LogLoss { get; set; }

    /// <summary>Sum of squared distances of the probabilities from 1 for the true class and 0 for the others; binary: of the score alone.</summary>
    public double Brier { get; set; }

    public void AddBinary(double score, bool positive)
    {
        var miss = positive ? 1 - score : score;
        Add(score, positive, positive ? score : 1 - score, miss * miss);
    }

    /// <param name="top">Largest probability.</param>
    /// <param name="right">Whether it was that of the label.</param>
    /// <param name="ofLabel">Probability of the label.</param>
    /// <param name="squares">Sum of squares of all probabilities.</param>
    public void AddClasses(double top, bool right, double ofLabel, double squares) =>
        Add(Math.Clamp(top, 0, 1), right, ofLabel, squares - (2 * ofLabel) + 1);

    public void Add(ScoreCounts other)
    {
        for (var bin = 0; bin < ScoreBins.Count; bin++)
        {
            Hits[bin] += other.Hits[bin];
            Misses[bin] += other.Misses[bin];
        }

        for (var tenth = 0; tenth < Tenths; tenth++)
        {
            TenthCount[tenth] += other.TenthCount[tenth];
            TenthHits[tenth] += other.TenthHits[tenth];
            TenthScore[tenth] += other.TenthScore[tenth];
        }

        (Count, LogLoss, Brier) = (Count + other.Count, LogLoss + other.LogLoss, Brier + other.Brier);
    }

    public void Clear()
    {
        Array.Clear(Hits);
        Array.Clear(Misses);
        Array.Clear(TenthCount);
        Array.Clear(TenthHits);
        Array.Clear(TenthScore);
        (Count, LogLoss, Brier) = (0, 0, 0);
    }

    private void Add(double score, bool hit, double ofLabel, double brier)
    {
        Count++;
        (hit ? Hits : Misses)[ScoreBins.Of(score)]++;

        // the number of inner edges below the score: a score on an edge falls into the bin below it
        var tenth = 0;
        while (tenth < Tenths - 1 && 0.1 * (tenth + 1) < score)
        {
            tenth++;
        }

        TenthCount[tenth]++;
        TenthHits[tenth] += hit ? 1 : 0;
        TenthScore[tenth] += score;
        LogLoss -= DeterministicMath.Log(Math.Clamp(ofLabel, Clip, 1 - Clip));
        Brier += brier;
    }
}
