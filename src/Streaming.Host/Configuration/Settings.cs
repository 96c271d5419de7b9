using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>All keys of the configuration, in the order in which they are shown.</summary>
internal static partial class Settings
{
    /// <summary>Begins the keys that go to librdkafka as they are.</summary>
    public const string ClientProperties = "kafka.";

    private const string Names = "must be names of features, several separated by commas";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The keys.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Attachment(), .. Decisions(), .. Operation(), .. Privacy(), .. Mapping(), .. Limits(), .. Detectors()];

    /// <summary>The key that a wrong one is most like.</summary>
    public static string Nearest(string key) => All.MinBy(setting => Distance(setting.Key, key))!.Key;

    private static IEnumerable<Setting> Attachment() =>
    [
        Setting.Text("bootstrapServers", "must be host:port, several separated by commas", static text => Every(text, IsServer),
            static o => o.Kafka.BootstrapServers, static (o, v) => o with { Kafka = o.Kafka with { BootstrapServers = Trimmed(v) } }),
        Setting.Text("topics", "must be names of topics (letters, digits, '.', '_', '-', at most 249), several separated by commas",
            static text => Every(text, static part => Topic().IsMatch(part) && part is not ("." or "..")),
            static o => string.Join(',', o.Kafka.Topics), static (o, v) => o with { Kafka = o.Kafka with { Topics = [.. Parts(v).Distinct()] } }),
        new Setting("labels", "must be predictions=labels, names of topics, several separated by commas, each labels topic once",
            static o => o.Kafka.Labels.Count == 0 ? null : string.Join(',', o.Kafka.Labels.Select(static pair => $"{pair.Key}={pair.Value}")), SetLabels),
        Setting.Text("group", "must be 1 to 200 letters, digits, '.', '_' or '-'", Name200().IsMatch, static o => o.Kafka.Group,
            static (o, v) => o with { Kafka = o.Kafka with { Group = v }, Monitoring = o.Monitoring with { Group = v } }),
        Setting.Text("prefix", "must be 1 to 200 letters, digits, '.', '_' or '-'", Name200().IsMatch, static o => o.Kafka.Prefix,
            static (o, v) => o with { Kafka = o.Kafka with { Prefix = v } }),
        Setting.Text("slot", "must be 1 to 64 letters, digits, '.', '_' or '-'", static text => text.Length <= 64 && Name200().IsMatch(text),
            static o => o.Kafka.Slot, static (o, v) => o with { Kafka = o.Kafka with { Slot = v } }),
        new Setting("roles", "must be detect, decide or detect,decide", static o => string.Join(',', o.Roles).ToLowerInvariant(), SetRoles),
        Setting.Text("listen", "must be host:port, the host an IPv4 address, an IPv6 address in brackets or localhost, the port 0 to 65535", IsListen,
            static o => o.Listen, static (o, v) => o with { Listen = v }),
        Setting.Text("http.certificate", "must be a file", File.Exists, static o => o.Http.Certificate,
            static (o, v) => o with { Http = o.Http with { Certificate = v } }),
        Setting.Text("http.key", "must be a file", File.Exists, static o => o.Http.Key, static (o, v) => o with { Http = o.Http with { Key = v } }),
        Setting.Text("http.readTokens", "must be SHA-256 hashes, 64 hexadecimal digits each, several separated by commas",
            static text => Every(text, WebAccess.IsHash), static o => string.Join(',', o.Http.ReadTokens),
            static (o, v) => o with { Http = o.Http with { ReadTokens = Parts(v) } }),
        Setting.Flag("http.allowPlain", static o => o.Http.AllowPlain, static (o, v) => o with { Http = o.Http with { AllowPlain = v } }),
    ];

    private static IEnumerable<Setting> Decisions() =>
    [
        Setting.Choice("mode", static o => o.Monitoring.Mode, static (o, v) => o with { Monitoring = o.Monitoring with { Mode = v } }),
        Setting.Duration("learnFor", TimeSpan.Zero, 30 * Day, static o => o.Monitoring.LearnFor,
            static (o, v) => o with { Monitoring = o.Monitoring with { LearnFor = v } }),
        new Setting("triggerMaxAge", "must be off or a duration from 1s, written as 250ms, 5s, 10m, 24h or 7d",
            static o => o.Monitoring.TriggerMaxAge is { } age ? Durations.Text(age) : "off", SetTriggerMaxAge),
        Setting.Duration("cooldown", TimeSpan.Zero, 365 * Day, static o => o.Monitoring.Cooldown,
            static (o, v) => o with { Monitoring = o.Monitoring with { Cooldown = v } }),
        new Setting("budget", "must be off or a number of triggers from 1 to 1000 and a duration from 1s to 365d, such as 3/7d",
            static o => o.Monitoring.Budget is { } budget ? $"{budget.Triggers}/{Durations.Text(budget.Period)}" : "off", SetBudget),
        Setting.Duration<MonitoringOptions>("modelIdle", nameof(MonitoringOptions.ModelIdle), static o => o.Monitoring.ModelIdle,
            static (o, v) => o with { Monitoring = o.Monitoring with { ModelIdle = v } }),
        Setting.Number<MonitoringOptions>("confirmations", nameof(MonitoringOptions.Confirmations), static o => o.Monitoring.Confirmations,
            static (o, v) => o with { Monitoring = o.Monitoring with { Confirmations = (int)v } }),
        Setting.Choice("triggerOnInputDrift", static o => o.Monitoring.TriggerOnInputDrift,
            static (o, v) => o with { Monitoring = o.Monitoring with { TriggerOnInputDrift = v } }),
        Setting.Flag("expectLabels", static o => o.Monitoring.ExpectLabels,
            static (o, v) => o with { Monitoring = o.Monitoring with { ExpectLabels = v } }),
        new Setting("labelHorizon", "must be a duration from 1s to 365d, then model=duration for others, separated by commas: 7d, fraud=60d",
            static o => Show(o.Monitoring.LabelHorizons), SetHorizons),
        Setting.Text("reference", "must be a file", File.Exists, static o => o.Reference, static (o, v) => o with { Reference = v }),
    ];

    private static IEnumerable<Setting> Operation() =>
    [
        Setting.Text("startFrom", "must be earliest, latest or a time with its zone, such as 2026-11-22T10:00:00Z", IsStart,
            static o => o.Kafka.StartFrom, static (o, v) => o with { Kafka = o.Kafka with { StartFrom = v } }),
        Setting.Choice("onMissingOffsets", static o => o.Kafka.OnMissingOffsets,
            static (o, v) => o with { Kafka = o.Kafka with { OnMissingOffsets = v } }),
        Setting.Duration<KafkaOptions>("commitInterval", nameof(KafkaOptions.CommitInterval), static o => o.Kafka.CommitInterval,
            static (o, v) => o with { Kafka = o.Kafka with { CommitInterval = v } }),
        Setting.Duration<KafkaOptions>("transactionTimeout", nameof(KafkaOptions.TransactionTimeout), static o => o.Kafka.TransactionTimeout,
            static (o, v) => o with { Kafka = o.Kafka with { TransactionTimeout = v } }),
        Setting.Duration<KafkaOptions>("idleFlush", nameof(KafkaOptions.IdleFlush), static o => o.Kafka.IdleFlush,
            static (o, v) => o with { Kafka = o.Kafka with { IdleFlush = v } }),
        Setting.Choice("deadLetters", static o => o.Monitoring.DeadLetters,
            static (o, v) => o with { Monitoring = o.Monitoring with { DeadLetters = v } }),
        Setting.Text("otlp.endpoint", "must be a URL that begins with http:// or https://", static text => OtlpPush.Address(text) is not null,
            static o => o.OtlpEndpoint, static (o, v) => o with { OtlpEndpoint = v }),
        Setting.Duration("otlp.interval", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), static o => o.OtlpInterval,
            static (o, v) => o with { OtlpInterval = v }),
        Setting.Choice("logFormat", static o => o.LogFormat, static (o, v) => o with { LogFormat = v }),
    ];

    private static IEnumerable<Setting> Privacy() =>
    [
        Setting.Text("privacy.features", Names, static text => Parts(text).Length > 0, static o => string.Join(',', o.Monitoring.Sensitive.Features),
            static (o, v) => Sensitive(o, o.Monitoring.Sensitive with { Features = Parts(v) })),
        Setting.Text("privacy.redact", Names, static text => Parts(text).Length > 0, static o => string.Join(',', o.Monitoring.Sensitive.Redacted),
            static (o, v) => Sensitive(o, o.Monitoring.Sensitive with { Redacted = Parts(v) })),
        Setting.Text("privacy.key", "must be a file", File.Exists, static o => o.PrivacyKey, static (o, v) => o with { PrivacyKey = v }),
    ];

    private static DriftdOptions Sensitive(DriftdOptions options, SensitiveFields fields) =>
        options with { Monitoring = options.Monitoring with { Sensitive = fields } };

    private static IEnumerable<Setting> Mapping() =>
    [
        Pointer("id", static m => m.Id, static (m, v) => m with { Id = v }),
        Pointer("model", static m => m.Model, static (m, v) => m with { Model = v }),
        Pointer("version", static m => m.Version, static (m, v) => m with { Version = v }),
        Pointer("time", static m => m.Time, static (m, v) => m with { Time = v }),
        Pointer("features", static m => m.Features, static (m, v) => m with { Features = v }),
        Pointer("prediction", static m => m.Prediction, static (m, v) => m with { Prediction = v }),
        Pointer("label", static m => m.Label, static (m, v) => m with { Label = v }),
        Pointer("latencyMs", static m => m.Latency, static (m, v) => m with { Latency = v }),
        Pointer("failure", static m => m.Failure, static (m, v) => m with { Failure = v }),
    ];

    private static IEnumerable<Setting> Limits() =>
    [
        Setting.Number<MonitoringOptions>("limits.models", nameof(MonitoringOptions.MaxModels), static o => o.Monitoring.MaxModels,
            static (o, v) => o with { Monitoring = o.Monitoring with { MaxModels = (int)v } }),
        Setting.Number<MonitoringOptions>("limits.features", nameof(MonitoringOptions.MaxFeatures), static o => o.Monitoring.MaxFeatures,
            static (o, v) => o with { Monitoring = o.Monitoring with { MaxFeatures = (int)v } }),
        Setting.Number<MonitoringOptions>("limits.modelSeries", nameof(MonitoringOptions.MaxModelSeries), static o => o.Monitoring.MaxModelSeries,
            static (o, v) => o with { Monitoring = o.Monitoring with { MaxModelSeries = (int)v } }),
        Setting.Number<MonitoringOptions>("limits.recordBytes", nameof(MonitoringOptions.MaxRecordBytes), static o => o.Monitoring.MaxRecordBytes,
            static (o, v) => o with { Monitoring = o.Monitoring with { MaxRecordBytes = (int)v } }),
        Setting.Number<MonitoringOptions>("limits.openPredictions", nameof(MonitoringOptions.MaxOpenPredictions), static o => o.Monitoring.MaxOpenPredictions,
            static (o, v) => o with { Monitoring = o.Monitoring with { MaxOpenPredictions = (int)v } }),
        Setting.Number<KafkaOptions>("limits.queuedRecords", nameof(KafkaOptions.MaxQueuedRecords), static o => o.Kafka.MaxQueuedRecords,
            static (o, v) => o with { Kafka = o.Kafka with { MaxQueuedRecords = (int)v } }),
        Setting.Number<KafkaOptions>("limits.queuedBytes", nameof(KafkaOptions.MaxQueuedBytes), static o => o.Kafka.MaxQueuedBytes,
            static (o, v) => o with { Kafka = o.Kafka with { MaxQueuedBytes = v } }),
    ];

    private static IEnumerable<Setting> Detectors() =>
    [
        Setting.Real<MonitoringOptions>("detectors.adwin.delta", nameof(MonitoringOptions.AdwinDelta), static o => o.Monitoring.AdwinDelta,
            static (o, v) => o with { Monitoring = o.Monitoring with { AdwinDelta = v } }),
    ];

    private static DriftdOptions? SetBudget(DriftdOptions options, string text)
    {
        if (text == "off")
        {
            return options with { Monitoring = options.Monitoring with { Budget = null } };
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && int.TryParse(text[..slash], NumberStyles.None, null, out var triggers) && triggers is >= 1 and <= 1_000
            && Durations.Parse(text[(slash + 1)..]) is { } period && period >= TimeSpan.FromSeconds(1) && period <= 365 * Day
                ? options with { Monitoring = options.Monitoring with { Budget = new TriggerBudget(triggers, period) } }
                : null;
    }

    private static Setting Pointer(string field, Func<EventMapping, string> get, Func<EventMapping, string, EventMapping> set) => Setting.Text(
        "mapping." + field, $"must be a JSON Pointer that begins with '/', for example /{field}", static text => text.Length > 1 && text[0] == '/',
        o => get(o.Monitoring.Mapping), (o, v) => o with { Monitoring = o.Monitoring with { Mapping = set(o.Monitoring.Mapping, v) } });

    private static DriftdOptions? SetRoles(DriftdOptions options, string text)
    {
        var roles = new SortedSet<StageRole>();
        foreach (var part in Parts(text))
        {
            if (part is not ("detect" or "decide"))
            {
                return null;
            }

            roles.Add(part == "detect" ? StageRole.Detect : StageRole.Decide);
        }

        return roles.Count > 0 ? options with { Roles = [.. roles] } : null;
    }

    private static DriftdOptions? SetTriggerMaxAge(DriftdOptions options, string text)
    {
        var age = text == "off" ? null : Durations.Parse(text);
        return text == "off" || age >= TimeSpan.FromSeconds(1) ? options with { Monitoring = options.Monitoring with { TriggerMaxAge = age } } : null;
    }

    private static bool IsStart(string text) =>
        text is "earliest" or "latest" || (Time().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _));

    private static string[] Parts(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Trimmed(string text) => string.Join(',', Parts(text));

    private static bool Every(string text, Predicate<string> check) => Parts(text) is { Length: > 0 } parts && Array.TrueForAll(parts, check);

    private static bool IsListen(string text)
    {
        try
        {
            ListenAddress.Parse(text);
            return true;
        }
        catch (ValidationException)
        {
            return false;
        }
    }

    private static bool IsServer(string text) => Server().Match(text) is { Success: true } match && int.Parse(match.Groups["port"].Value) <= ushort.MaxValue;

    /// <summary>Edit distance, upper and lower case alike.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, _) = (row[0], row[0] = i);
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    [GeneratedRegex(@"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(?<port>\d{1,5})\z")]
    private static partial Regex Server();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex Topic();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,200}\z")]
    private static partial Regex Name200();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex Time();
}
