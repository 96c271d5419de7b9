using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Brings the halves of pairs together as they are assigned, and apart as they go.</summary>
internal sealed class PartitionPairs(IStage stage, Layout layout, Assignment assignment, WorkerCounts counts, ILogger log, TimeProvider clock)
{
    /// <summary>Whether a topic is read together with another.</summary>
    public bool IsHalf(string topic) => layout.IsLabels(topic) || layout.LabelsOf(topic) is not null;

    /// <summary>Partitions of predictions whose labels are here too are read together from now on.</summary>
    public void Join(Restore restore)
    {
        foreach (var predictions in assignment.Partitions.Where(static owned => owned is { IsHalf: true, Pair: null }).ToList())
        {
            if (layout.LabelsOf(predictions.Partition.Topic) is { } topic && assignment.Find(new TopicPartition(topic, predictions.Partition.Partition)) is { } labels)
            {
                assignment.Join(new PartitionPair(predictions, labels, restore.Pair(predictions, labels), clock));
            }
        }
    }

    /// <summary>Both are where they were.</summary>
    public void EndReplay(PartitionPair pair)
    {
        stage.EndReplay(pair.Predictions.Partition.Topic, pair.Predictions.Partition.Partition);
        foreach (var half in (OwnedPartition[])[pair.Predictions, pair.Labels])
        {
            (half.ReplayUntil, half.Next) = (null, Math.Max(half.ReplayUntil ?? 0, half.Next ?? half.ReplayUntil ?? half.Start));
        }

        log.LogInformation(LogEvents.Replayed, "detect: {Partition} and its labels are where they were, at offsets {Offsets}", pair.Predictions.Partition, pair.Order.At);
    }

    /// <summary>A partition goes: the stage forgets the pair that it belongs to.</summary>
    public void Part(TopicPartition partition)
    {
        if (assignment.Find(partition)?.Pair is { } pair)
        {
            counts.MergeUnordered += pair.Order.Unordered;
            stage.Revoke(pair.Predictions.Partition.Topic, pair.Predictions.Partition.Partition);
        }
    }

    /// <summary>A pair of which one half went to another member cannot be brought back without reading the other half again.</summary>
    /// <exception cref="OwnershipLostException">There is such a pair.</exception>
    public void RequireWhole(List<TopicPartitionOffset> revoked)
    {
        foreach (var gone in revoked)
        {
            var other = layout.LabelsOf(gone.Topic) ?? layout.PredictionsOf(gone.Topic);
            if (other is not null && assignment.Find(new TopicPartition(other, gone.Partition)) is { } half)
            {
                throw new OwnershipLostException($"{gone.TopicPartition} went without {half.Partition}, which it is read together with");
            }
        }
    }
}
