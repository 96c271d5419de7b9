using System.Buffers;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class PoliciesTests
{
    [Fact]
    public void Confirm_decides_when_k_different_streams_stand_at_once()
    {
        var decided = Confirmed(2, [("a", 1, true), ("a", 2, true), ("b", 3, true), ("a", 4, false), ("b", 5, true), ("a", 6, true)]);

        Assert.Equal([3L, 6L], decided);
    }

    [Fact]
    public void Confirm_takes_streams_that_cannot_trigger_alone_as_company_of_one_that_can()
    {
        var (signals, decided) = (new Subject<DriftSignal>(), new List<Decision>());
        using var subscription = signals.Confirm(2, new ConfirmMemory()).Subscribe(decided.Add);

        signals.OnNext(Signal("feature:a", 1, true) with { MayTrigger = false });
        signals.OnNext(Signal("feature:b", 2, true) with { MayTrigger = false });
        signals.OnNext(Signal("error", 3, true));

        var decision = Assert.Single(decided);
        Assert.Equal((3, "error", 3L), (decision.Standing.Count, decision.Lead.Stream, decision.Signal.DetectedAt));
    }

    [Fact]
    public void Confirm_with_one_leaves_what_cannot_trigger_alone_aside()
    {
        var (signals, decided) = (new Subject<DriftSignal>(), new List<string>());
        using var subscription = signals.Confirm(1, new ConfirmMemory()).Subscribe(decision => decided.Add(decision.Signal.Stream));

        signals.OnNext(Signal("error", 1, true));
        signals.OnNext(Signal("feature:a", 2, true) with { MayTrigger = false });

        Assert.Equal(["error"], decided);
    }

    [Fact]
    public void Confirm_with_one_decides_at_every_entry_into_Drift() =>
        Assert.Equal([1L, 3L], Confirmed(1, [("a", 1, true), ("a", 2, false), ("a", 3, true)]));

    [Fact]
    public void Cooldown_lets_one_pass_and_then_none_until_it_is_over()
    {
        var (decisions, memory, passed, suppressed) = (new Subject<Decision>(), new CooldownMemory(), new List<long>(), new List<long>());
        using var subscription = decisions.Cooldown(TimeSpan.FromMilliseconds(100), memory, d => suppressed.Add(d.Signal.DetectedAt))
            .Subscribe(d => passed.Add(d.Signal.DetectedAt));

        foreach (var time in (long[])[0, 50, 99, 100, 150, 250])
        {
            decisions.OnNext(new Decision("confirm", Signal("a", time, true), []));
        }

        Assert.Equal([0L, 100L, 250L], passed);
        Assert.Equal([50L, 99L, 150L], suppressed);
    }

    [Fact]
    public void Memories_come_back_as_they_were_saved()
    {
        var (confirm, cooldown) = (new ConfirmMemory(), new CooldownMemory());
        confirm.Take(Signal("a", 1, true));
        cooldown.Admit(5, TimeSpan.FromMilliseconds(100));
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new StateWriter(bytes);
        confirm.Save(ref writer);
        cooldown.Save(ref writer);

        var (confirmBack, cooldownBack) = (new ConfirmMemory(), new CooldownMemory());
        var reader = new StateReader(bytes.WrittenSpan);
        confirmBack.Load(ref reader);
        cooldownBack.Load(ref reader);

        Assert.Equal(0, reader.Remaining);
        Assert.Equal(["b", "a"], confirmBack.Take(Signal("b", 2, true)).Select(signal => signal.Stream));
        Assert.Equal(105, cooldownBack.Until);
    }

    private static List<long> Confirmed(int k, (string Stream, long Time, bool Drift)[] signals)
    {
        var decided = new List<long>();
        using var subscription = signals.ToObservable().Select(s => Signal(s.Stream, s.Time, s.Drift)).Confirm(k, new ConfirmMemory())
            .Subscribe(decision => decided.Add(decision.Signal.DetectedAt));
        return decided;
    }

    private static DriftSignal Signal(string stream, long time, bool drift) => new()
    {
        Id = stream + time,
        Group = "driftd",
        Model = "m",
        Version = "1",
        Stream = stream,
        Detector = "adwin",
        Level = drift ? DriftLevel.Drift : DriftLevel.Stable,
        PreviousLevel = drift ? DriftLevel.Stable : DriftLevel.Drift,
        Evidence = new Evidence(0.2, 0.1, 0.1, 0.3, 100, 10, Direction.Up),
        DetectedAt = time,
        ChangedAt = time - 1,
        ChangeRounds = 1,
        RecordTime = time,
        MayTrigger = true,
        Where = [new SignalSource("predictions", 3, DriftLevel.Warning)],
    };
}
