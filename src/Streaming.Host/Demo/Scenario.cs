using System.ComponentModel.DataAnnotations;

namespace Streaming.Host;

/// <summary>What happens in a <see cref="Scenario"/>.</summary>
internal enum ScenarioKind : byte
{
    /// <summary>A recession: applicants look as before, but more of those trusted no longer repay. P(y|x) changes, P(x) does not.</summary>
    Credit,

    /// <summary>Nothing.</summary>
    Stable,

    /// <summary>The applicants follow a daily cycle; P(y|x) stays.</summary>
    Seasonal,

    /// <summary>Consecutive applicants of a partition resemble each other, AR(1) 0.9; P(y|x) stays.</summary>
    Sticky,
}

/// <summary>A world for a credit-scoring model to work in: how many events, how often it errs, what changes and when.</summary>
internal sealed record Scenario
{
    /// <summary>Cycles that a seasonal scenario lasts: one to learn from, four to be quiet in.</summary>
    public const int Cycles = 5;

    private const double EventsPerMillisecond = 1;

    public required ScenarioKind Kind { get; init; }

    /// <value>Default 42.</value>
    public ulong Seed { get; init; } = 42;

    /// <value>1,000 to 100,000,000, over all partitions. Default 200,000.</value>
    public long Events { get; init; } = 200_000;

    /// <value>1 to 1,000. Default 1.</value>
    public int Partitions { get; init; } = 1;

    /// <summary>Smallest error rate of a partition.</summary>
    /// <value>0 to 0.5. Default 0.11.</value>
    public double LowestError { get; init; } = 0.11;

    /// <summary>Largest error rate of a partition: each has its own, drawn between the two.</summary>
    /// <value><see cref="LowestError"/> to 0.5. Default 0.11.</value>
    public double HighestError { get; init; } = 0.11;

    /// <summary>By how much the error rate of every partition rises at <see cref="ChangeAt"/> in a credit scenario.</summary>
    /// <value>0 to 0.3. Default 0.09.</value>
    public double Shift { get; init; } = 0.09;

    /// <summary>The first event after the change.</summary>
    /// <value>0 to <see cref="Events"/>. Default: half of them.</value>
    public long ChangeAt { get; init; } = -1;

    /// <summary>Time of the first event, milliseconds since 1970.</summary>
    /// <value>Default: a day in November 2026, so that the same scenario gives the same bytes.</value>
    public long Begins { get; init; } = EventGenerator.Start;

    /// <summary>Event time from the first event to the last.</summary>
    /// <value>Default: 1,000 events a second on each partition.</value>
    public TimeSpan? Lasts { get; init; }

    public long FirstChanged => Kind != ScenarioKind.Credit ? Events : ChangeAt < 0 ? Events / 2 : ChangeAt;

    public double Milliseconds => Lasts?.TotalMilliseconds ?? (Events / (EventsPerMillisecond * Partitions));

    /// <summary>Event time of one cycle of a seasonal scenario.</summary>
    public TimeSpan Cycle => TimeSpan.FromMilliseconds(Milliseconds / Cycles);

    /// <exception cref="ValidationException">A number lies outside its range.</exception>
    public Scenario Check()
    {
        Require(Events is >= 1_000 and <= 100_000_000, "events", Events, "1,000 to 100,000,000");
        Require(Partitions is >= 1 and <= 1_000, "partitions", Partitions, "1 to 1,000");
        Require(LowestError is >= 0 and <= 0.5, "base error", LowestError, "0 to 0.5");
        Require(HighestError >= LowestError && HighestError <= 0.5, "highest error", HighestError, "base error to 0.5");
        Require(Shift is >= 0 and <= 0.3, "shift", Shift, "0 to 0.3");
        Require(ChangeAt <= Events, "change", ChangeAt, "0 to the number of events");
        return this;
    }

    private static void Require(bool holds, string name, object value, string range)
    {
        if (!holds)
        {
            throw new ValidationException(FormattableString.Invariant($"{name} = {value}: must be {range}"));
        }
    }
}
