namespace Streaming.Drift;

/// <summary>A sum in one direction, and where it began to climb from zero.</summary>
internal struct Climb
{
    private long _age;
    private double _meanBefore;

    public double Sum { get; private set; }

    /// <summary>Takes the new sum; at zero or below the climb begins anew.</summary>
    public void Step(double sum, double mean)
    {
        Sum = sum;
        _age = sum > 0 ? _age + 1 : 0;
        _meanBefore = Either.Of(sum > 0, _meanBefore, mean);
    }

    /// <summary>The evidence of the direction that alarmed, else of the higher sum among the directions that are watched.</summary>
    public static Evidence Explain(in Climb up, in Climb down, Direction alarm, Direction watched, double threshold, double mean, long count)
    {
        var isUp = alarm is Direction.Up or Direction.Down ? alarm == Direction.Up
            : watched != Direction.Both ? watched == Direction.Up
            : up.Sum >= down.Sum;
        var side = isUp ? up : down;

        // mean of the values since then, from the means of all and of those before
        var age = side._age;
        var before = age > 0 && age < count ? side._meanBefore : mean;
        var after = age > 0 ? mean + ((mean - before) * ((double)(count - age) / age)) : mean;
        return new Evidence(side.Sum, threshold, before, after, count, age, age == 0 ? Direction.None : isUp ? Direction.Up : Direction.Down);
    }

    public static Climb Load(ref StateReader reader) => new() { Sum = reader.Double(), _age = reader.Int64(), _meanBefore = reader.Double() };

    public readonly void Save(ref StateWriter writer)
    {
        writer.Write(Sum);
        writer.Write(_age);
        writer.Write(_meanBefore);
    }
}
