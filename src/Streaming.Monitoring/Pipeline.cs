
namespace Streaming.Monitoring;

/// <summary>Both stages joined in memory: what a file, a test and a benchmark use in place of Kafka.</summary>
/// <remarks>
/// Panes are encoded and decoded as on the way through Kafka. One event counts as a millisecond of <c>drift.panes</c> record time, so "live within
/// 3 min" means within 180,000 events. A file has no "now": <see cref="MonitoringOptions.TriggerMaxAge"/> is off.
/// </remarks>
public sealed class Pipeline
{
    private const string Panes = "panes";

    private readonly string _topic;
    private readonly DetectStage _detect;
    private readonly DecideStage _decide;
    private readonly Action<OutputRecord> _sink;
    private readonly long[] _nextOffsets;
    private readonly long[] _nextLabels;
    private readonly string _labelsTopic;
    private readonly List<OutputRecord> _output = [];
    private readonly List<OutputRecord> _decisions = [];
    private readonly LogRecord[] _one = new LogRecord[1];
    private long _events;
    private long _panes;

    /// <summary>Joins the stages over <paramref name="partitions"/> partitions of <paramref name="topic"/>; every signal, trigger and dead letter goes to <paramref name="sink"/>.</summary>
    /// <param name="options">What is watched and how.</param>
    /// <param name="topic">Name of the topic of the events.</param>
    /// <param name="partitions">How many partitions it has.</param>
    /// <param name="sink">Takes what is written.</param>
    /// <param name="labels">Whether labels come by themselves too: see <see cref="ProcessLabel"/>.</param>
    public Pipeline(MonitoringOptions options, string topic, int partitions, Action<OutputRecord> sink, bool labels = false)
    {
        (_topic, _sink, _nextOffsets, _nextLabels, _labelsTopic) = (topic, sink, new long[partitions], new long[partitions], topic + "-labels");
        _detect = new DetectStage(options);
        _decide = new DecideStage(options with { TriggerMaxAge = null });
        _decide.Assign(Panes, 0, Guid.Empty);
        for (var partition = 0; partition < partitions; partition++)
        {
            _detect.Assign(topic, partition, Guid.Empty);
            if (labels)
            {
                _detect.Pair(topic, partition, _labelsTopic, Guid.Empty, default);
            }
        }
    }

    /// <summary>Takes one event of a partition. Its offset is given by the pipeline.</summary>
    /// <param name="partition">0 to partitions − 1.</param>
    /// <param name="timestamp">What the Kafka timestamp would be: milliseconds since 1970.</param>
    /// <param name="value">The event's JSON.</param>
    /// <param name="key">Its key, where it has one.</param>
    public void Process(int partition, long timestamp, byte[] value, byte[]? key = null)
    {
        _events++;
        _one[0] = new LogRecord(_nextOffsets[partition]++, timestamp, key, value);
        _detect.Process(_topic, partition, _one, _output);
        Forward();
    }

    /// <summary>Takes one label of a partition; labels and events are given in the order in which a worker would take them.</summary>
    /// <param name="partition">That of its event.</param>
    /// <param name="timestamp">What the Kafka timestamp would be: milliseconds since 1970.</param>
    /// <param name="value">The label's JSON.</param>
    /// <param name="key">Its key, where it has one.</param>
    public void ProcessLabel(int partition, long timestamp, byte[] value, byte[]? key = null)
    {
        _one[0] = new LogRecord(_nextLabels[partition]++, timestamp, key, value);
        _detect.Process(_labelsTopic, partition, _one, _output);
        Forward();
    }

    /// <summary>Closes open panes: the input has ended.</summary>
    public void Complete()
    {
        for (var partition = 0; partition < _nextOffsets.Length; partition++)
        {
            _detect.Flush(_topic, partition, _output, FlushReason.End);
        }

        Forward();
    }

    /// <summary>Counts and levels of both stages together.</summary>
    public StageSnapshot Snapshot()
    {
        var (detect, decide) = (_detect.Snapshot(), _decide.Snapshot());
        return detect with
        {
            DeadLetters = [.. detect.DeadLetters, .. decide.DeadLetters],
            Occurrences =
            [
                .. detect.Occurrences.Concat(decide.Occurrences).GroupBy(static o => o.Name, StringComparer.Ordinal)
                    .Select(static same => new NamedCount(same.Key, same.Sum(static o => o.Count))),
            ],
            Versions = decide.Versions,
            Policies = decide.Policies,
            Signals = decide.Signals,
            Triggers = decide.Triggers,
            Suppressed = decide.Suppressed,
        };
    }

    /// <summary>The partition of an event: a fixed hash of its id.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> id, int partitions) => (int)(ModelPartition.Hash(id) % (uint)partitions);

    private void Forward()
    {
        if (_output.Count == 0)
        {
            return;
        }

        foreach (var record in _output)
        {
            if (record.Topic == OutputTopic.State)
            {
                continue;
            }

            if (record.Topic != OutputTopic.Panes)
            {
                _sink(record);
                continue;
            }

            _one[0] = new LogRecord(_panes++, _events, record.Key, record.Value);
            _decide.Process(Panes, 0, _one, _decisions);
        }

        _output.Clear();
        foreach (var record in _decisions)
        {
            _sink(record);
        }

        _decisions.Clear();
    }
}
