using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Text;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests.Security;

/// <summary>Lines of the security checklist that say who may read what of an event.</summary>
public sealed class PrivacyChecklistTests : IDisposable
{
    private const int Count = 16_000;
    private const string Secret = "canary-secret-canary-secret-canary";
    private const double Phone = 4_915_112_345_678;

    // ids, keys, categories, a number as text and as its eight bytes, names and values of features that are not to be looked at
    private static readonly string[] Personal =
        ["jane.doe@", "key-of-", "DE89-", "4915112345678", Encoding.Latin1.GetString(BitConverter.GetBytes(Phone)), "ward-", "diagnosis", "broken-", Secret];

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Checklist_13_nothing_personal_is_in_signals_triggers_dead_letters_panes_state_or_metrics()
    {
        var written = Everything(new MonitoringOptions { Sensitive = Hidden() });

        Assert.All(Enum.GetValues<OutputTopic>(), topic => Assert.Contains(written, output => output.StartsWith(topic.ToString(), StringComparison.Ordinal)));
        Assert.Contains(written, static output => output.StartsWith("Signals", StringComparison.Ordinal) && output.Contains("feature:iban", StringComparison.Ordinal));
        Assert.All(Personal, personal => Assert.DoesNotContain(written, output => output.Contains(personal, StringComparison.Ordinal)));
    }

    [Fact]
    public void Checklist_13_the_same_run_shows_what_is_personal_where_nothing_is_configured()
    {
        var written = Everything(new MonitoringOptions { DeadLetters = DeadLetterContent.Record });

        // the id itself is not kept even then, and there is no secret
        Assert.All(Personal[1..^1].Append("jane.doe@"), personal => Assert.Contains(written, output => output.Contains(personal, StringComparison.Ordinal)));
    }

    [Fact]
    public void Checklist_12_labels_of_metrics_hold_no_id_key_or_value_of_an_event()
    {
        var metrics = Everything(new MonitoringOptions { Sensitive = Hidden() }).Single(static output => output.StartsWith("metrics", StringComparison.Ordinal));

        Assert.Contains("""driftd_stream_level{model="credit",version="1",stream="feature:iban",detector="psi"}""", metrics, StringComparison.Ordinal);
        Assert.All(Personal, personal => Assert.DoesNotContain(personal, metrics, StringComparison.Ordinal));
    }

    [Fact]
    public void Checklist_13_a_redacted_feature_drifts_as_it_would_in_the_open()
    {
        static string[] Drifts(List<string> written) =>
            [.. written.Where(static output => output.StartsWith("Signals", StringComparison.Ordinal) && output.Contains("feature:iban", StringComparison.Ordinal))
                .Select(static output => output[output.IndexOf("\"level\"", StringComparison.Ordinal)..output.IndexOf("\"detectedAt\"", StringComparison.Ordinal)])];

        var open = Drifts(Everything(new MonitoringOptions()));

        Assert.NotEmpty(open);
        Assert.Equal(open, Drifts(Everything(new MonitoringOptions { Sensitive = Hidden() })));
    }

    [Fact]
    public void Checklist_13_a_dead_letter_names_hashes_by_which_its_record_is_found_again()
    {
        var letter = Letter(new MonitoringOptions { Sensitive = Hidden() });

        var key = PrivacyKey.Load(_file);
        Assert.Equal(key.Text("key-of-jane"u8), letter["keyHash"]);
        Assert.Equal(key.Text("{broken-json"u8), letter["hash"]);
        Assert.StartsWith(key.Id + ":", letter["hash"], StringComparison.Ordinal);
        Assert.DoesNotContain("hash", Letter(new MonitoringOptions()).Keys);
    }

