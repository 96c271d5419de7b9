using System.Globalization;
using System.Text;
using Streaming.Host;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>Measures decode, observe and DECIDE alone, in memory: nanoseconds of processor time per event.</summary>
internal static class StagesCommand
{
    private const long Start = 1_795_000_000_000;
    private const int EventsPerMillisecond = 8;

    public static int Run(string[] words)
    {
        if (Usage.Options(words, "--events", "--features") is not { } options)
        {
            return Usage.Print();
        }

        var (events, features) = (options.Number("--events", 200_000), options.Number("--features", 8));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"""
            {events:N0} events of {features} numeric features, one model version, one partition, {EventsPerMillisecond} events per millisecond; ns of processor time per event, the least of several runs.
            Short: numbers of 4 decimals, epoch milliseconds, a label. Long: numbers of 15 to 17 digits, RFC 3339 time, no label.


            """);
        text.Append("| events | bytes | decode | observe | DECIDE |\n|---|--:|--:|--:|--:|\n");
        foreach (var isLong in (bool[])[false, true])
        {
            var random = new SplitMix64(1);
            var records = Enumerable.Range(0, events).Select(i => new LogRecord(i, Start + (i / EventsPerMillisecond), [1], Event(random, i, features, isLong))).ToArray();
            var times = StageTimes.Of("predictions", records);
            text.Append(CultureInfo.InvariantCulture, $"| {(isLong ? "long" : "short")} | {times.Bytes:0} | {times.Decode:0} | {times.Observe:0} | {times.Decide:0} |\n");
        }

        Results.Write("stages", words, text.ToString(), save: words.Length == 0);
        return 0;
    }

    private static byte[] Event(SplitMix64 random, int i, int features, bool isLong)
    {
        if (!isLong)
        {
            return PipelineCommand.Event(random, i, features);
        }

        var text = new StringBuilder(512);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(Start + (i / EventsPerMillisecond));
        text.Append(CultureInfo.InvariantCulture, $"{{\"id\": \"{i:x8}\", \"model\": \"fraud\", \"version\": \"2026-11-01\", \"time\": \"{time:yyyy-MM-ddTHH:mm:ss.fffZ}\", \"features\": {{");
        for (var feature = 0; feature < features; feature++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(feature > 0 ? ", " : "")}\"f{feature}\": {0.5 + (0.1 * random.Normal()):R}");
        }

        text.Append(CultureInfo.InvariantCulture, $"}}, \"prediction\": {random.Uniform():R}}}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
