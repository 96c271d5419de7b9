using System.Globalization;
using System.Text.Json;

namespace Streaming.Host;

/// <summary>The status of an instance for people and for machines.</summary>
internal static class StatusReport
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, InstanceStatus status, bool asJson)
    {
        if (!asJson)
        {
            WriteTable(output, status);
            return;
        }

        ResultText.WriteLine(output, json => Members(json, status));
        foreach (var version in status.Versions)
        {
            ResultText.WriteLine(output, json => Members(json, version));
        }
    }

    private static void WriteTable(TextWriter output, InstanceStatus status)
    {
        foreach (var (stage, isReady) in status.Ready)
        {
            var lag = status.Lag.TryGetValue(stage, out var records) ? $"{Number(records)} records behind" : "no partition";
            output.WriteLine($"{Printable.Text(stage)}: {(isReady ? "ready" : "not ready")}, {lag}");
        }

        if (status.DeadLetters > 0)
        {
            output.WriteLine($"{Number(status.DeadLetters)} dead letters since it began");
        }

        if (status.Versions.Count == 0)
        {
            output.WriteLine("no model yet");
            return;
        }

        var table = ResultText.Table("model", "version", "level", "nearest to its threshold", "at ", "learning", "events ", "labels ", "last trigger", "cooldown ");
        foreach (var version in status.Versions)
        {
            ResultText.Add(
                table, version.Model, version.Version, version.Level ?? "",
                version.Nearest is { } nearest ? $"{nearest.Stream} {nearest.Detector}" : "",
                version.Nearest is { } near ? (100 * near.Share).ToString("0", CultureInfo.InvariantCulture) + " %" : "",
                Learning(version), Number(version.Events), Number(version.Labels), Time(version.LastTrigger) ?? "",
                version.CooldownLeft > TimeSpan.Zero ? Durations.Text(TimeSpan.FromSeconds(Math.Round(version.CooldownLeft.TotalSeconds))) : "");
        }

        ResultText.Write(output, table);
    }

    /// <summary>How many of the pairs of stream and detector judge already, and what the others wait for.</summary>
    private static string Learning(VersionStatus version)
    {
        if (version.Watched == 0)
        {
            return "";
        }

        var judging = version.Watched - version.Learning.Values.Sum();
        var reasons = string.Join(", ", version.Learning.OrderByDescending(static reason => reason.Value).Select(static reason => $"{reason.Key} {reason.Value}"));
        return reasons.Length == 0 ? $"all {judging} judge" : $"{judging} of {version.Watched} judge: {reasons}";
    }

    private static void Members(Utf8JsonWriter json, InstanceStatus status)
    {
        json.WriteString("kind", "instance");
        json.WriteStartObject("ready");
        foreach (var (stage, isReady) in status.Ready)
        {
            json.WriteBoolean(stage, isReady);
        }

        json.WriteEndObject();
        json.WriteStartObject("lagRecords");
        foreach (var (stage, records) in status.Lag)
        {
            json.WriteNumber(stage, records);
        }

        json.WriteEndObject();
        json.WriteNumber("deadLetters", status.DeadLetters);
        json.WriteNumber("versions", status.Versions.Count);
    }

    private static void Members(Utf8JsonWriter json, VersionStatus version)
    {
        json.WriteString("kind", "version");
        json.WriteString("model", version.Model);
        json.WriteString("version", version.Version);
        json.WriteString("level", version.Level);
        if (version.Nearest is { } nearest)
        {
            json.WriteStartObject("nearest");
            json.WriteString("stream", nearest.Stream);
            json.WriteString("detector", nearest.Detector);
            json.WriteNumber("statistic", nearest.Statistic);
            json.WriteNumber("threshold", nearest.Threshold);
            json.WriteEndObject();
        }

        json.WriteNumber("watched", version.Watched);
        json.WriteStartObject("learning");
        foreach (var (reason, count) in version.Learning)
        {
            json.WriteNumber(reason, count);
        }

        json.WriteEndObject();
        ResultText.Number(json, "events", version.Events);
        ResultText.Number(json, "labels", version.Labels);
        json.WriteString("lastTrigger", Time(version.LastTrigger));
        json.WriteNumber("cooldownSeconds", version.CooldownLeft.TotalSeconds);
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
}