    [Fact]
    public void Checklist_13_a_key_is_replaced_and_labels_under_way_still_find_their_predictions()
    {
        var predictions = Records(static i => $$"""{"id":"e{{i}}","features":{"a":1},"prediction":0.7}""");
        var labels = Records(static i => $$"""{"id":"e{{i}}","label":1}""");
        long Joined(string before, string after)
        {
            var store = new PairStore(Under(before), predictions, labels, 1).Follow(predictions.Select(static (_, i) => (InputSide.Predictions, i)));
            store.Restart(Under(after)).FollowOn(labels.Select(static (_, i) => (InputSide.Labels, i)));
            return store.Stage.Snapshot().Labels.Joined;
        }

        var (old, next) = (new string('o', 32), new string('n', 32));
        Assert.Equal(predictions.Length, Joined(old, old));
        Assert.Equal(predictions.Length, Joined(old, next + "\n" + old));
        Assert.Equal(0, Joined(old, next));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("11111111111111111111111111111111\n22222222222222222222222222222222\n33333333333333333333333333333333")]
    public void Checklist_13_a_key_that_is_none_is_refused_without_being_shown(string text)
    {
        File.WriteAllText(_file, text);
        var problem = Assert.Throws<ValidationException>(() => Configuration.Of([YamlFile.Parse($"bootstrapServers: 127.0.0.1:1\ntopics: t\nprivacy: {{ key: '{_file}' }}\n", "driftd.yaml")], Needs.Run)).Message;

        Assert.StartsWith($"driftd.yaml:3: privacy.key = {_file}: must hold one secret of at least 32 characters", problem, StringComparison.Ordinal);
        Assert.True(text.Length == 0 || !problem.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Checklist_13_redaction_without_a_key_is_refused() => Assert.StartsWith(
        "driftd.yaml:3: privacy.redact = iban: needs privacy.key",
        Assert.Throws<ValidationException>(() => Configuration.Of([YamlFile.Parse("bootstrapServers: 127.0.0.1:1\ntopics: t\nprivacy: { redact: iban }\n", "driftd.yaml")], Needs.Run)).Message,
        StringComparison.Ordinal);

    private SensitiveFields Hidden()
    {
        File.WriteAllText(_file, Secret + "\n");
        return new() { Features = ["income"], Redacted = ["iban", "phone"], Key = PrivacyKey.Load(_file) };
    }

    private MonitoringOptions Under(string keys)
    {
        File.WriteAllText(_file, keys);
        return new() { Sensitive = new() { Key = PrivacyKey.Load(_file) } };
    }

    private static LogRecord[] Records(Func<int, string> json) => [.. Enumerable.Range(0, 500).Select(i => Events.Record(i, json(i)))];

    private static Dictionary<string, string> Letter(MonitoringOptions options)
    {
        var letter = Assert.Single(
            Events.Detect(options, [Events.Record(0, "{broken-json", key: "key-of-jane")], 1), static record => record.Topic == OutputTopic.DeadLetters);
        Assert.Empty(letter.Value!);
        return letter.Headers!.ToDictionary(static header => header.Key["__driftd.errors.".Length..], static header => Encoding.UTF8.GetString(header.Value));
    }

    /// <summary>All bytes that leave both stages, each output as text that begins with where it goes.</summary>
    private static List<string> Everything(MonitoringOptions options)
    {
        options = options with { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };
        var (detect, decide, output) = (new DetectStage(options), new DecideStage(options), new List<OutputRecord>());
        detect.Assign(Events.Topic, 0, Guid.Empty);
        detect.Pair(Events.Topic, 0, "labels", Guid.Empty, default);
        decide.Assign("panes", 0, Guid.Empty);
        for (var i = 0; i < Count; i++)
        {
            var (key, wrong) = (Encoding.UTF8.GetBytes($"key-of-{i}"), new SplitMix(i).Next() < (i < Count / 2 ? 0.1 : 0.4));
            detect.Process(Events.Topic, 0, [new LogRecord(i, Events.Start + i, key, Encoding.UTF8.GetBytes(Event(i)))], output);
            if (i % 2 == 0)
            {
                var label = $$"""{"id":"jane.doe@{{i}}","label":{{(wrong ? 0 : 1)}}}""";
                detect.Process("labels", 0, [new LogRecord(i, Events.Start + i, key, Encoding.UTF8.GetBytes(label))], output);
            }
        }

        detect.Save(Events.Topic, 0, SaveScope.Everything, output);
        detect.Flush(Events.Topic, 0, output, FlushReason.End);
        var offset = 0;
        foreach (var pane in output.Where(static record => record.Topic == OutputTopic.Panes).ToList())
        {
            decide.Process("panes", 0, [new LogRecord(offset, Events.Start + (offset++ * 256), pane.Key, pane.Value)], output);
        }

        decide.Save("panes", 0, SaveScope.Everything, output);
        return [.. output.Select(Text), "metrics " + Metrics(detect.Snapshot(), decide.Snapshot())];
    }

    private static string Event(int i)
    {
        var random = new SplitMix(i + 100_000);
        var iban = $"DE89-{(int)(random.Next() * (i < Count / 2 ? 4 : 8))}";
        return i % 1_000 == 999
            ? $$$"""{"id":"jane.doe@{{{i}}}","features":{"income":["broken-{{{i}}}"]}}"""
            : FormattableString.Invariant($$$"""{"id":"jane.doe@{{{i}}}","model":"credit","version":"1","time":{{{Events.Start + i}}},"features":{"income":{{{random.Next():0.####}}},"iban":"{{{iban}}}","phone":{{{Phone + (i % 2)}}},"diagnosis":"ward-{{{i % 3}}}"},"prediction":0.9}""");
    }

    private static string Text(OutputRecord record) => string.Join(
        '\n', [record.Topic.ToString(), Text(record.Key), Text(record.Value), .. (record.Headers ?? []).Select(static header => header.Key + "=" + Text(header.Value))]);

    private static string Text(byte[]? bytes) => Encoding.Latin1.GetString(bytes ?? []);

    private static string Metrics(StageSnapshot detect, StageSnapshot decide)
    {
        using var telemetry = new Telemetry();
        using var text = new PrometheusText([telemetry.Meter]);
        telemetry.Publish(StageRole.Detect, new WorkerSnapshot { Stage = detect });
        telemetry.Publish(StageRole.Decide, new WorkerSnapshot { Stage = decide });
        var output = new ArrayBufferWriter<byte>();
        text.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
