using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A topic that is not as driftd needs it.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="IsError">Something would not work; else it works until a day comes.</param>
/// <param name="What">What differs: a setting, or existence, or partitions.</param>
/// <param name="Found">What it is.</param>
/// <param name="Needed">What it should be, and why.</param>
public sealed record TopicFinding(string Topic, bool IsError, string What, string Found, string Needed);

/// <summary>Compares topics with what driftd needs of them.</summary>
public sealed class TopicChecks(KafkaOptions options, ILogger log, TimeProvider clock)
{
    private const int SafeReplicas = 3;
    private const int SafeInSync = 2;

    // a part of state, its key, and what a batch adds to them
    private const long StateMessageBytes = 1_000_000;

    private static readonly TimeSpan AdminTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReadDeadline = TimeSpan.FromMinutes(16);
    private static readonly TimeSpan LeastRetention = TimeSpan.FromHours(1);
    private static readonly TimeSpan SafeRetention = TimeSpan.FromHours(24);

    private readonly Topics _topics = new(options.Prefix);

    private string[] States => [_topics.State(StageRole.Detect), _topics.State(StageRole.Decide)];

    /// <summary>All that differs, errors first.</summary>
    /// <exception cref="KafkaException">The brokers cannot be reached, or refuse.</exception>
    /// <exception cref="OperationCanceledException">The stop was asked for.</exception>
    public IReadOnlyList<TopicFinding> Find(CancellationToken stop)
    {
        using var admin = KafkaProperties.Admin(options);
        var names = options.Inputs.Concat(_topics.Written).Distinct(StringComparer.Ordinal).ToList();
        var known = admin.GetMetadata(AdminTimeout).Topics.Where(topic => topic.Error.Code == ErrorCode.NoError && names.Contains(topic.Topic))
            .ToDictionary(static topic => topic.Topic, StringComparer.Ordinal);
        var findings = names.Where(name => !known.ContainsKey(name))
            .Select(static name => new TopicFinding(name, true, "topic", "missing", "to exist: driftd topics create")).ToList();
        var settings = Settings(admin, known.Keys);
        foreach (var name in names.Where(known.ContainsKey))
        {
            Policy(name, settings[name], findings);
            Clock(name, settings[name], findings);
            Durable(known[name], settings[name], findings);
        }

        Partitions(known, findings);
        if (known.TryGetValue(_topics.Panes, out var panes) && known.ContainsKey(_topics.State(StageRole.Decide)))
        {
            SamePanes(admin, panes, findings, stop);
        }

        return [.. findings.OrderByDescending(static finding => finding.IsError)];
    }

    /// <summary>Topics whose acknowledged records may be lost with one broker; null where there is none.</summary>
    /// <exception cref="KafkaException">The brokers cannot be reached, or refuse.</exception>
    internal static string? NotDurable(IAdminClient admin, IReadOnlyCollection<string> names)
    {
        var settings = Settings(admin, names);
        var topics = admin.GetMetadata(AdminTimeout).Topics.Where(topic => names.Contains(topic.Topic)).Select(topic =>
            (topic.Topic, Replicas: Replicas(topic), InSync: Number(settings[topic.Topic], "min.insync.replicas")))
            .Where(static topic => topic.Replicas < SafeReplicas || topic.InSync < SafeInSync)
            .OrderBy(static topic => topic.Topic, StringComparer.Ordinal).ToList();
        return topics.Count == 0 ? null : string.Join(", ", topics.Select(static topic => $"{topic.Topic} ({topic.Replicas} replicas, min ISR {topic.InSync})"));
    }

