using System.Buffers.Binary;
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

    // a stop that comes while the brokers are asked has to wait for it
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Panes, DETECT to DECIDE.</summary>
    public string Panes => prefix + "panes";

    /// <summary>What people and pipelines tell driftd; DETECT reads it.</summary>
    public string Commands => prefix + "commands";

    /// <summary>What a stage reads.</summary>
    public IReadOnlyList<string> Inputs(StageRole role, KafkaOptions options) => role == StageRole.Detect ? [.. options.Inputs, Commands] : [Panes];

    /// <summary>State of a stage (compacted).</summary>
    public string State(StageRole role) => prefix + (role == StageRole.Detect ? "state.detect" : "state.decide");

    /// <summary>All topics that driftd writes.</summary>
    public IEnumerable<string> Written =>
        (from role in Enum.GetValues<StageRole>()
         from output in Enum.GetValues<OutputTopic>()
         select Name(output, role)).Append(Commands);

    /// <summary>Name of the topic that takes this kind of output of a stage.</summary>
    public string Name(OutputTopic output, StageRole role) => output switch
    {
        OutputTopic.Panes => Panes,
        OutputTopic.Signals => prefix + "signals",
        OutputTopic.Triggers => prefix + "triggers",
        OutputTopic.State => State(role),
        _ => prefix + "dead-letters",
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
        foreach (var wanted in Wanted(metadata, inputs, partitions))
        {
            var known = metadata.Topics.Find(found => found.Topic == wanted.Topic && found.Error.Code == ErrorCode.NoError);
            if (known is not null)
            {
                reports.Add(new TopicReport(wanted.Topic, false, known.Partitions.Count, "was there"));
                continue;
            }

            var specification = wanted.Specification(replicas);
            await admin.CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = AdminTimeout }).ConfigureAwait(false);
            reports.Add(new TopicReport(wanted.Topic, true, wanted.Partitions, $"{wanted.Cleanup}, replication {replicas}"));
        }

        return reports;
    }

    /// <summary>Partition counts and identities of the topics that a stage reads and writes.</summary>
    /// <exception cref="MissingTopicException">One of them does not exist; the message says how to create it.</exception>
    /// <exception cref="WorkerFailedException">The state topic has fewer partitions than an input, or a labels topic another number than its predictions.</exception>
    internal Layout Find(IAdminClient admin, StageRole role, KafkaOptions options)
    {
        var inputs = Inputs(role, options);
        var names = Outputs(role).Select(output => Name(output, role)).Concat(inputs).Distinct(StringComparer.Ordinal).ToList();
        var (counts, ids) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, Guid>(StringComparer.Ordinal));
        var allowed = new Dictionary<string, IReadOnlyCollection<AclOperation>>(StringComparer.Ordinal);
        foreach (var (name, partitions, id, operations) in options.IsEmbedded ? FindEmbedded(admin, names) : Describe(admin, names))
        {
            (counts[name], ids[name], allowed[name]) = (partitions, id, operations);
        }

        if (!options.IsEmbedded && NeededAcls.Missing(options, role, allowed) is { } missing)
        {
            throw new AccessRefusedException(missing);
        }

        var layout = new Layout(this, role, inputs, counts, ids, role == StageRole.Detect ? options.Labels : new Dictionary<string, string>());
        layout.RequireSamePartitions();
        foreach (var input in inputs)
        {
            layout.RequireStateFor(input, counts[input]);
        }

        return layout;
    }

    /// <summary>What a stage writes.</summary>
    internal static IEnumerable<OutputTopic> Outputs(StageRole role) => role == StageRole.Detect
        ? [OutputTopic.Panes, OutputTopic.DeadLetters, OutputTopic.State]
        : [OutputTopic.Signals, OutputTopic.Triggers, OutputTopic.DeadLetters, OutputTopic.State];

    /// <summary>A topic's identity as the stages know it.</summary>
    internal static Guid IdOf(Uuid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id.MostSignificantBits);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id.LeastSignificantBits);
        return new Guid(bytes, bigEndian: true);
    }

    private static List<TopicFound> FindEmbedded(IAdminClient admin, List<string> names) =>
    [
        .. from topic in admin.GetMetadata(AdminTimeout).Topics
           where names.Contains(topic.Topic)
           select new TopicFound(topic.Topic, topic.Partitions.Count, Guid.Empty, []),
    ];

    /// <summary>Identities of topics as they are now.</summary>
    /// <exception cref="OwnershipLostException">One of them does not exist.</exception>
    internal static IEnumerable<(string Topic, Guid Id)> Ids(IAdminClient admin, IEnumerable<string> topics)
    {
        try
        {
            return Describe(admin, [.. topics.Distinct(StringComparer.Ordinal)]).Select(static topic => (topic.Name, topic.Id));
        }
        catch (MissingTopicException missing)
        {
            throw new OwnershipLostException(missing.Message);
        }
    }

    /// <summary>All partitions of topics.</summary>
    /// <exception cref="MissingTopicException">One of them does not exist.</exception>
    internal static List<TopicPartition> PartitionsOf(IAdminClient admin, List<string> topics) =>
        [.. Describe(admin, topics).SelectMany(static topic => Enumerable.Range(0, topic.Partitions).Select(partition => new TopicPartition(topic.Name, partition)))];

    /// <summary>A topic's identity; null where it does not exist.</summary>
    internal static Guid? IdOrNull(IAdminClient admin, string topic)
    {
        try
        {
            return Describe(admin, [topic])[0].Id;
        }
        catch (MissingTopicException)
        {
            return null;
        }
    }

    private static List<TopicFound> Describe(IAdminClient admin, List<string> names)
    {
        try
        {
            var options = new DescribeTopicsOptions { RequestTimeout = AskTimeout, IncludeAuthorizedOperations = true };
            var found = admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(names), options).GetAwaiter().GetResult().TopicDescriptions;
            return [.. found.Select(static topic => new TopicFound(topic.Name, topic.Partitions.Count, IdOf(topic.TopicId), topic.AuthorizedOperations))];
        }
        catch (DescribeTopicsException exception)
        {
            var denied = exception.Results.TopicDescriptions.Where(static topic => topic.Error.Code == ErrorCode.TopicAuthorizationFailed).ToList();
            if (denied.Count > 0)
            {
                throw new AccessRefusedException(NeededAcls.Denied("Describe on topic " + string.Join(", ", denied.Select(static topic => topic.Name))));
            }

            var unknown = exception.Results.TopicDescriptions.Find(static topic => topic.Error.Code == ErrorCode.UnknownTopicOrPart);
            throw unknown is not null ? new MissingTopicException(unknown.Name) : new KafkaException(exception.Error);
        }
    }

    private List<WantedTopic> Wanted(Metadata metadata, IReadOnlyList<string> inputs, int partitions)
    {
        // state lies in the partition with the input's number
        var most = metadata.Topics.Where(topic => inputs.Contains(topic.Topic)).Select(static topic => topic.Partitions.Count).DefaultIfEmpty().Max();
        var panes = metadata.Topics.Find(topic => topic.Topic == Panes)?.Partitions.Count ?? 0;
        return
        [
            .. inputs.Select(topic => new WantedTopic(topic, partitions, 7, IsInput: true)),
            new(Panes, partitions, 7),
            new(Commands, partitions, 90),
            new(Name(OutputTopic.Signals, StageRole.Decide), partitions, 30),
            new(Name(OutputTopic.Triggers, StageRole.Decide), partitions, 90),
            new(Name(OutputTopic.DeadLetters, StageRole.Detect), partitions, 14),
            new(State(StageRole.Detect), Math.Max(partitions, most), null),
            new(State(StageRole.Decide), Math.Max(partitions, panes), null),
        ];
    }

    /// <summary>A topic as the brokers describe it.</summary>
    private readonly record struct TopicFound(string Name, int Partitions, Guid Id, IReadOnlyCollection<AclOperation> Allowed);

    /// <summary>A topic as it should be; without a retention it is compacted.</summary>
    private readonly record struct WantedTopic(string Topic, int Partitions, int? RetentionDays, bool IsInput = false)
    {
        public string Cleanup => RetentionDays is { } days ? $"cleanup delete, retention {days} days" : "cleanup compact";

        public TopicSpecification Specification(short replicas)
        {
            var configuration = new Dictionary<string, string> { ["min.insync.replicas"] = replicas >= 3 ? "2" : "1" };
            if (RetentionDays is { } days)
            {
                configuration["cleanup.policy"] = "delete";
                configuration["retention.ms"] = ((long)TimeSpan.FromDays(days).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            }
            else
            {
                // small segments, so that compaction reaches all but the newest writes and a restore reads little more than what is alive
                configuration["cleanup.policy"] = "compact";
                configuration["segment.bytes"] = "67108864";
                configuration["min.cleanable.dirty.ratio"] = "0.2";
            }

            if (!IsInput)
            {
                // the brokers' clock: that of one instance may be wrong, and brokers refuse records an hour ahead of theirs
                configuration["message.timestamp.type"] = "LogAppendTime";
            }

            return new TopicSpecification { Name = Topic, NumPartitions = Partitions, ReplicationFactor = replicas, Configs = configuration };
        }
    }
}

