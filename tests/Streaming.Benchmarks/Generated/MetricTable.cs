using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Benchmarks;

/// <summary>The README's table of metrics, made from what the instruments say of themselves.</summary>
internal static partial class MetricTable
{
    // metrics that are read together share a row
    private static readonly string[][] Together =
    [
        ["driftd_labels_total", "driftd_wrong_predictions_total"],
        ["driftd_stream_statistic", "driftd_stream_threshold", "driftd_stream_before"],
        ["driftd_stream_estimate", "driftd_stream_window_values"],
        ["driftd_stream_mean", "driftd_stream_reference_mean"],
        ["driftd_stream_missing_ratio", "driftd_stream_new_category_ratio", "driftd_stream_out_of_range_ratio"],
        ["driftd_last_round_timestamp_seconds", "driftd_version_since_timestamp_seconds"],
        ["driftd_last_trigger_timestamp_seconds", "driftd_cooldown_left_seconds"],
        ["driftd_records_total", "driftd_rebalances_total", "driftd_queued_records"],
        ["driftd_commits_total", "driftd_aborts_total", "driftd_producer_recycles_total"],
        ["driftd_commit_seconds", "driftd_processing_seconds"],
        ["driftd_restores_total", "driftd_offsets_missing_total"],
        ["driftd_restoring_partitions", "driftd_restore_read_records", "driftd_replaying_partitions", "driftd_replay_left_records"],
        ["driftd_state_values_total", "driftd_state_written_bytes_total"],
        ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"],
        ["dotnet_gc_heap_size_bytes", "dotnet_gc_allocated_bytes_total", "dotnet_gc_pause_seconds_total", "dotnet_gc_collections_total"],
    ];

    // labels whose values are few and fixed
    private static readonly string[] Listed = ["end", "reason", "what"];

    /// <summary>Puts the table in its place in the text of the README.</summary>
    public static string Put(string readme) => Place().Replace(readme, match => match.Groups["before"].Value + Markdown());

    /// <summary>The names of all metrics.</summary>
    public static IReadOnlyCollection<string> Names => Read().Keys;

    /// <summary>Name, type, meaning, by name.</summary>
    public static string Markdown()
    {
        var metrics = Read();
        var text = new StringBuilder("| name | type | meaning (labels) |\n|---|---|---|\n");
        foreach (var name in metrics.Keys)
        {
            var row = Array.Find(Together, row => row.Contains(name, StringComparer.Ordinal)) ?? [name];
            if (row[0] == name)
            {
                text.AppendLine($"| {string.Join(", ", row.Select(static name => $"`{name}`"))} | {string.Join(", ", row.Select(name => metrics[name].Type).Distinct())} | {Meaning([.. row.Select(name => metrics[name])])} |");
            }
        }

        return text.ToString();
    }

    private static string Meaning(Metric[] row)
    {
        if (row.Select(static metric => metric.Labels).Distinct().Count() == 1)
        {
            return string.Join(' ', row.Select(static metric => metric.Help)) + InBrackets(row[0].Labels);
        }

        return string.Join(' ', row.Select(static metric => metric.Help + InBrackets(metric.Labels)));
    }

    private static string InBrackets(string labels) => labels.Length > 0 ? $" ({labels})" : "";

    private static Dictionary<string, Metric> Read()
    {
        using var telemetry = SampleSnapshots.Telemetry();
        using var process = new ProcessMetrics();
        using var prometheus = new PrometheusText([telemetry.Meter, process.Meter]);
        telemetry.RecordBatch(StageRole.Detect, TimeSpan.Zero);
        telemetry.RecordCommit(StageRole.Detect, TimeSpan.Zero);
        var buffer = new ArrayBufferWriter<byte>();
        prometheus.Write(buffer);
        var lines = Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n');
        var metrics = new Dictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var help in lines.Where(static line => line.StartsWith("# HELP ", StringComparison.Ordinal)))
        {
            var (name, meaning) = (help.Split(' ')[2], string.Join(' ', help.Split(' ')[3..]));
            var type = lines.Single(line => line.StartsWith($"# TYPE {name} ", StringComparison.Ordinal)).Split(' ')[3];
            metrics.Add(name, new Metric(type, meaning, Labels(lines.Where(line => Regex.IsMatch(line, $"^{name}(_bucket)?{{")))));
        }

        return metrics;
    }

    private static string Labels(IEnumerable<string> series)
    {
        var values = series.SelectMany(static line => Label().Matches(line)).Where(static label => label.Groups["name"].Value is not "le")
            .GroupBy(static label => label.Groups["name"].Value, static label => label.Groups["value"].Value, StringComparer.Ordinal);
        return string.Join(", ", values.Select(static label =>
            label.Distinct().ToList() is { Count: > 1 } all && Listed.Contains(label.Key) ? $"{label.Key}: {string.Join(", ", all)}" : label.Key));
    }

    private readonly record struct Metric(string Type, string Help, string Labels);

    [GeneratedRegex("""[{,](?<name>[a-z_]+)="(?<value>[^"]*)["]""")]
    private static partial Regex Label();

    [GeneratedRegex(@"(?<before>^## Metrics\n.*?\n)\| name \| type \|.*?(?=\n\n)\n", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Place();
}
