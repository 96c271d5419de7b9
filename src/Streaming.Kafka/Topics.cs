using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A topic that <c>driftd topics create</c> made, or that was there.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Created">Whether it was made now.</param>
/// <param name="Partitions">How many it has.</param>
/// <param name="Remark">What was chosen, or what differs from what driftd would choose.</param>
public readonly record struct TopicReport(string Topic, bool Created, int Partitions, string Remark);

/// <summary>Names, partition counts and retention of the topics that driftd writes.</summary>
public sealed class Topics(string prefix)
{
    /// <summary>Partitions of a topic where nothing else is asked for.</summary>
    public const int DefaultPartitions = 4;

    private static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Panes, DETECT to DECIDE.</summary>
    public string Panes => prefix + "panes";

    /// <summary>Name of the topic that takes this kind of output.</summary>
    public string Name(OutputTopic output) => prefix + output switch
    {
        OutputTopic.Panes => "panes",
        OutputTopic.Signals => "signals",
        OutputTopic.Triggers => "triggers",
        _ => "dead-letters",
    };

    /// <summary>Creates what is missing; what is there stays as it is.</summary>
    /// <param name="admin">A client of the cluster.</param>
    /// <param name="inputs">Prediction topics to create too.</param>
    /// <param name="partitions">How many partitions each gets.</param>
    /// <exception cref="KafkaException">The brokers cannot be reached, or refuse.</exception>
    public async Task<IReadOnlyList<TopicReport>> CreateAsync(IAdminClient admin, IReadOnlyList<string> inputs, int partitions = DefaultPartitions)
    {
        var metadata = admin.GetMetadata(AdminTimeout);
        var replicas = (short)Math.Min(3, metadata.Brokers.Count);
        var reports = new List<TopicReport>();
        foreach (var (topic, days) in Wanted(inputs))
        {
            var known = metadata.Topics.Find(found => found.Topic == topic && found.Error.Code == ErrorCode.NoError);
            if (known is not null)
            {
                reports.Add(new TopicReport(topic, false, known.Partitions.Count, "was there"));
                continue;
            }

            var retention = ((long)TimeSpan.FromDays(days).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            var specification = new TopicSpecification
            {
                Name = topic,
                NumPartitions = partitions,
                ReplicationFactor = replicas,
                Configs = new Dictionary<string, string>
                {
                    ["cleanup.policy"] = "delete",
                    ["retention.ms"] = retention,
                    ["min.insync.replicas"] = replicas >= 3 ? "2" : "1",
                },
            };
            await admin.CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = AdminTimeout }).ConfigureAwait(false);
            reports.Add(new TopicReport(topic, true, partitions, $"cleanup delete, retention {days} days, replication {replicas}"));
        }

        return reports;
    }

    /// <summary>Partition counts of the topics that a stage reads and writes.</summary>
    /// <exception cref="WorkerFailedException">One of them does not exist; the message says how to create it.</exception>
    internal Dictionary<string, int> PartitionCounts(IAdminClient admin, StageRole role, IReadOnlyList<string> inputs)
    {
        var metadata = admin.GetMetadata(TimeSpan.FromSeconds(3));
        OutputTopic[] outputs = role == StageRole.Detect
            ? [OutputTopic.Panes, OutputTopic.DeadLetters] : [OutputTopic.Signals, OutputTopic.Triggers, OutputTopic.DeadLetters];
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in outputs.Select(Name).Concat(role == StageRole.Detect ? inputs : [Panes]))
        {
            var known = metadata.Topics.Find(found => found.Topic == topic && found.Error.Code == ErrorCode.NoError);
            counts[topic] = known?.Partitions.Count ?? throw new MissingTopicException(topic);
        }

        return counts;
    }

    private IEnumerable<(string Topic, int RetentionDays)> Wanted(IReadOnlyList<string> inputs) =>
        inputs.Select(static topic => (topic, 7)).Concat(
        [
            (Name(OutputTopic.Panes), 7), (Name(OutputTopic.Signals), 30), (Name(OutputTopic.Triggers), 90), (Name(OutputTopic.DeadLetters), 14),
        ]);
}

/// <summary>A topic does not exist (yet).</summary>
internal sealed class MissingTopicException(string topic)
    : Exception($"topic {topic} does not exist; create it, for example with: driftd topics create")
{
    public string Topic => topic;
}
