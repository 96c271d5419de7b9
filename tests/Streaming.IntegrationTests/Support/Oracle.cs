using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>The same stages run once, in one thread, over the logs as they are: what the service must have written, byte for byte.</summary>
internal static class Oracle
{
    public static void AssertPanes(
        MonitoringOptions options, List<ConsumeResult<byte[], byte[]>> events, List<ConsumeResult<byte[], byte[]>> panes, Guid topicId, int partitions)
    {
        var (stage, expected) = (new DetectStage(options), new List<OutputRecord>());
        for (var partition = 0; partition < partitions; partition++)
        {
            var records = Records(events, partition);
            if (records.Length == 0)
            {
                continue;
            }

            stage.Assign(events[0].Topic, partition, topicId);
            stage.Process(events[0].Topic, partition, records, expected);
        }

        Assert.Equal(
            expected.Where(record => record.Topic == OutputTopic.Panes).Select(record => Convert.ToHexString(record.Value!)).Order(StringComparer.Ordinal),
            panes.Select(record => Convert.ToHexString(record.Message.Value)).Order(StringComparer.Ordinal));
    }

    /// <summary>Panes hold every event once: none is missing between them and none lies in two.</summary>
    public static void AssertCovered(List<Pane> panes, long events)
    {
        Assert.Equal(events, panes.Sum(pane => pane.Events));
        foreach (var partition in panes.GroupBy(pane => pane.Spans[0].Partition))
        {
            var spans = partition.Select(pane => pane.Spans[0]).OrderBy(span => span.FromOffset).ToList();
            Assert.Equal(0, spans[0].FromOffset);
            Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.ToOffset, pair.Second.FromOffset));
        }
    }

    public static void AssertDecisions(
        MonitoringOptions options, List<ConsumeResult<byte[], byte[]>> panes, List<ConsumeResult<byte[], byte[]>> signals,
        List<ConsumeResult<byte[], byte[]>> triggers)
    {
        var expected = new List<OutputRecord>();
        foreach (var partition in panes.Select(pane => pane.Partition.Value).Distinct())
        {
            var stage = new DecideStage(options);
            stage.Assign(panes[0].Topic, partition, Guid.Empty);
            stage.Process(panes[0].Topic, partition, Records(panes, partition), expected);
        }

        AssertSame(OutputTopic.Signals, signals);
        AssertSame(OutputTopic.Triggers, triggers);

        void AssertSame(OutputTopic topic, List<ConsumeResult<byte[], byte[]>> actual) => Assert.Equal(
            expected.Where(record => record.Topic == topic).Select(record => Convert.ToHexString(record.Value!)).Order(StringComparer.Ordinal),
            actual.Select(record => Convert.ToHexString(record.Message.Value)).Order(StringComparer.Ordinal));
    }

    private static LogRecord[] Records(List<ConsumeResult<byte[], byte[]>> log, int partition) =>
    [
        .. log.Where(record => record.Partition.Value == partition).OrderBy(record => record.Offset.Value)
            .Select(record => new LogRecord(record.Offset.Value, record.Message.Timestamp.UnixTimestampMs, record.Message.Key, record.Message.Value)),
    ];
}