/// <summary>The topics of one stage as they are on the brokers.</summary>
internal sealed class Layout(
    Topics topics, StageRole role, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, int> partitions, IReadOnlyDictionary<string, Guid> ids,
    IReadOnlyDictionary<string, string> labels)
{
    /// <summary>Topics that the stage reads.</summary>
    public IReadOnlyList<string> Inputs => inputs;

    /// <summary>Topic of the stage's state.</summary>
    public string State { get; } = topics.State(role);

    /// <summary>The labels topic of a predictions topic; null where it has none.</summary>
    public string? LabelsOf(string topic) => labels.GetValueOrDefault(topic);

    /// <summary>The predictions topic whose labels a topic holds; null where it holds none.</summary>
    public string? PredictionsOf(string topic) => labels.FirstOrDefault(pair => pair.Value == topic).Key;

    /// <summary>Whether a topic holds labels.</summary>
    public bool IsLabels(string topic) => PredictionsOf(topic) is not null;

    /// <summary>Topics that the stage reads or writes.</summary>
    public IReadOnlyCollection<string> Topics { get; } = [.. partitions.Keys];

    /// <summary>Partitions of a topic.</summary>
    public int Partitions(string topic) => partitions[topic];

    /// <summary>Identity of a topic: another one when it was deleted and created anew.</summary>
    public Guid Id(string topic) => ids[topic];

    /// <summary>Requires a state partition for each of these partitions of an input.</summary>
    /// <exception cref="WorkerFailedException">The state topic has fewer.</exception>
    public void RequireStateFor(string input, int count)
    {
        if (count > partitions[State])
        {
            throw new WorkerFailedException(
                $"{State} has {partitions[State]} partitions, fewer than {input} with {count}: state lies in the partition of the same number; "
                + $"give it at least {count} (kafka-topics --alter --topic {State} --partitions {count})");
        }
    }

    /// <summary>Requires that a labels topic has as many partitions as its predictions topic.</summary>
    /// <exception cref="WorkerFailedException">It has not; the message says what to do.</exception>
    public void RequireSamePartitions()
    {
        foreach (var (topic, labelsTopic) in labels.Where(pair => partitions.ContainsKey(pair.Key) && partitions[pair.Key] != partitions[pair.Value]))
        {
            throw new WorkerFailedException(
                $"{labelsTopic} has {partitions[labelsTopic]} partitions, {topic} has {partitions[topic]}: a label is looked for in the partition of its prediction, so both need "
                + $"the same number; create a labels topic with {partitions[topic]} partitions and copy the labels to it by key, with the partitioner of {topic}");
        }
    }

    /// <summary>Where an output goes.</summary>
    public TopicPartition Of(OutputRecord output)
    {
        var topic = topics.Name(output.Topic, role);
        return new TopicPartition(topic, (int)(output.PartitionHash % (uint)partitions[topic]));
    }
}

/// <summary>A topic does not exist (yet).</summary>
internal sealed class MissingTopicException(string topic)
    : Exception($"topic {topic} does not exist; create it, for example with: driftd topics create")
{
    public string Topic => topic;
}
