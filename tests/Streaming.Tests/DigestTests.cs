using System.Buffers;
using System.Security.Cryptography;
using Streaming.Drift;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>Same bits everywhere: test.sh runs these once per instruction set and compares the lines <c>digest NAME VALUE</c>.</summary>
[Trait("Category", "EveryCpu")]
public class DigestTests(ITestOutputHelper output)
{
    private const int Events = 12_000;
    private const int Partitions = 2;

    private static readonly MonitoringOptions Options = new() { LearnFor = TimeSpan.FromSeconds(2), TriggerMaxAge = null };
    private static readonly LogRecord[][] Logs = [.. Enumerable.Range(0, Partitions).Select(partition => MixedEvents.Log(partition + 1, Events))];

    private static readonly OutputRecord[][] Whole = Detect(() => Events);

    /// <summary>Batch sizes; 0 stands for random ones.</summary>
    public static TheoryData<int> Splits => [1, 7, 255, 256, 257, 1_000, 0];

    /// <remarks>
    /// The value stands here because saved state is continued by later versions of the library: a changed last bit changes what a running
    /// detector would have said. A version that changes an answer on purpose changes the value and says so.
    /// </remarks>
    [Fact]
    public void All_detector_answers_have_the_digest_that_every_version_and_CPU_gives()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var detector in DetectorContractTests.All.Select(options => options.Create()))
        {
            foreach (var value in Streams.Bernoulli(11, (2_500, 0.1), (1_500, 0.6), (2_000, 0.2)).Concat(Streams.Uniform(9, (3_000, 0), (3_000, 0.3)).Select(u => u / 1.3)))
            {
                detector.Update(value);
                Add(hash, detector.Level, detector.Evidence);
            }
        }

        foreach (var detector in (IElementDetector[])[new ElementAdwin(new()), new ElementPageHinkley(new())])
        {
            foreach (var element in Sticky(4, 100_000).Concat(Streams.Uniform(4, (50_000, 0.3))).Elements(100))
            {
                detector.Update(element);
                Add(hash, detector.Level, detector.Evidence);
            }
        }

        Assert.Equal("4241abd6053411ab", Print("detectors", hash));
    }

    /// <remarks>No value stands here: bytes of panes and decisions change with every field that they gain. The other runs are the reference.</remarks>
    [Fact]
    public void All_panes_and_decisions_have_the_digest_that_every_CPU_gives()
    {
        var panes = Whole.SelectMany(outputs => outputs).Panes();
        var decisions = Decide(Whole, () => 100);

        // a digest of everything: each kind of stream, each task, references, levels of the error stream, signals of each detector, triggers
        Assert.Equal(
            ["error", "failure", "feature:age", "feature:amount", "feature:country", "feature:income", "latency", "missing", "prediction", "score"],
            panes.SelectMany(pane => pane.Streams).Select(stream => stream.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([ModelTask.Binary, ModelTask.MultiClass, ModelTask.Regression], panes.Select(pane => pane.Task).Distinct().Order());
        Assert.Equal(Partitions * MixedEvents.References, panes.Sum(pane => pane.Streams.Count(stream => stream.Reference is not null)));
        Assert.Contains(panes, pane => pane.Levels.Count > 0);
        foreach (var detector in (string[])["adwin", "psi", "ks", "page-hinkley", "share", "new-categories"])
        {
            Assert.Contains(decisions, decision => Text(decision).Contains($"\"detector\":\"{detector}\"", StringComparison.Ordinal));
        }

        Assert.Contains(decisions, decision => decision.Topic == OutputTopic.Triggers);
        Assert.NotEqual(Digest("panes", Whole.SelectMany(outputs => outputs)), Digest("decisions", decisions));
    }

    /// <remarks>Over crashes, too: what a restart brings back of the join is in it.</remarks>
    [Fact]
    public void All_panes_of_events_and_late_labels_have_the_digest_that_every_CPU_gives()
    {
        var (predictions, labels) = LabelledLog.Of(4_000, 9, 4_000);
        var options = Options with { LabelHorizons = new LabelHorizons { Default = TimeSpan.FromSeconds(3) } };
        var whole = new PairStore(options, predictions, labels, 1).Run(crash: 0, commit: 0.2, silence: 0);
        var crashed = new PairStore(options, predictions, labels, 2).Run(crash: 0.03, commit: 0.2, silence: 0);

        Assert.True(whole.Written.Panes().Sum(pane => pane.Labels) > 500 && crashed.Crashes > 0);
        Assert.Equal(whole.Written.Select(StateStore.Line), crashed.Written.Select(StateStore.Line));
        Digest("labels", whole.Written.Where(record => record.Topic == OutputTopic.Panes));
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void Any_split_of_the_logs_into_batches_gives_the_same_bytes(int batch)
    {
        var random = new SplitMix(77);
        int Next() => batch > 0 ? batch : 1 + (int)(random.Next() * 700);

        Assert.Equal(Whole.SelectMany(outputs => outputs).Select(Line), Detect(Next).SelectMany(outputs => outputs).Select(Line));
        var decisions = Decide(Whole, () => int.MaxValue).Select(Line).ToList();
        Assert.NotEmpty(decisions);
        Assert.Equal(decisions, Decide(Whole, Next).Select(Line));
    }

    private static OutputRecord[][] Detect(Func<int> batch)
    {
        var stage = new DetectStage(Options);
        var (outputs, next) = (new List<OutputRecord>[Partitions], new int[Partitions]);
        for (var partition = 0; partition < Partitions; partition++)
        {
            stage.Assign("predictions", partition, Guid.Empty);
            outputs[partition] = [];
        }

        for (var partition = 0; next.Any(offset => offset < Events); partition = (partition + 1) % Partitions)
        {
            var count = Math.Min(batch(), Events - next[partition]);
            stage.Process("predictions", partition, Logs[partition].AsSpan(next[partition], count), outputs[partition]);
            next[partition] += count;
        }

        for (var partition = 0; partition < Partitions; partition++)
        {
            stage.Flush("predictions", partition, outputs[partition], FlushReason.End);
        }

        return [.. outputs.Select(list => list.ToArray())];
    }

    private static List<OutputRecord> Decide(OutputRecord[][] detected, Func<int> batch)
    {
        // panes of the partitions by turns, as brokers would mix them
        var turns = detected.SelectMany((outputs, partition) => outputs.Select((record, i) => (record, i, partition))).OrderBy(pane => (pane.i, pane.partition));
        var panes = turns.Select((pane, i) => new LogRecord(i, i, pane.record.Key, pane.record.Value)).ToArray();
        var (stage, decisions) = (new DecideStage(Options), new List<OutputRecord>());
        stage.Assign("panes", 0, Guid.Empty);
        for (var from = 0; from < panes.Length;)
        {
            var count = Math.Min(batch(), panes.Length - from);
            stage.Process("panes", 0, panes.AsSpan(from, count), decisions);
            from += count;
        }

        return decisions;
    }

    /// <summary>Neighbours that stick together, by IEEE operations alone: the C library's functions may differ by CPU.</summary>
    private static IEnumerable<double> Sticky(int seed, int count)
    {
        var x = 0.5;
        foreach (var u in Streams.Uniform(seed, (count, 0)))
        {
            x = (0.9 * x) + (0.1 * u);
            yield return x;
        }
    }

    private static void Add(IncrementalHash hash, DriftLevel level, in Evidence evidence)
    {
        var bytes = new ArrayBufferWriter<byte>(64);
        var writer = new StateWriter(bytes);
        writer.Write((byte)level);
        evidence.Save(ref writer);
        hash.AppendData(bytes.WrittenSpan);
    }

    private static string Line(OutputRecord record) => $"{record.Topic} {record.PartitionHash} {(record.Key is { } key ? Text(key) : "-")} {Convert.ToHexString(record.Value!)}";

    private static string Text(OutputRecord record) => Text(record.Value!);

    private static string Text(byte[] utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    private string Digest(string name, IEnumerable<OutputRecord> records)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var record in records)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Line(record)));
        }

        return Print(name, hash);
    }

    private string Print(string name, IncrementalHash hash)
    {
        var value = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        output.WriteLine($"digest {name} {value}");
        return value;
    }
}
