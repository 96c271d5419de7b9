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
        var alarms = Enumerable.Range(1, 3).Sum(seed =>
            Streams.Sticky(seed, 1_000_000, memory).Elements(256).DriftsOf(new ElementAdwin(new() { Delta = 0.0002 })).Length);

        Assert.InRange(alarms, 0, 3);
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
