using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests.Security;

/// <summary>Lines of the security checklist that hostile events and configurations show.</summary>
[Collection(nameof(AllocationTests))]
public class InputChecklistTests(ITestOutputHelper print)
{
    private static readonly string[] Seeds =
    [
        """{"id":"9f2c","model":"fraud","version":"7","time":"2026-11-22T10:00:00Z","features":{"amount":12.5,"country":"D\u00e9","age":null},"prediction":0.83,"label":1,"latencyMs":12.3,"failure":null}""",
        """{"features":{"a":[1,{"b":[[[]]]}],"\ud83d\ude00":"\ud83d"},"prediction":{"x":0.1,"y":1e308}}""",
        """{"id":1.0,"time":1795305600000,"features":{},"prediction":true,"$type":"System.Diagnostics.Process, System","label":{"$ref":"#"}}""",
    ];

    [Fact]
    public void Checklist_11_a_hundred_thousand_hostile_names_end_in_whole_lines_of_a_bounded_text()
    {
        using var telemetry = new Telemetry();
        using var text = new PrometheusText([telemetry.Meter], maxSeries: 1_000);
        telemetry.Publish(StageRole.Detect, new WorkerSnapshot
        {
            Stage = new StageSnapshot
            {
                Models = [.. Enumerable.Range(0, 100_000).Select(static i => new ModelCounts("m\"} 1\n# TYPE x\\\r\u2028" + i + (i % 1_000 == 0 ? new string('x', 10_000) : ""), "1", i, 0, 0))],
            },
        });

        var lines = Scrape.Lines(text);

        Assert.Equal(1_000, lines.Count(static line => line.StartsWith("driftd_events_total{", StringComparison.Ordinal)));
        Assert.All(lines, static line => Assert.Matches("^(# (HELP|TYPE|UNIT) |# EOF|[a-z_]+(\\{([a-z_]+=\"([^\"\\\\]|\\\\[\\\\n\"])*\",?)+\\})? [0-9+-])", line));
        Assert.All(lines, static line => Assert.InRange(line.Length, 1, 2_000));
        Assert.Contains("driftd_series_dropped_total{family=\"driftd_events_total\"} 99000", lines);
    }

    [Fact]
    public void Checklist_15_twenty_thousand_mutated_events_break_nothing_and_keep_no_memory()
    {
        var (random, decoder, decoded) = (new SplitMix(15), new EventDecoder(new EventMapping(), 65_536), new DecodedEvent());
        var reasons = new SortedDictionary<RejectReason, int>();
        Mutate(random, 500, value => decoder.Decode(value, decoded));
        var (held, watch) = (Heap.Bytes(), Stopwatch.StartNew());

        Mutate(random, 20_000, value =>
        {
            var reason = decoder.Decode(value, decoded);
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            _ = decoder.RejectedField(value, decoded);
        });

        var kept = Heap.Bytes() - held;
        print.WriteLine($"{watch.ElapsedMilliseconds} ms, {kept} bytes kept: {string.Join(", ", reasons.Select(static reason => $"{reason.Key} {reason.Value}"))}");
        Assert.InRange(kept, long.MinValue, 1 << 20);
        HashSet<RejectReason> expected =
            [RejectReason.None, RejectReason.BadUtf8, RejectReason.BrokenJson, RejectReason.TooDeep, RejectReason.TooBig, RejectReason.WrongType, RejectReason.NonFinite, RejectReason.NothingToWatch];
        Assert.Subset(expected, reasons.Keys.ToHashSet());
    }

    [Fact]
    public void Checklist_15_mutated_commands_and_panes_are_refused_or_read_and_nothing_else()
    {
        var (random, stage, output, offset) = (new SplitMix(16), new DecideStage(new MonitoringOptions()), new List<OutputRecord>(), 0L);
        stage.Assign("panes", 0, Guid.Empty);
        var panes = Events.Detect(new MonitoringOptions { LearnFor = TimeSpan.Zero }, Events.Credit(3_000, 1, static _ => 0.1), 512)
            .Where(static record => record.Topic == OutputTopic.Panes).ToList();

        for (var i = 0; i < 5_000; i++)
        {
            var pane = panes[(int)(random.Next() * panes.Count)];
            var value = Mutated(random, pane.Value!);
            output.Clear();
            stage.Process("panes", 0, [new LogRecord(offset++, Events.Start, pane.Key, value)], output);
        }

        Assert.Contains(stage.Snapshot().DeadLetters, static letter => letter is { Reason: "bad_pane", Count: > 1_000 });
    }

