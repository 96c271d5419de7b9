using System.Buffers;
using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>Bytes of saved state of one stream, of one detector: both stages in memory, no broker.</summary>
internal static class StateSizes
{
    private const int Few = 10;
    private const int Many = 50;
    private const int Learnt = 8_000;
    private const int Learning = 1_000;

    /// <summary>Two tables.</summary>
    public static void Append(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture,
            $"""
            Bytes that one stream adds to a model version's state, from {Few} to {Many} features: as saved, and compressed as it goes to the log.

            | stage | stream | saved | in the log |
            |---|---|--:|--:|

            """);
        Streams(text, "DETECT, numeric, its reference still learning (1,000 values)", 0, Learning, 0);
        Streams(text, "DETECT, numeric", 0, Learnt, 0);
        Streams(text, "DETECT, 20 categories", 20, Learnt, 0);
        Streams(text, "DETECT, 1,000 categories", 1_000, Learnt, 0);
        foreach (var partitions in (int[])[1, 4, 12])
        {
            Streams(text, $"DECIDE, numeric (ADWIN, PSI, KS), {partitions} input partitions", 0, Learnt, partitions);
        }

        Streams(text, "DECIDE, 20 categories (PSI, new share), 4 input partitions", 20, Learnt, 4);
        Streams(text, "DECIDE, 1,000 categories (PSI, new share), 4 input partitions", 1_000, Learnt, 4);
        text.Append("\nBytes of a detector alone, after 100,000 values (0/1, share 0.1) or 400 rounds of 256:\n\n| detector | saved |\n|---|--:|\n");
        foreach (var name in DetectorSpec.Names)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name}, per event | {Detector(DetectorSpec.Parse(name).Options.Create()):N0} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| adwin, over rounds | {Detector(new ElementAdwin(new())):N0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| page-hinkley, over rounds | {Detector(new ElementPageHinkley(new())):N0} |\n");
    }

    private static void Streams(StringBuilder text, string what, int categories, int events, int decidePartitions)
    {
        var (few, many) = (Of(Few, categories, events, decidePartitions), Of(Many, categories, events, decidePartitions));
        var name = what.Split(", ", 2);
        text.Append(CultureInfo.InvariantCulture,
            $"| {name[0]} | {name[1]} | {(many.Saved - few.Saved) / (Many - Few):N0} | {(many.Packed - few.Packed) / (Many - Few):N0} |\n");
    }

    /// <summary>State of one model version: on one partition in DETECT, or in DECIDE with so many input partitions.</summary>
    private static (long Saved, long Packed) Of(int features, int categories, int events, int decidePartitions)
    {
        var (stage, output) = (RunningStages.Stage(StageRole.Detect, "sizes"), new List<OutputRecord>());
        var panes = new List<OutputRecord>();
        for (var partition = 0; partition < Math.Max(1, decidePartitions); partition++)
        {
            stage.Assign("in", partition, Guid.Empty);
            stage.Process("in", partition, Log(features, categories, events, partition), output);
            panes.AddRange(output.Where(static record => record.Topic == OutputTopic.Panes));
            output.Clear();
        }

        if (decidePartitions == 0)
        {
            stage.Save("in", 0, SaveScope.Everything, output);
            return Bytes(output);
        }

        // rounds need the panes of all partitions side by side
        var perPartition = panes.Count / decidePartitions;
        var log = Enumerable.Range(0, perPartition)
            .SelectMany(i => Enumerable.Range(0, decidePartitions).Select(partition => panes[(partition * perPartition) + i]))
            .Select(static (pane, i) => new LogRecord(i, StateEvents.Start + i, pane.Key, pane.Value)).ToArray();
        var decide = RunningStages.Stage(StageRole.Decide, "sizes");
        decide.Assign("panes", 0, Guid.Empty);
        decide.Process("panes", 0, log, output);
        output.Clear();
        decide.Save("panes", 0, SaveScope.Everything, output);
        return Bytes(output);
    }

    private static LogRecord[] Log(int features, int categories, int events, int partition)
    {
        var random = new SplitMix64((ulong)partition + 1);
        return [.. Enumerable.Range(0, events).Select(i => new LogRecord(i, StateEvents.Start + i, null, StateEvents.Event(random, i, 0, features, categories)))];
    }

    private static (long Saved, long Packed) Bytes(List<OutputRecord> output)
    {
        using var envelope = new StateEnvelope();
        var monitors = output.Where(static record => record.Value is not null && StateKey.Decode(record.Key!).Kind == StateKind.Monitor).ToList();
        return (monitors.Sum(static record => (long)record.Value!.Length),
            monitors.Sum(record => envelope.Pack(StateKey.Decode(record.Key!), record.Value!).Sum(static part => (long)part.Value.Length)));
    }

    private static long Detector(IDriftDetector detector)
    {
        var random = new SplitMix64(1);
        for (var i = 0; i < 100_000; i++)
        {
            detector.Update(random.Uniform() < 0.1 ? 1 : 0);
        }

        var writer = new StateWriter(new ArrayBufferWriter<byte>());
        detector.Save(ref writer);
        return writer.Length;
    }

    private static long Detector(IElementDetector detector)
    {
        var random = new SplitMix64(1);
        for (var i = 0; i < 400; i++)
        {
            var mean = 0.1 + (0.02 * random.Normal());
            detector.Update(new Element(256, mean, 256 * mean * (1 - mean)));
        }

        var writer = new StateWriter(new ArrayBufferWriter<byte>());
        detector.Save(ref writer);
        return writer.Length;
    }
}
