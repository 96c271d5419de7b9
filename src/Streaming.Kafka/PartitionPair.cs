using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>The predictions and the labels partition of one number: their records are taken in one order.</summary>
internal sealed class PartitionPair(OwnedPartition predictions, OwnedPartition labels, MergeOrder order, TimeProvider clock)
{
    // longer than a fetch, a new leader or a short pause takes; after it predictions go on without labels
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    public OwnedPartition Predictions => predictions;

    public OwnedPartition Labels => labels;

    public MergeOrder Order => order;

    /// <summary>Records of both are fed again to bring memory back.</summary>
    public bool IsReplaying => predictions.ReplayUntil is not null || labels.ReplayUntil is not null;

    /// <summary>Whether all that was committed has been fed again, or is no longer in the logs.</summary>
    public bool IsReplayed => (order.At.Predictions >= (predictions.ReplayUntil ?? 0) || HasEnded(predictions))
        && (order.At.Labels >= (labels.ReplayUntil ?? 0) || HasEnded(labels));

    /// <summary>Whether there is nothing to wait for.</summary>
    public bool IsEmpty => HasEnded(predictions) && HasEnded(labels);

    /// <summary>Whose records are next and how many; null where it is to be waited.</summary>
    public (OwnedPartition Owned, int Count)? Next(int most) => order.Next(HeadOf(predictions), HeadOf(labels), most) is { } next
        ? (next.Side == InputSide.Predictions ? predictions : labels, next.Count) : null;

    /// <summary>Notes that the oldest records of one of them are taken.</summary>
    public void Take(OwnedPartition owned, int count) => order.Take(owned == predictions ? InputSide.Predictions : InputSide.Labels, owned.Queue.Records[..count]);

    private static bool HasEnded(OwnedPartition owned) => owned.AtEnd && owned.Queue.Count == 0;

    private InputHead HeadOf(OwnedPartition owned) =>
        new(owned.Queue.Records, owned.AtEnd, owned.Queue.Count == 0 && clock.GetElapsedTime(owned.LastArrival) >= Silence);
}
