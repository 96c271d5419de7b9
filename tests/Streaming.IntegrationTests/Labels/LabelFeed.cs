using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Streaming.Host;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>A seeded scenario whose labels come on a topic of their own: late, shuffled, some twice, some corrected, some for events that never were.</summary>
internal sealed class LabelFeed
{
    private readonly PriorityQueue<(int Partition, string Id, string Label, long Time), (long, long)> _later = new();
    private readonly Random _random = new(7);
    private readonly Scene _scene;
    private readonly Scenario _scenario;
    private readonly int _everyNth;
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
        foreach (var one in new EventGenerator(_scenario).Events())
        {
            while (count++ >= perSecond * watch.Elapsed.TotalSeconds)
            {
                await timer.WaitForNextTickAsync();
            }

            Labels(producer, one.Time, begin);
            Feed.Send(producer, new TopicPartition(_scene.Topic, one.Partition), one.Key, WithoutLabel(one), begin + one.Time);
        }

        Labels(producer, long.MaxValue, begin);
        producer.Flush(CancellationToken.None);
    }

    /// <summary>The triggers that the same events give with their labels inside.</summary>
    public List<OutputRecord> Immediate()
    {
        var triggers = new List<OutputRecord>();
        var pipeline = new Pipeline(_scene.Options, _scene.Topic, _scene.Partitions, output =>
        {
            if (output.Topic == OutputTopic.Triggers)
            {
                triggers.Add(output);
            }
        });
        foreach (var one in new EventGenerator(_scenario).Events())
        {
            pipeline.Process(one.Partition, one.Time, one.Value, one.Key);
        }

        pipeline.Complete();
        return triggers;
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

    private void Labels(IProducer<byte[]?, byte[]?> producer, long upTo, long begin)
    {
        while (_later.TryPeek(out var label, out _) && label.Time <= upTo)
        {
            _later.Dequeue();
            var value = Encoding.UTF8.GetBytes($"{{\"id\":\"{label.Id}\",\"label\":{label.Label},\"time\":{label.Time}}}");
            Feed.Send(producer, new TopicPartition(LabelsTopic, label.Partition), Encoding.UTF8.GetBytes(label.Id), value, begin + label.Time);
        }
    }
}
