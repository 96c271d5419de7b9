namespace Streaming.Drift;

/// <summary>The values since a change was first suspected, and the mean before them: dates a change by the warning that led to it.</summary>
internal struct Suspicion
{
    private double _before;
    private double _sum;

    /// <summary>Values since the first suspicion, that one included; 0 where there is none.</summary>
    public long Age { get; private set; }

    /// <summary>Takes the newest value.</summary>
    /// <param name="suspected">Whether a change is suspected now.</param>
    /// <param name="value">The newest value.</param>
    /// <param name="meanBefore">Mean of all values before it.</param>
    public void Note(bool suspected, double value, double meanBefore)
    {
        if (!suspected)
        {
            if (Age > 0)
            {
                this = default;
            }

            return;
        }

        if (Age++ == 0)
        {
            _before = meanBefore;
        }

        _sum += value;
    }

    /// <summary>The evidence of a detector that sees rises only.</summary>
    public readonly Evidence Rise(double statistic, double threshold, double mean, long count) => new(
        statistic, threshold, Age > 0 ? _before : mean, Age > 0 ? _sum / Age : mean, count, Age, Age > 0 ? Direction.Up : Direction.None);

    public void Save(ref StateWriter writer)
    {
        writer.Write(Age);
        writer.Write(_before);
        writer.Write(_sum);
    }

    public static Suspicion Load(ref StateReader reader) => new() { Age = reader.Int64(), _before = reader.Double(), _sum = reader.Double() };
}
