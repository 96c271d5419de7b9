using System.Text;
using System.Text.Json;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>What a command in the panes log does to the model that it is about.</summary>
public class CommandsInDecideTests
{
    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null, Cooldown = TimeSpan.FromHours(1) };

    // the error rate rises twice, an hour of cooldown apart from nothing: 40 s of event time
    private static readonly LogRecord[] TwoRises = Panes(Events.Credit(40_000, seed: 3, static i => i < 10_000 ? 0.05 : i < 25_000 ? 0.2 : 0.45));

    [Fact]
    public void Without_a_word_from_the_pipeline_the_cooldown_holds_the_second_trigger_back() => Assert.Single(Triggers(Run(Quick, TwoRises)));

    [Theory]
    [InlineData(TrainingOutcome.Deployed, 2)]
    [InlineData(TrainingOutcome.Failed, 2)]
    [InlineData(TrainingOutcome.Accepted, 1)]
    [InlineData(TrainingOutcome.Trained, 1)]
    public void An_outcome_that_ends_a_retraining_ends_the_cooldown(TrainingOutcome outcome, int triggers) =>
        Assert.Equal(triggers, Triggers(Run(Quick, With(TwoRises, 0.5, Command(CommandKind.Outcome, outcome: outcome, version: "2")))).Count);

    [Fact]
    public void A_retraining_that_is_under_way_extends_the_cooldown()
    {
        // the second rise comes after the 10 s of the first trigger, and within those that begin when the pipeline has accepted it
        var brief = Quick with { Cooldown = TimeSpan.FromSeconds(10) };

        Assert.Equal(2, Triggers(Run(brief, TwoRises)).Count);
        Assert.Single(Triggers(Run(brief, With(TwoRises, 0.55, Command(CommandKind.Outcome, outcome: TrainingOutcome.Accepted)))));
    }

    [Fact]
    public void A_budget_holds_back_what_it_does_not_pay_for()
    {
        var options = Quick with { Cooldown = TimeSpan.Zero, Budget = new TriggerBudget(1, TimeSpan.FromHours(1)) };
        var stage = Stage(options);
        var output = new List<OutputRecord>();

        stage.Process("panes", 0, TwoRises, output);

        Assert.Single(Triggers(output));
        Assert.Equal([new SuppressedCount("credit", "budget", 1)], stage.Snapshot().Suppressed);
        Assert.Equal(2, Triggers(Run(options with { Budget = new TriggerBudget(1, TimeSpan.FromSeconds(10)) }, TwoRises)).Count);
    }

    [Fact]
    public void With_approval_a_trigger_is_a_proposal_until_someone_approves_it()
    {
        var options = Quick with { Mode = Mode.Approve };
        var proposed = Run(options, TwoRises);
        var proposal = Assert.Single(proposed, static record => Type(record) == "drift.proposal.v1");

        Assert.Empty(Triggers(proposed));
        var id = JsonElement.Parse(proposal.Value!).GetProperty("id").GetString();
        var approved = Assert.Single(Triggers(Run(
            options, With(TwoRises, 0.9, Command(CommandKind.Approval, trigger: id), Command(CommandKind.Approval, trigger: id), Command(CommandKind.Approval, trigger: "x")))));
        Assert.Equal("drift.trigger.v1", Type(approved));
        Assert.Equal(
            JsonElement.Parse(proposal.Value!).GetProperty("data").GetRawText(), JsonElement.Parse(approved.Value!).GetProperty("data").GetRawText());
        Assert.Equal(id, JsonElement.Parse(approved.Value!).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(CommandKind.Relearn, null, null)]
    [InlineData(CommandKind.Relearn, null, "1")]
    [InlineData(CommandKind.Outcome, TrainingOutcome.Deployed, null)]
    public void What_comes_after_it_is_normal_and_what_was_normal_is_drift(CommandKind kind, TrainingOutcome? outcome, string? version)
    {
        // income is shifted from the start of the second third to the end of the second, and then back where it was
        var panes = Panes(Events.Credit(45_000, seed: 3, static _ => 0.1, static i => i is >= 15_000 and < 30_000 ? 0.4 : 0));
        var (stage, output) = (Stage(Quick), new List<OutputRecord>());

        stage.Process("panes", 0, With(panes, 0.45, Command(kind, outcome: outcome, version: version)), output);

        var entries = output.Where(static record => Type(record) == "drift.signal.v1").Select(static record => JsonElement.Parse(record.Value!).GetProperty("data"))
            .Where(static data => data.GetProperty("stream").GetString() == "feature:income" && data.GetProperty("level").GetString() == "drift")
            .Select(static data => (Detector: data.GetProperty("detector").GetString(), At: data.GetProperty("detectedAt").GetDateTimeOffset().ToUnixTimeMilliseconds() - Events.Start))
            .ToList();
        foreach (var detector in (string[])["adwin", "ks", "psi"])
        {
            var times = entries.Where(entry => entry.Detector == detector).Select(static entry => entry.At).ToList();
            Assert.InRange(times[0], 15_000, 18_000);
            Assert.InRange(Assert.Single(times, static at => at > 20_250), 30_000, 33_000);
        }

        Assert.All(
            stage.Snapshot().Streams.Where(static stream => stream.Stream is "feature:amount" or "feature:purpose" or "missing" or "failure" or "error"),
            static stream => Assert.Equal(DriftLevel.Stable, stream.Level));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("1", true)]
    [InlineData("2", false)]
    public void A_model_that_is_deployed_under_the_version_that_triggered_learns_anew(string? version, bool anew)
    {
        var (stage, log) = (Stage(Quick), With(TwoRises, 0.5, Command(CommandKind.Outcome, outcome: TrainingOutcome.Deployed, version: version)));

        stage.Process("panes", 0, log.AsSpan(0, (TwoRises.Length / 2) + 1), []);

        Assert.Equal(anew, stage.Snapshot().Streams.All(static stream => stream.Level == DriftLevel.Learning));
    }

    [Fact]
    public void Another_version_is_left_alone()
    {
        var panes = Panes(Events.Credit(30_000, seed: 3, static _ => 0.1, static i => i >= 15_000 ? 0.4 : 0));

        Assert.Equal(Standing(panes), Standing(With(panes, 0.8, Command(CommandKind.Relearn, version: "9"))));

        static IEnumerable<DriftLevel> Standing(LogRecord[] log)
        {
            var stage = Stage(Quick);
            stage.Process("panes", 0, log, []);
            return stage.Snapshot().Streams.Select(static stream => stream.Level);
        }
    }

    [Fact]
    public void What_is_no_command_becomes_a_dead_letter_and_one_about_an_unknown_model_is_counted()
    {
        var (stage, output) = (Stage(Quick), new List<OutputRecord>());

        stage.Process("panes", 0, [Events.Record(0, "{}"), new LogRecord(1, 1, null, Command(CommandKind.Relearn).Encode())], output);

        Assert.Equal([OutputTopic.DeadLetters], output.Select(static record => record.Topic));
        Assert.Contains(new DeadLetterCount("panes", "bad_command", 1), stage.Snapshot().DeadLetters);
        Assert.Contains(new NamedCount("commands_without_model", 1), stage.Snapshot().Occurrences);
    }

    [Theory]
    [InlineData(Mode.Trigger)]
    [InlineData(Mode.Approve)]
    public void Crashes_at_any_point_change_nothing_that_is_written(Mode mode)
    {
        var options = Quick with { Mode = mode, Budget = new TriggerBudget(5, TimeSpan.FromSeconds(20)) };
        var log = With(
            TwoRises, 0.3, Command(CommandKind.Relearn), Command(CommandKind.Outcome, outcome: TrainingOutcome.Accepted), Command(CommandKind.Outcome, outcome: TrainingOutcome.Failed));
        var expected = new StateStore(() => new DecideStage(options), log, [], seed: 0).Run().Written.Select(StateStore.Line).ToList();

        for (var seed = 1; seed <= 6; seed++)
        {
            var crashed = new StateStore(() => new DecideStage(options), log, [], seed).RunWithCrashes(crash: 0.05, commit: 0.3, batch: 4);

            Assert.True(crashed.Crashes > 2);
            Assert.Equal(expected, crashed.Written.Select(StateStore.Line));
        }
    }

    private static ModelCommand Command(CommandKind kind, TrainingOutcome? outcome = null, string? version = null, string? trigger = null) =>
        new() { Kind = kind, Id = "c", Model = "credit", Outcome = outcome, Version = version, Trigger = trigger, Time = Events.Start };

    /// <summary>The log with commands after this share of it.</summary>
    private static LogRecord[] With(LogRecord[] panes, double share, params ModelCommand[] commands)
    {
        var at = (int)(panes.Length * share);
        var commanded = commands.Select(command => new LogRecord(0, panes[at].Timestamp, "credit"u8.ToArray(), command.Encode()));
        return [.. panes[..at].Concat(commanded).Concat(panes[at..]).Select(static (record, i) => record with { Offset = i })];
    }

    private static LogRecord[] Panes(LogRecord[] events) =>
        [.. Events.Detect(Quick, events, 512).Where(static record => record.Topic == OutputTopic.Panes).Select(static (record, i) => new LogRecord(i, i, record.Key, record.Value))];

    private static DecideStage Stage(MonitoringOptions options)
    {
        var stage = new DecideStage(options);
        stage.Assign("panes", 0, Guid.Empty);
        return stage;
    }

    private static List<OutputRecord> Run(MonitoringOptions options, LogRecord[] log)
    {
        var output = new List<OutputRecord>();
        Stage(options).Process("panes", 0, log, output);
        return output;
    }

    private static List<OutputRecord> Triggers(IEnumerable<OutputRecord> output) => [.. output.Where(static record => record.Topic == OutputTopic.Triggers)];

    private static string? Type(OutputRecord record) =>
        record.Topic is OutputTopic.Signals or OutputTopic.Triggers ? JsonElement.Parse(record.Value!).GetProperty("type").GetString() : null;
}
