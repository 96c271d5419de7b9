using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Streaming.Host;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>A seeded scenario whose labels come on a topic of their own: late, shuffled, some twice, some corrected, some for events that never were.</summary>
internal sealed class LabelFeed
{
    private const int Seed = 7;

    private readonly PriorityQueue<(int Partition, string Id, string Label, long Time), (long, long)> _later = new();
    private readonly Scene _scene;
    private readonly Scenario _scenario;
    private readonly int _everyNth;
    private Random _random = new(Seed);
    private long _number;

    /// <summary>Labels of every n-th event only, delayed by up to <paramref name="longestDelay"/> of event time.</summary>
    public LabelFeed(Scene scene, long events, TimeSpan longestDelay, int everyNth = 1)
    {
        (_scene, LongestDelay, _everyNth) = (scene, longestDelay, everyNth);
        _scenario = new Scenario
        {
            Kind = ScenarioKind.Credit,
            Seed = 5,
            Events = events,
            Partitions = scene.Partitions,
            Shift = 0.2,
            ChangeAt = events / 2,
        };
    }

    /// <summary>No label comes later than nine tenths of it.</summary>
    public TimeSpan LongestDelay { get; }

    public long Labelled { get; private set; }

    public long Duplicates { get; private set; }

    public long Corrections { get; private set; }

    public long Orphans { get; private set; }

    public string LabelsTopic => _scene.Topic + "-labels";

    /// <summary>Publishes all, at most so many events a second; Kafka timestamps follow event time.</summary>
    public async Task Publish(int perSecond = int.MaxValue)
    {
        using var producer = Feed.Producer(_scene.Servers);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var (count, watch, begin) = (0L, Stopwatch.StartNew(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - EventGenerator.Start);
        foreach (var one in Records())
        {
            while (!one.IsLabel && count++ >= perSecond * watch.Elapsed.TotalSeconds)
            {
                await timer.WaitForNextTickAsync();
            }

            Feed.Send(producer, new TopicPartition(one.IsLabel ? LabelsTopic : _scene.Topic, one.Partition), one.Key, one.Value, begin + one.Time);
        }

        producer.Flush(CancellationToken.None);
    }

    /// <summary>The triggers that events and labels give in the order of event time, where nothing is ever late but the labels.</summary>
    public List<OutputRecord> InOrder() => Triggers(labels: true, pipeline =>
    {
        foreach (var one in Records())
        {
            if (one.IsLabel)
            {
                pipeline.ProcessLabel(one.Partition, one.Time, one.Value, one.Key);
            }
            else
            {
                pipeline.Process(one.Partition, one.Time, one.Value, one.Key);
            }
        }
    });

    /// <summary>The triggers that the same events give with their labels inside.</summary>
    public List<OutputRecord> Immediate() => Triggers(labels: false, pipeline =>
    {
        foreach (var one in new EventGenerator(_scenario).Events())
        {
            pipeline.Process(one.Partition, one.Time, one.Value, one.Key);
        }
    });

    private List<OutputRecord> Triggers(bool labels, Action<Pipeline> feed)
    {
        var triggers = new List<OutputRecord>();
        var pipeline = new Pipeline(_scene.Options, _scene.Topic, _scene.Partitions, Keep, labels);
        feed(pipeline);
        pipeline.Complete();
        return triggers;

        void Keep(OutputRecord output)
        {
            if (output.Topic == OutputTopic.Triggers)
            {
                triggers.Add(output);
            }
        }
    }

    /// <summary>Events, and labels between them, in the order of event time; the same each time.</summary>
    private IEnumerable<(bool IsLabel, int Partition, byte[] Key, byte[] Value, long Time)> Records()
    {
        (_random, _number, Labelled, Duplicates, Corrections, Orphans) = (new Random(Seed), 0, 0, 0, 0, 0);
        foreach (var one in new EventGenerator(_scenario).Events())
        {
            // a prediction comes first on a tie, as where both topics are merged
            foreach (var label in Due(one.Time))
            {
                yield return label;
            }

            yield return (false, one.Partition, one.Key, WithoutLabel(one), one.Time);
        }

        foreach (var label in Due(long.MaxValue))
        {
            yield return label;
        }
    }

    private byte[] WithoutLabel(in GeneratedEvent one)
    {
        var text = Encoding.UTF8.GetString(one.Value);
        var at = text.IndexOf(",\"label\":", StringComparison.Ordinal);
        var (id, label) = (Encoding.UTF8.GetString(one.Key), text.Substring(at + 9, 1));
        if (one.Index % _everyNth == 0)
        {
            Plan(one.Partition, id, label, one.Time);
        }

        return Encoding.UTF8.GetBytes(text.Remove(at, 10));
    }

    private void Plan(int partition, string id, string label, long time)
    {
        var (longest, kind) = ((long)LongestDelay.TotalMilliseconds, _random.NextDouble());
        var at = time + (long)(_random.NextDouble() * longest * 0.9);
        Labelled++;
        Add(partition, id, label, at);
        if (kind < 0.05)
        {
            Duplicates++;
            Add(partition, id, label, at + (longest / 20));
        }
        else if (kind < 0.07)
        {
            Corrections++;
            Add(partition, id, label == "1" ? "0" : "1", at + (longest / 20));
        }
        else if (kind < 0.08)
        {
            Orphans++;
            Add(partition, "nobody" + id, label, at);
        }
    }

    private void Add(int partition, string id, string label, long time) => _later.Enqueue((partition, id, label, time), (time, _number++));

    private IEnumerable<(bool IsLabel, int Partition, byte[] Key, byte[] Value, long Time)> Due(long before)
    {
        while (_later.TryPeek(out var label, out _) && label.Time < before)
        {
            _later.Dequeue();
            var value = Encoding.UTF8.GetBytes($"{{\"id\":\"{label.Id}\",\"label\":{label.Label},\"time\":{label.Time}}}");
            yield return (true, label.Partition, Encoding.UTF8.GetBytes(label.Id), value, label.Time);
        }
    }
}