    private static Dictionary<string, Dictionary<string, string>> Settings(IAdminClient admin, IEnumerable<string> names)
    {
        var resources = names.Select(static name => new ConfigResource { Type = ResourceType.Topic, Name = name }).ToList();
        try
        {
            return resources.Count == 0 ? [] : admin.DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = AdminTimeout }).GetAwaiter().GetResult()
                .ToDictionary(
                    static topic => topic.ConfigResource.Name, static topic => topic.Entries.ToDictionary(static entry => entry.Key, static entry => entry.Value.Value ?? ""));
        }
        catch (DescribeConfigsException exception)
        {
            throw new KafkaException(exception.Results.Find(static result => result.Error.IsError)?.Error ?? exception.Error);
        }
    }

    private static long Number(Dictionary<string, string> settings, string name) =>
        long.TryParse(settings.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static int Replicas(TopicMetadata topic) => topic.Partitions.Select(static partition => partition.Replicas.Length).DefaultIfEmpty().Min();

    private static void Durable(TopicMetadata topic, Dictionary<string, string> settings, List<TopicFinding> findings)
    {
        if (Replicas(topic) < SafeReplicas)
        {
            findings.Add(new(topic.Topic, false, "replication factor", $"{Replicas(topic)}", $"{SafeReplicas} or more: else acknowledged records may be lost with one broker"));
        }

        if (Number(settings, "min.insync.replicas") is >= 0 and < SafeInSync and var inSync)
        {
            findings.Add(new(
                topic.Topic, false, "min.insync.replicas", $"{inSync}", $"{SafeInSync} or more: else a record is acknowledged that one broker alone has"));
        }
    }

    private void Policy(string name, Dictionary<string, string> settings, List<TopicFinding> findings)
    {
        var policy = settings.GetValueOrDefault("cleanup.policy", "");
        if (States.Contains(name))
        {
            if (policy != "compact")
            {
                findings.Add(new(name, true, "cleanup.policy", policy, "compact: else state is deleted by age, or never"));
            }

            if (Number(settings, "max.message.bytes") is >= 0 and < StateMessageBytes and var limit)
            {
                findings.Add(new(name, true, "max.message.bytes", $"{limit}", $"{StateMessageBytes} or more: a part of state takes up to {StateEnvelope.PartBytes} and its key"));
            }

            return;
        }

        var isRead = name == _topics.Panes || options.Inputs.Contains(name);
        if (policy != "delete")
        {
            findings.Add(new(
                name, !options.Inputs.Contains(name), "cleanup.policy", policy,
                "delete: " + (isRead ? "else records vanish before they are read, or never" : "else records vanish, or never")));
        }

        if (isRead)
        {
            Retention(name, settings, findings);
        }
    }

    private void Clock(string name, Dictionary<string, string> settings, List<TopicFinding> findings)
    {
        if (name == _topics.Panes && settings.GetValueOrDefault("message.timestamp.type") is { } type and not "LogAppendTime")
        {
            findings.Add(new(
                name, false, "message.timestamp.type", type,
                "LogAppendTime: else rounds go by the clocks of the instances, and brokers refuse what one writes that is an hour ahead"));
        }
    }

    private static void Retention(string name, Dictionary<string, string> settings, List<TopicFinding> findings)
    {
        var retention = Number(settings, "retention.ms");
        if (retention >= 0 && retention < SafeRetention.TotalMilliseconds)
        {
            findings.Add(new(
                name, retention < LeastRetention.TotalMilliseconds, "retention.ms", $"{retention}",
                $"{(long)LeastRetention.TotalMilliseconds} or more, better {(long)SafeRetention.TotalMilliseconds}: a restart feeds again what the last minute "
                + "(or 200,000 records) brought, after however long it was down"));
        }

        if (Number(settings, "retention.bytes") is >= 0 and var bytes)
        {
            findings.Add(new(name, false, "retention.bytes", $"{bytes}", "-1, or room for a day: else a burst deletes what was not read"));
        }
    }

    private void Partitions(Dictionary<string, TopicMetadata> known, List<TopicFinding> findings)
    {
        foreach (var (predictions, labels) in options.Labels)
        {
            if (known.TryGetValue(predictions, out var one) && known.TryGetValue(labels, out var other) && one.Partitions.Count != other.Partitions.Count)
            {
                findings.Add(new(
                    labels, true, "partitions", $"{other.Partitions.Count}",
                    $"{one.Partitions.Count}, as {predictions} has: a label is looked for in the partition of its prediction"));
            }
        }

        foreach (var (state, inputs) in ((string, IReadOnlyList<string>)[])[(States[0], options.Inputs), (States[1], [_topics.Panes])])
        {
            foreach (var input in inputs.Where(known.ContainsKey))
            {
                if (known.TryGetValue(state, out var topic) && topic.Partitions.Count < known[input].Partitions.Count)
                {
                    findings.Add(new(
                        state, true, "partitions", $"{topic.Partitions.Count}",
                        $"{known[input].Partitions.Count} or more, as {input} has: state lies in the partition of the same number"));
                }
            }
        }
    }

    /// <summary>A model's panes lie in the partition that its hash gives, so their number must be what it was.</summary>
    private void SamePanes(IAdminClient admin, TopicMetadata panes, List<TopicFinding> findings, CancellationToken stop)
    {
        var first = new TopicPartition(_topics.State(StageRole.Decide), 0);
        var id = Topics.IdOrNull(admin, panes.Topic);
        using var envelope = new StateEnvelope();
        try
        {
            var records = new StateReading(options, options.Group, log, clock).Read(
                [first], ReadDeadline, _ => stop.ThrowIfCancellationRequested(), static (_, _) => { })[first];
            foreach (var piece in records.Pieces(key => key.Kind == StateKind.Position && key.TopicId == id, envelope).Where(static piece => piece.Problem is null))
            {
                var position = PartitionPosition.Decode(piece.Value);
                if (position.Partitions != panes.Partitions.Count)
                {
                    findings.Add(new(
                        panes.Topic, true, "partitions", $"{panes.Partitions.Count}",
                        $"{position.Partitions}, as when state was written: else models are where their memory is not (driftd state reset begins anew)"));
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or OwnershipLostException)
        {
            findings.Add(new(first.Topic, true, "state", exception.Message, "to be readable: driftd state inspect"));
        }
    }
}
