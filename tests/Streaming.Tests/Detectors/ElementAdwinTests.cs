using Streaming.Drift;

namespace Streaming.Tests;

public class ElementAdwinTests
{
    [Fact]
    public void Nine_points_more_errors_are_found_within_1500_events_for_every_seed()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var drifts = Streams.Bernoulli(seed, (25_600, 0.11), (25_600, 0.20)).Elements(256).DriftsOf(new ElementAdwin(new()));

            Assert.InRange(((drifts[0] + 1) * 256) - 25_600, 1, 1_500);
        }
    }

    [Fact]
    public void Independent_values_raise_no_alarm_in_4_million() =>
        Assert.Empty(Enumerable.Range(1, 4).SelectMany(seed =>
            Streams.Bernoulli(seed, (1_000_000, 0.11)).Elements(256).DriftsOf(new ElementAdwin(new()))));

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Values_that_stick_together_raise_at_most_one_alarm_per_million(double memory)
    {
        var alarms = Enumerable.Range(1, 2).Sum(seed =>
            Streams.Sticky(seed, 500_000, memory).Elements(256).DriftsOf(new ElementAdwin(new() { Delta = 0.0002 })).Length);

        Assert.InRange(alarms, 0, 1);
    }

    [Fact]
    public void The_next_call_begins_with_what_came_after_the_cut()
    {
        var detector = new ElementAdwin(new());
        var elements = Streams.Bernoulli(5, (20_480, 0.1), (20_480, 0.5)).Elements(256).ToList();
        var drift = elements.FindIndex(element => detector.Update(element) == DriftLevel.Drift);

        Assert.Equal(80, drift + 1 - detector.ChangeElements);
        Assert.Equal(detector.ChangeElements * 256, detector.Evidence.ChangeAge);
        Assert.Equal(DriftLevel.Learning, detector.Update(elements[drift + 1]));
        Assert.InRange(detector.Estimate, 0.4, 0.6);
    }

    [Fact]
    public void An_unwatched_fall_moves_the_window_silently_and_a_rise_after_it_is_found()
    {
        var drifts = Streams.Bernoulli(5, (51_200, 0.3), (51_200, 0.1), (51_200, 0.3)).Elements(256)
            .DriftsOf(new ElementAdwin(new() { Direction = Direction.Up }));

        Assert.InRange(Assert.Single(drifts), 400, 406);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(1e15 / 3)]
    [InlineData(1e300)]
    public void A_constant_stream_has_no_change_and_says_so(double constant)
    {
        var detector = new ElementAdwin(new());
        for (var i = 1; i <= 2_000; i++)
        {
            Assert.Equal(i < 8 ? DriftLevel.Learning : DriftLevel.Stable, detector.Update(new Element(100 + i, constant, 0)));
            Assert.Equal((constant, constant), (detector.Evidence.Before, detector.Evidence.After));
            Assert.Equal((100L * i) + (i * (i + 1) / 2), detector.Evidence.Count);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e12)]
    public void The_bound_is_that_of_the_paper_over_events_with_the_larger_variance(double offset)
    {
        // 10 elements of 200 events around 0, then 10 around 1, each with M2 = 50
        var (detector, delta) = (new ElementAdwin(new() { Delta = 0.01 }), 0.01);
        for (var i = 0; i < 12; i++)
        {
            detector.Update(new Element(200, offset + (i < 10 ? 0 : 0.01), 50));
        }

        var (n, n0) = (2_400.0, 2_000.0);
        var mean = 0.01 * 400 / n;
        var variance = ((12 * 50) + (2_000 * mean * mean) + (400 * (0.01 - mean) * (0.01 - mean))) / n;
        var confidence = Math.Log(2 * Math.Log(n) / delta);
        var m = (1 / n0) + (1 / 400.0);
        Assert.Equal(Math.Sqrt(2 * m * variance * confidence) + (2.0 / 3 * confidence * m), detector.Evidence.Threshold, offset == 0 ? 1e-12 : 1e-3);
        Assert.Equal(0.01, detector.Evidence.Statistic, offset == 0 ? 1e-12 : 1e-3);
        Assert.Equal(400, detector.Evidence.ChangeAge);
    }

    [Fact]
    public void Too_few_elements_for_a_long_run_variance_cannot_be_asked_for() =>
        Assert.Contains("MinElements", Assert.ThrowsAny<Exception>(() => new ElementAdwin(new() { MinElements = 2 })).Message, StringComparison.Ordinal);

    [Fact]
    public void Fewer_than_8_elements_are_never_judged()
    {
        var detector = new ElementAdwin(new());
        for (var i = 0; i < 7; i++)
        {
            Assert.Equal(DriftLevel.Learning, detector.Update(new Element(1_000, i < 4 ? 0 : 1, 0)));
        }
    }
}
