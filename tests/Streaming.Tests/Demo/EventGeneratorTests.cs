using System.Text.Json;
using Streaming.Drift;
using Streaming.Host;

namespace Streaming.Tests;

public class EventGeneratorTests
{
    private static readonly Scenario Credit = new() { Kind = ScenarioKind.Credit, Seed = 7, Events = 100_000, Partitions = 4 };

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var scenario = Credit with { Events = 2_000 };

        Assert.Equal(Bytes(scenario), Bytes(scenario));
        Assert.NotEqual(Bytes(scenario), Bytes(scenario with { Seed = 8 }));

        static byte[] Bytes(Scenario scenario) => [.. new EventGenerator(scenario).Events().SelectMany(generated => generated.Value)];
    }

    [Theory]
    [InlineData(0.02, 0.03)]
    [InlineData(0.11, 0.09)]
    [InlineData(0.11, 0.18)]
    public void The_error_rate_rises_by_the_shift_at_the_change_and_not_before(double error, double shift)
    {
        var applicants = Read(Credit with { LowestError = error, HighestError = error, Shift = shift });

        Assert.InRange(applicants.Take(50_000).Average(a => a.Wrong), error - 0.005, error + 0.005);
        Assert.InRange(applicants.Skip(50_000).Average(a => a.Wrong), error + shift - 0.007, error + shift + 0.007);
    }

    [Fact]
    public void After_the_recession_inputs_look_alike_and_only_trusted_applicants_repay_less()
    {
        var applicants = Read(Credit);
        var (before, after) = (applicants[..50_000], applicants[50_000..]);

        Assert.InRange(before.Average(a => a.Income) / after.Average(a => a.Income), 0.98, 1.02);
        Assert.InRange(before.Average(a => a.Score) - after.Average(a => a.Score), -0.01, 0.01);
        Assert.InRange(before.Count(a => a.Score < 0.5) / 50_000.0, Applicant.TrustedShare - 0.01, Applicant.TrustedShare + 0.01);
        Assert.InRange(after.Where(a => a.Score >= 0.5).Average(a => a.Wrong), 0.1, 0.12);
        Assert.InRange(after.Where(a => a.Score < 0.5).Average(a => a.Wrong), 0.22, 0.26);
    }

    [Fact]
    public void Events_fall_on_all_partitions_and_each_gets_a_thousand_a_second()
    {
        var events = new EventGenerator(Credit).Events().ToArray();

        Assert.Equal(EventGenerator.Start + 24_999, events[^1].Time);
        Assert.All(events.GroupBy(generated => generated.Partition), partition => Assert.InRange(partition.Count(), 24_000, 26_000));
    }

    [Fact]
    public void Partitions_err_at_rates_of_their_own_between_the_two_given()
    {
        var scenario = new Scenario { Kind = ScenarioKind.Stable, Seed = 3, Events = 100_000, Partitions = 4, LowestError = 0.05, HighestError = 0.2 };
        var rates = new EventGenerator(scenario).ErrorRates;

        Assert.Equal(4, rates.Distinct().Count());
        Assert.All(Read(scenario).GroupBy(a => a.Partition), partition =>
            Assert.InRange(partition.Average(a => a.Wrong) - rates[partition.Key], -0.01, 0.01));
        Assert.All(rates, rate => Assert.InRange(rate, 0.05, 0.2));
    }

    [Fact]
    public void Sticky_applicants_of_a_partition_remember_the_one_before_as_strongly_as_said()
    {
        var all = Read(new Scenario { Kind = ScenarioKind.Sticky, Seed = 5, Events = 100_000, Partitions = 2 });
        var traits = all.Where(a => a.Partition == 1).Select(a => DeterministicMath.Log(a.Income)).ToArray();

        Assert.InRange(Correlation(traits[..^1], traits[1..]), Applicant.Memory - 0.01, Applicant.Memory + 0.01);
        Assert.InRange(Correlation([.. all[..^1].Select(a => a.Wrong)], [.. all[1..].Select(a => a.Wrong)]), -0.02, 0.02);
    }

    [Fact]
    public void Stable_applicants_remember_nothing()
    {
        var traits = Read(new Scenario { Kind = ScenarioKind.Stable, Seed = 5, Events = 50_000 }).Select(a => DeterministicMath.Log(a.Income)).ToArray();

        Assert.InRange(Correlation(traits[..^1], traits[1..]), -0.02, 0.02);
    }

    [Fact]
    public void The_day_moves_the_inputs_of_a_seasonal_scenario_and_not_how_often_the_model_errs()
    {
        var applicants = Read(new Scenario { Kind = ScenarioKind.Seasonal, Seed = 5, Events = 100_000, Lasts = TimeSpan.FromDays(Scenario.Cycles) });
        var quarters = applicants.GroupBy(a => (a.Time - EventGenerator.Start) / 21_600_000 % 4).ToDictionary(quarter => quarter.Key, quarter => quarter.ToArray());

        var incomes = quarters.Values.Select(quarter => quarter.Average(a => DeterministicMath.Log(a.Income))).ToArray();
        Assert.InRange(incomes.Max() - incomes.Min(), 0.25, 0.5);
        Assert.All(quarters.Values, quarter => Assert.InRange(quarter.Average(a => a.Wrong), 0.1, 0.12));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.25, 1)]
    [InlineData(0.5, 0)]
    [InlineData(1.75, -1)]
    [InlineData(0.0833333333333333, 0.5)]
    public void The_wave_is_a_sine_to_a_thousandth(double phase, double expected) => Assert.Equal(expected, Applicant.Wave(phase), 0.0012);

    private static Outcome[] Read(Scenario scenario) => [.. new EventGenerator(scenario).Events().Select(generated =>
    {
        using var json = JsonDocument.Parse(generated.Value);
        var (score, label) = (json.RootElement.GetProperty("prediction").GetDouble(), json.RootElement.GetProperty("label").GetInt32());
        return new Outcome(
            generated.Partition, generated.Time, json.RootElement.GetProperty("features").GetProperty("income").GetDouble(), score, (score >= 0.5 ? 1 : 0) == label ? 0 : 1);
    })];

    private static double Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var covariance = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return covariance / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }

    private sealed record Outcome(int Partition, long Time, double Income, double Score, double Wrong);
}
