using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>What DECIDE shows of its streams.</summary>
public class StandingTests
{
    private const int All = 12_000, Learnt = 6_000;

    private static readonly MonitoringOptions Quick = new() { LearnFor = TimeSpan.Zero, TriggerMaxAge = null };

    [Fact]
    public void The_window_of_a_stream_is_shown_in_its_own_unit_with_the_shares_that_are_new_missing_and_out_of_range()
    {
        var version = Assert.Single(Run(Quick, All).Versions);

        // in the second half each tenth age is missing, each fourth country new, each fifth income beyond all that was learnt, 100 higher than before in the mean
        var (age, country, income) = (Of(version, "feature:age"), Of(version, "feature:country"), Of(version, "feature:income"));
        Assert.Equal(0.1, age.Missing!.Value, 0.01);
        Assert.Equal(0.25, country.NewCategories!.Value, 0.01);
        Assert.Equal(0.2, income.OutOfRange!.Value, 0.01);
        Assert.Equal((0, 0), (income.Missing!.Value, age.OutOfRange!.Value));
        Assert.InRange(income.Mean!.Value - income.ReferenceMean!.Value, 60, 140);
        Assert.Null(country.Mean);
        Assert.Null(income.NewCategories);
        Assert.Equal(0.3, Of(version, "error").Mean!.Value, 0.03);
        Assert.Equal(Events.Start + All - 1, (double)version.RoundTime!.Value, 600.0);
        Assert.Equal(Events.Start, version.Since);
    }

    [Fact]
    public void A_drift_leaves_its_time_though_the_detector_has_begun_anew()
    {
        var snapshot = Run(Quick, All);

        var error = snapshot.Streams.Single(stream => stream.Stream == "error");
        Assert.Equal(DriftLevel.Stable, error.Level);
        var model = Assert.Single(snapshot.Policies);
        Assert.InRange(model.LastTrigger!.Value - Events.Start, Learnt, Learnt + 2_000);
        Assert.InRange(error.LastDrift!.Value, model.LastTrigger.Value, Events.Start + All);
        Assert.InRange(model.CooldownLeft, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
    }

    [Fact]
    public void The_reason_says_why_a_level_is_what_it_is()
    {
        Assert.Equal(LevelReason.NoReference, Reason(Run(Quick, 1_500), "feature:income", "psi"));
        Assert.Equal(LevelReason.FewValues, Reason(Run(Quick, 3_500), "feature:income", "psi"));
        Assert.Equal(LevelReason.Below, Reason(Run(Quick, Learnt), "feature:income", "psi"));
        Assert.Equal(LevelReason.Drift, Reason(Run(Quick, All), "feature:income", "psi"));
        Assert.Equal(LevelReason.Below, Reason(Run(Quick, Learnt), "error", "adwin"));
    }

    [Fact]
    public void What_exceeds_the_budget_of_a_model_is_left_out_and_counted_and_what_drifts_is_shown_first()
    {
        var version = Assert.Single(Run(Quick with { MaxModelSeries = 10 }, All).Versions);

        var shown = version.Streams.Select(stream => stream.Stream).Distinct().ToList();
        Assert.True(version.Streams.Count <= 10);
        Assert.Contains("error", shown);
        Assert.Equal(Run(Quick, All).Versions[0].Figures.Count, shown.Count + version.LeftOut);
        Assert.All(shown.Where(name => name.StartsWith("feature:", StringComparison.Ordinal)), name =>
            Assert.Contains(version.Streams, stream => stream.Stream == name && stream.Level >= DriftLevel.Warning));
    }

    [Fact]
    public void A_snapshot_is_made_anew_only_where_a_round_has_closed()
    {
        var pipeline = Pipeline(Quick, All);

        Assert.Same(pipeline.Snapshot().Versions[0], pipeline.Snapshot().Versions[0]);
    }

    private static StreamFigures Of(VersionStanding version, string stream) => version.Figures.Single(figures => figures.Stream == stream);

    private static LevelReason Reason(StageSnapshot snapshot, string stream, string detector) =>
        snapshot.Streams.Single(standing => standing.Stream == stream && standing.Detector == detector).Reason;

    private static StageSnapshot Run(MonitoringOptions options, int events) => Pipeline(options, events).Snapshot();

    /// <summary>Events whose inputs and error change after the first half.</summary>
    private static Pipeline Pipeline(MonitoringOptions options, int events)
    {
        var (random, pipeline) = (new SplitMix(5), new Pipeline(options, Events.Topic, 1, static _ => { }));
        for (var i = 0; i < events; i++)
        {
            var changed = i >= Learnt;
            var (score, wrong) = (random.Next(), random.Next() < (changed ? 0.3 : 0.05));
            var income = changed && i % 5 == 0 ? 500 : 100 * random.Next();
            var age = changed && i % 10 == 0 ? "null" : (18 + (i * 7 % 60)).ToString(CultureInfo.InvariantCulture);
            var country = changed && i % 4 == 0 ? "XX" : i % 2 == 0 ? "DE" : "FR";
            var label = score >= 0.5 != wrong ? 1 : 0;
            pipeline.Process(0, Events.Start + i, Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"e{{{i}}}","model":"credit","version":"1","time":{{{Events.Start + i}}},"features":{"income":{{{income:0.###}}},"age":{{{age}}},"country":"{{{country}}}"},"prediction":{{{score:0.#####}}},"label":{{{label}}}}""")));
        }

        pipeline.Complete();
        return pipeline;
    }
}
