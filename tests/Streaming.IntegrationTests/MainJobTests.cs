using System.Text.Json;
using Confluent.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>The main job on real input: from a prediction topic to retrain triggers, by the program itself.</summary>
[Collection("kafka")]
public class MainJobTests(KafkaCluster cluster, ITestOutputHelper output)
{
    private const int Partitions = 4;

    private readonly string _id = "m" + Guid.NewGuid().ToString("N")[..8];

    private string Topic => _id + "-in";

    private string Panes => _id + ".panes";

    [BrokerFact]
    public async Task The_electricity_market_gives_triggers_whose_evidence_and_offsets_are_right()
    {
        await CreateTopics();
        await Task.Run(() => Elec2.Publish(cluster.BootstrapServers, Topic, Partitions));
        using var file = new TemporaryFile("triggerMaxAge: off\nidleFlush: 0\ncommitInterval: 100ms\n");
        await using (var driftd = new DriftdProcess(
            "run", "--topic", Topic, "--bootstrap-servers", cluster.BootstrapServers, "--group", _id, "--prefix", _id + ".", "--listen", "127.0.0.1:0",
            "--config", file.Path))
        {
            await Until.True(() => driftd.Sum("driftd_events_total") == Elec2.Events, "all events are taken", TimeSpan.FromMinutes(2));
            await Until.True(
                () => driftd.Sum("driftd_records_total", "stage=\"decide\"") > 0 && driftd.Sum("driftd_consumer_lag_records") == 0, "all panes are decided");
            Assert.True(driftd.Ready());
            Assert.Equal(Elec2.Events, driftd.Sum("driftd_labels_total"));
            if (Prometheus.Missing is null)
            {
                Assert.Equal((0, ""), await Prometheus.Check(driftd.Metrics()));
                await using var prometheus = new Prometheus(driftd.Url()!);
                double? seen = null;
                await Until.True(() => (seen = prometheus.Query("sum(driftd_events_total)").GetAwaiter().GetResult()) == Elec2.Events, "Prometheus has it all");
                Assert.Equal(Elec2.Events, seen);
            }

            var (code, took) = await driftd.Stop();
            Assert.True(code == 0 && took < TimeSpan.FromSeconds(5), $"exit {code} after {took.TotalSeconds:0.0} s: {string.Join('\n', driftd.Errors)}");
        }

        var events = Log.Read(cluster.BootstrapServers, Topic);
        var panes = Log.Read(cluster.BootstrapServers, Panes);
        var triggers = Log.Read(cluster.BootstrapServers, _id + ".triggers");
        var options = new MonitoringOptions { Group = _id, TriggerMaxAge = null };
        Oracle.AssertPanes(options, events, panes, Partitions);
        Oracle.AssertDecisions(options, Decided(panes), Log.Read(cluster.BootstrapServers, _id + ".signals"), triggers);
        AssertRight(triggers, events, panes);
    }

    /// <summary>The evidence and the offsets of each trigger, computed anew from the events that they speak of.</summary>
    private void AssertRight(List<ConsumeResult<byte[], byte[]>> triggers, List<ConsumeResult<byte[], byte[]>> events, List<ConsumeResult<byte[], byte[]>> panes)
    {
        Assert.NotEmpty(triggers);
        var wrong = events.ToDictionary(static record => (record.Partition.Value, record.Offset.Value), static record => IsWrong(record.Message.Value));
        var begins = panes.SelectMany(static pane => PaneCodec.Decode(pane.Message.Value).Spans).Select(static span => (span.Partition, span.FromOffset)).ToHashSet();
        foreach (var trigger in triggers)
        {
            using var json = JsonDocument.Parse(trigger.Message.Value);
            var data = json.RootElement.GetProperty("data");
            var evidence = data.GetProperty("evidence")[0];
            var fresh = data.GetProperty("freshData").EnumerateArray().ToList();
            var (errors, count) = (0, 0);
            foreach (var span in fresh)
            {
                var (partition, from, to) = (span.GetProperty("partition").GetInt32(), span.GetProperty("fromOffset").GetInt64(), span.GetProperty("toOffset").GetInt64());
                Assert.Equal(Topic, span.GetProperty("topic").GetString());
                Assert.Contains((partition, from), begins);
                Assert.True(from < to);
                for (var offset = from; offset < to; offset++, count++)
                {
                    errors += wrong[(partition, offset)] ? 1 : 0;
                }
            }

            var (before, after) = (evidence.GetProperty("before").GetDouble(), evidence.GetProperty("after").GetDouble());
            output.WriteLine($"{data.GetProperty("reason").GetString()}; since {data.GetProperty("changedAt").GetString()}; fresh data: {count} events, error rate {(double)errors / count:0.000}");
            Assert.Equal((Elec2.Model, "error"), (data.GetProperty("model").GetString(), evidence.GetProperty("stream").GetString()));
            Assert.True(after > before, "a falling error triggers nothing");
            Assert.InRange((double)errors / count, after - 0.05, after + 0.05);
        }
    }

    private static bool IsWrong(byte[] value)
    {
        using var json = JsonDocument.Parse(value);
        return json.RootElement.GetProperty("prediction").GetString() != json.RootElement.GetProperty("label").GetString();
    }

    /// <summary>The panes that DECIDE committed before it stopped: DETECT may have written its last ones after that.</summary>
    private List<ConsumeResult<byte[], byte[]>> Decided(List<ConsumeResult<byte[], byte[]>> panes)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = cluster.BootstrapServers, GroupId = _id + ".decide" }).Build();
        var committed = consumer.Committed(
            panes.Select(static pane => pane.TopicPartition).Distinct(), TimeSpan.FromSeconds(10)).ToDictionary(static offset => offset.TopicPartition);
        return [.. panes.Where(pane => pane.Offset < committed[pane.TopicPartition].Offset)];
    }

    private async Task CreateTopics()
    {
        await using var create = new DriftdProcess(
            "topics", "create", "--topic", Topic, "--bootstrap-servers", cluster.BootstrapServers, "--prefix", _id + ".", "--partitions", $"{Partitions}");
        Assert.Equal(0, await create.Ended());
        Assert.Equal($"created  {Topic}: 4 partitions, cleanup delete, retention 7 days, replication 1", create.Output[0]);
        await using var again = new DriftdProcess("topics", "create", "--bootstrap-servers", cluster.BootstrapServers, "--prefix", _id + ".");
        Assert.Equal(0, await again.Ended());
        Assert.Equal($"exists   {Panes}: 4 partitions", again.Output[0]);
    }
}
