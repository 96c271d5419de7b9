using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>Saved monitors of both stages, with everything in them: what comes back, and what is refused.</summary>
public class SavedBytesTests
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.FromSeconds(4), TriggerMaxAge = null };

    public static TheoryData<bool, int> Moments => new()
    {
        { true, 90 }, { true, 700 }, { true, 2_600 }, { true, 4_000 }, { false, 3 }, { false, 40 }, { false, 100 },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public void What_was_saved_and_loaded_is_saved_as_the_same_bytes(bool detect, int records)
    {
        foreach (var saved in Saved(detect, records))
        {
            var again = SavedAgain(detect, StateKey.Decode(saved.Key), saved.Value);

            Assert.Equal(StateStore.Line(saved), StateStore.Line(again));
        }
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void Bytes_that_lack_some_or_have_more_are_refused(bool detect, int records)
    {
        foreach (var saved in Saved(detect, records))
        {
            var value = saved.Value!;
            var random = new SplitMix(value.Length);
            foreach (var length in Enumerable.Range(0, Math.Min(300, value.Length)).Concat(Enumerable.Range(0, 60).Select(_ => (int)(random.Next() * value.Length))))
            {
                var refusal = Assert.Throws<InvalidDataException>(() => Load(detect, saved, value.AsSpan(0, length)));
                Assert.Contains("found", refusal.Message, StringComparison.Ordinal);
            }

            Assert.Throws<InvalidDataException>(() => Load(detect, saved, (byte[])[.. value, 0]));
        }
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public void Flipped_bytes_are_loaded_or_refused_and_nothing_else(bool detect, int records)
    {
        var refused = 0;
        foreach (var saved in Saved(detect, records))
        {
            var random = new SplitMix(records);
            for (var i = 0; i < 400; i++)
            {
                var bytes = (byte[])saved.Value!.Clone();
                bytes[(int)(random.Next() * bytes.Length)] ^= (byte)(1 << (int)(random.Next() * 8));
                bytes[(int)(random.Next() * bytes.Length)] = (byte)(random.Next() * 256);
                try
                {
                    Load(detect, saved, bytes);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public void State_of_another_partition_or_incarnation_or_a_part_of_it_is_refused()
    {
        var saved = Saved(detect: true, 90)[0];
        var key = StateKey.Decode(saved.Key);
        foreach (var other in (StateKey[])[key with { Partition = 4 }, key with { TopicId = Guid.Empty }, key with { Part = 1 }, key with { Kind = StateKind.Position }])
        {
            Assert.Contains("expected", Assert.Throws<InvalidDataException>(() => Load(detect: true, saved with { Key = other.Encode() }, saved.Value)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_newer_layout_is_refused_by_name()
    {
        foreach (var detect in (bool[])[true, false])
        {
            var saved = Saved(detect, 90)[0];
            saved.Value![0] = 2;

            Assert.Equal(
                "state at byte 0: expected version 1, found 2",
                Assert.Throws<InvalidDataException>(() => Load(detect, saved, saved.Value)).Message);
        }
    }

    [Fact]
    public void A_cursor_that_is_none_is_refused()
    {
        var cursor = new OutputRecord(OutputTopic.State, 3, Key(StateKind.Cursor).Encode(), [2, 5, .. new byte[31]]);
        Load(detect: true, cursor, cursor.Value);

        Assert.Throws<InvalidDataException>(() => Load(detect: true, cursor, cursor.Value.AsSpan(0, 32)));
        Assert.Throws<InvalidDataException>(() => Load(detect: true, cursor, (byte[])[.. cursor.Value!, 0]));
        Assert.Throws<InvalidDataException>(() => Load(detect: false, cursor, cursor.Value));
    }

    [Fact]
    public void A_summary_shows_what_a_monitor_has_taken()
    {
        var log = Events.Credit(700, seed: 1, _ => 0.1);
        foreach (var detect in (bool[])[true, false])
        {
            var panes = Events.Detect(Quick, log, 512).Panes();
            var records = detect ? log : [.. panes.Select((pane, i) => new LogRecord(i, i, null, PaneCodec.Encode(pane)))];
            var store = new StateStore(() => Stage(detect), records, [], 0).Run();

            var summary = StateSummary.Read(store.State.Values.Single(record => record.Value!.Length > 60).Value);

            var errors = panes.Sum(pane => Math.Round(pane.Streams.Single(stream => stream.Name == "error") is var error ? error.Mean * error.Count : 0));
            Assert.Equal(new StateSummary(records.Length, 700, 700, (long)errors, Events.Start + 699), summary);
        }
    }

    private static StateKey Key(StateKind kind) => new(StateStore.TopicId, StateStore.Partition, kind, "m", "1", 0);

    private static IStage Stage(bool detect) => detect ? new DetectStage(Quick) : new DecideStage(Quick);

    private static IStage Assigned(bool detect)
    {
        var stage = Stage(detect);
        stage.Assign(StateStore.Topic, StateStore.Partition, StateStore.TopicId);
        return stage;
    }

    private static void Load(bool detect, OutputRecord record, ReadOnlySpan<byte> value) =>
        Assigned(detect).Load(StateStore.Topic, StateStore.Partition, StateKey.Decode(record.Key), value);

    /// <summary>Monitors after so many records; of DECIDE one that has seen a drift.</summary>
    private static List<OutputRecord> Saved(bool detect, int records)
    {
        LogRecord[] log = detect
            ? MixedLog.Of(records, 3)
            : [.. Events.Detect(Quick, Events.Credit(24_000, seed: 3, i => i < 10_000 ? 0.1 : 0.3, i => i < 15_000 ? 0 : 0.5), 512)
                .Where(record => record.Topic == OutputTopic.Panes).Take(records).Select((record, i) => new LogRecord(i, i, null, record.Value))];
        var (stage, output) = (Assigned(detect), new List<OutputRecord>());
        stage.Process(StateStore.Topic, StateStore.Partition, log, []);
        stage.Save(StateStore.Topic, StateStore.Partition, SaveScope.Everything, output);
        return output;
    }

    private static OutputRecord SavedAgain(bool detect, StateKey key, ReadOnlySpan<byte> value)
    {
        if (detect)
        {
            var monitor = new PartitionMonitor(Quick, new MonitoredPartition(StateStore.Topic, key.Partition, key.TopicId), key.Model, key.Version);
            monitor.Load(value);
            return monitor.Save();
        }

        using var model = new ModelMonitor(Quick, key, "", new DecideCounts());
        model.Load(value);
        return model.Save();
    }
}
