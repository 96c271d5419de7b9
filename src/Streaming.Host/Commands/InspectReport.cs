using System.Globalization;
using System.Text.Json;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>What was found in a topic: a configuration with remarks for people, an object for machines.</summary>
internal static class InspectReport
{
    private const int MostKeys = 100;

    /// <summary>YAML that can be taken as it is; all else stands in comments.</summary>
    public static void WriteYaml(TextWriter output, TopicSample sample, EventInspection found)
    {
        void Say(string text) => output.WriteLine("# " + Printable.Text(text));

        Say(found.Records == 0
            ? $"{sample.Topic}: no record yet in its {Count(sample.Partitions, "partition")}"
            : $"{sample.Topic}: the newest {Count(found.Records, "record")} of {sample.Records.DistinctBy(static read => read.Partition).Count()} of "
                + $"{Count(sample.Partitions, "partition")}; timestamps {sample.TimestampType}");
        foreach (var format in found.Formats)
        {
            Say($"format: {format.Name}, {Share(format.Count, found.Records)}");
        }

        if (found.Records > 0)
        {
            Say(Keys(sample, found));
        }

        foreach (var key in found.Keys.Take(MostKeys))
        {
            Say($"  {key.Pointer,-40} {Kinds(key, found.Objects)}");
        }

        if (found.KeysAreCut || found.Keys.Count > MostKeys)
        {
            Say("  … and more keys: an object whose names are data? --output json lists up to 1,000");
        }

        foreach (var remark in found.Remarks)
        {
            Say("note: " + remark);
        }

        if (found.Records > 0)
        {
            Say("as configured now: " + Used(found.Records, found.RefusedAsConfigured));
            Say("with what is proposed here: " + Used(found.Records, found.RefusedAsProposed));
        }

        output.WriteLine(found.IsLabels ? $"# labels: PREDICTIONS={sample.Topic}" : $"topics: {YamlFile.Scalar(sample.Topic)}");
        if (found.Proposed.Count == 0)
        {
            return;
        }

        output.WriteLine("mapping:");
        foreach (var field in found.Proposed)
        {
            var remark = field.Key is { } key ? Kinds(key, found.Objects) : "nowhere: the key of this name is something else";
            output.WriteLine($"{$"  {field.Field}: {YamlFile.Scalar(field.Pointer)}",-44} # {remark}");
        }
    }

    /// <summary>One object.</summary>
    public static void WriteJson(TextWriter output, TopicSample sample, EventInspection found) => ResultText.WriteLine(output, json =>
    {
        json.WriteString("topic", sample.Topic);
        json.WriteNumber("partitions", sample.Partitions);
        json.WriteNumber("records", found.Records);
        json.WriteString("timestampType", sample.TimestampType);
        json.WriteNumber("keyed", found.Keyed);
        json.WriteNumber("keyedById", found.KeyedById);
        json.WriteString("partitioner", sample.Partitioner);
        Counts(json, "formats", found.Formats);
        json.WriteStartObject("keys");
        foreach (var key in found.Keys)
        {
            json.WriteStartObject(key.Pointer);
            json.WriteNumber("present", key.Present);
            Counts(json, "types", key.Kinds);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteBoolean("keysAreCut", found.KeysAreCut);
        json.WriteBoolean("isLabels", found.IsLabels);
        json.WriteStartObject("mapping");
        foreach (var field in found.Proposed)
        {
            json.WriteString(field.Field, field.Pointer);
        }

        json.WriteEndObject();
        json.WriteStartArray("notes");
        foreach (var remark in found.Remarks)
        {
            json.WriteStringValue(remark);
        }

        json.WriteEndArray();
        Counts(json, "refusedAsConfigured", found.RefusedAsConfigured);
        Counts(json, "refusedAsProposed", found.RefusedAsProposed);
    });

    private static string Keys(TopicSample sample, EventInspection found)
    {
        if (found.Keyed == 0)
        {
            return "keys of the records: none";
        }

        var rule = sample.Partitions < 2 ? "one partition, so any partitioner"
            : sample.Partitioner is { } placed ? $"where {placed} places them" : "too few to tell by which partitioner they lie";
        var isId = found.KeyedById > 0 ? $"; the event id in {Share(found.KeyedById, found.Records)}" : "";
        return $"keys of the records: in {Share(found.Keyed, found.Records)}; {rule}{isId}";
    }

    private static string Used(int records, IReadOnlyList<NamedCount> refused)
    {
        var used = $"{records - refused.Sum(static reason => reason.Count):N0} of {Count(records, "record")} can be used";
        return refused.Count == 0 ? used : $"{used}; dead letters: {string.Join(", ", refused.Take(5).Select(static reason => $"{reason.Name} {reason.Count}"))}";
    }

    private static string Kinds(InspectedKey key, int objects)
    {
        var kinds = string.Join(", ", key.Kinds.Select(kind => key.Kinds.Count == 1 ? kind.Name : $"{kind.Name} {Share(kind.Count, key.Present)}"));
        return $"{kinds}; in {Share(key.Present, objects)}";
    }

    private static void Counts(Utf8JsonWriter json, string name, IReadOnlyList<NamedCount> counts)
    {
        json.WriteStartObject(name);
        foreach (var count in counts)
        {
            json.WriteNumber(count.Name, count.Count);
        }

        json.WriteEndObject();
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count.ToString("N0", CultureInfo.InvariantCulture)} {what}s";

    // what is not quite all is not said to be all, and what is there is not said to be nothing
    private static string Share(long part, long whole) => part == whole ? "100 %"
        : $"{Math.Clamp(100.0 * part / whole, 0.1, 99.9).ToString("0.#", CultureInfo.InvariantCulture)} %";
}
