namespace Streaming.Monitoring;

/// <summary>What DETECT counted since the process started.</summary>
internal sealed class DetectCounts
{
    private readonly Dictionary<(string Topic, RejectReason Reason), long> _rejected = [];

    public long ClampedTimes { get; set; }

    public long WithoutKey { get; set; }

    public long OverModelLimit { get; set; }

    public long[] PanesClosed { get; } = new long[Enum.GetValues<PaneEnd>().Length];

    public IEnumerable<DeadLetterCount> DeadLetters =>
        _rejected.Select(entry => new DeadLetterCount(entry.Key.Topic, entry.Key.Reason.Text(), entry.Value));

    public void Reject(string topic, RejectReason reason) =>
        _rejected[(topic, reason)] = _rejected.GetValueOrDefault((topic, reason)) + 1;
}
