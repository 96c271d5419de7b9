using Confluent.Kafka;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>The same stages run once, in one thread, over the logs as they are: what the service must have written, byte for byte.</summary>
internal static class Oracle
{
    /// <summary>Panes that a pause of live input closed are left out: no log tells of it, so the service must not have paused before the end.</summary>
    public static void AssertPanes(
        MonitoringOptions options, List<ConsumeResult<byte[], byte[]>> events, List<ConsumeResult<byte[], byte[]>> panes, int partitions)
    {
        var (stage, expected) = (new DetectStage(options), new List<OutputRecord>());
        for (var partition = 0; partition < partitions; partition++)
        {
            var records = Records(events, partition);
            if (records.Length == 0)
            {
                continue;
            }

            stage.Assign(events[0].Topic, partition, Guid.Empty);
            stage.Process(events[0].Topic, partition, records, expected);
        }

        Assert.Equal(
            expected.Where(record => record.Topic == OutputTopic.Panes).Select(record => Convert.ToHexString(record.Value!)).Order(StringComparer.Ordinal),
            panes.Where(record => PaneCodec.Decode(record.Message.Value).End != PaneEnd.Idle)
                .Select(record => Convert.ToHexString(record.Message.Value)).Order(StringComparer.Ordinal));
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
