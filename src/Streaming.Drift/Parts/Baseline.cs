namespace Streaming.Drift;

/// <summary>Mean and standard deviation of the first values of a concept, then frozen.</summary>
internal struct Baseline
{
    private double _squares;

    public long Count { get; private set; }

    public double Mean { get; private set; }

    /// <summary>Standard deviation (n − 1).</summary>
    public readonly double Deviation => Math.Sqrt(_squares / (Count - 1));

    /// <summary>Learns a value; false once there are enough. Values that are all the same are never enough: they have no scale.</summary>
    public bool Learn(double value, int enough)
    {
        if (Count >= enough && _squares > 0)
        {
            return false;
        }

        var difference = value - Mean;
        Mean += difference / ++Count;
        _squares += difference * (value - Mean);
        return true;
    }

    public static Baseline Load(ref StateReader reader) => new() { Count = reader.Int64(), Mean = reader.Double(), _squares = reader.Double() };

    public readonly void Save(ref StateWriter writer)
    {
        writer.Write(Count);
        writer.Write(Mean);
        writer.Write(_squares);
    }
}

/// <summary>The values since a stream left its baseline on one side.</summary>
internal struct Excursion
{
    private double _sum;

    public long Age { get; private set; }

    public void Step(bool away, double sum, long values = 1) => (Age, _sum) = away ? (Age + values, _sum + sum) : (0, 0);

    public readonly Evidence Explain(double statistic, double threshold, double before, long count, Direction way) => new(
        statistic, threshold, before, Age > 0 ? _sum / Age : before, count, Age, Age > 0 ? way : Direction.None);

    public static Excursion Load(ref StateReader reader) => new() { Age = reader.Int64(), _sum = reader.Double() };

    public readonly void Save(ref StateWriter writer)
    {
        writer.Write(Age);
        writer.Write(_sum);
    }
}