    [Fact]
    public void Checklist_16_no_value_of_any_key_does_more_than_being_refused()
    {
        var (random, watch, refused) = (new SplitMix(17), Stopwatch.StartNew(), 0);
        string[] values = ["", "-1", "1e999", "99999999999999999999", "\u0000", "∞", "../../etc/passwd", new string('a', 100_000), new string('1', 100_000), string.Concat(Enumerable.Repeat("a=1d,", 20_000)), "{{}}", "%s%n"];
        foreach (var setting in Settings.All)
        {
            foreach (var value in values.Append(Encoding.UTF8.GetString(Mutated(random, Encoding.UTF8.GetBytes(setting.Default)))))
            {
                refused += setting.Set(new DriftdOptions(), value) is null ? 1 : 0;
            }
        }

        print.WriteLine($"{Settings.All.Count} keys, {refused} of {Settings.All.Count * (values.Length + 1)} values refused in {watch.ElapsedMilliseconds} ms");
        Assert.True(refused > Settings.All.Count * values.Length / 2);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("limits.models", "1000001")]
    [InlineData("limits.features", "100001")]
    [InlineData("limits.recordBytes", "16777217")]
    [InlineData("limits.openPredictions", "100000001")]
    [InlineData("limits.queuedBytes", "2147483649")]
    public void Checklist_16_memory_cannot_be_configured_without_a_bound(string key, string value) => Assert.StartsWith(
        $"driftd.yaml:3: {key} = {value}: must be a whole number from ",
        Assert.Throws<ValidationException>(() => Configuration.Of([YamlFile.Parse($"bootstrapServers: 127.0.0.1:1\ntopics: t\n{key}: {value}\n", "driftd.yaml")], Needs.Run)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Checklist_17_forged_events_and_labels_move_nothing_of_another_model(int seed)
    {
        var alone = new Victim(seed, forged: false);
        var beside = new Victim(seed, forged: true);

        Assert.True(beside.Forged > 4_000 && alone.Forged == 0);
        Assert.Contains(alone.Outputs, static line => line.StartsWith("Triggers", StringComparison.Ordinal));
        Assert.Equal(alone.Outputs, beside.Outputs);
    }

    [Fact]
    public void Checklist_18_a_trigger_carries_version_configuration_and_identity()
    {
        var options = new MonitoringOptions { LearnFor = TimeSpan.Zero };
        var written = new List<OutputRecord>();
        var pipeline = new Pipeline(options, Events.Topic, 1, written.Add);
        foreach (var record in Events.Credit(20_000, 3, static i => i < 10_000 ? 0.1 : 0.4))
        {
            pipeline.Process(0, record.Timestamp, record.Value!, record.Key);
        }

        using var trigger = JsonDocument.Parse(written.First(static record => record.Topic == OutputTopic.Triggers).Value);
        var data = trigger.RootElement.GetProperty("data");
        Assert.Equal("1", data.GetProperty("version").GetString());
        Assert.Equal(ConfigurationHash.Of(options with { TriggerMaxAge = null }), data.GetProperty("configHash").GetString());
        Assert.NotEqual(ConfigurationHash.Of(options), ConfigurationHash.Of(options with { Sensitive = new() { Features = ["income"] } }));
        Assert.Matches("^[0-9a-f]{32}$", trigger.RootElement.GetProperty("id").GetString());
    }

    private static void Mutate(SplitMix random, int count, Action<byte[]> read)
    {
        for (var i = 0; i < count; i++)
        {
            read(Mutated(random, Encoding.UTF8.GetBytes(Seeds[i % Seeds.Length])));
        }
    }

    /// <summary>Bytes flipped, cut out, doubled, put in; now and then made deep or long.</summary>
    private static byte[] Mutated(SplitMix random, byte[] seed)
    {
        var bytes = seed.ToList();
        for (var left = 1 + (int)(random.Next() * 6); left > 0; left--)
        {
            var (at, length) = ((int)(random.Next() * (bytes.Count + 1)), (int)(random.Next() * 12));
            switch ((int)(random.Next() * 6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << (int)(random.Next() * 8));
                    break;
                case 1:
                    bytes.RemoveRange(Math.Min(at, bytes.Count), Math.Min(length, Math.Max(0, bytes.Count - at)));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.Skip(at).Take(length).ToArray());
                    break;
                case 3:
                    bytes.InsertRange(at, "\\u[]{}\":,0e-\0\xff"u8.Slice((int)(random.Next() * 10), 3).ToArray());
                    break;
                case 4 when random.Next() < 0.02:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)(random.Next() < 0.5 ? '[' : '9'), (int)(random.Next() * 70_000)));
                    break;
            }
        }

        return [.. bytes];
    }
}
