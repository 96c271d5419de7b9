using Streaming.Host;

namespace Streaming.Tests;

public class PaceTests
{
    [Fact]
    public void So_many_steps_a_second_pass()
    {
        var clock = new HandClock();
        var pace = new Pace(200, clock, clock.Advance);

        for (var i = 0; i < 1_001; i++)
        {
            pace.Next();
        }

        Assert.Equal(5, clock.Elapsed.TotalSeconds, 0.01);
    }

    [Fact]
    public void A_pause_is_made_up()
    {
        var clock = new HandClock();
        var pace = new Pace(100, clock, clock.Advance);
        pace.Next();
        clock.Advance(TimeSpan.FromSeconds(3));

        for (var i = 1; i <= 500; i++)
        {
            pace.Next();
        }

        Assert.Equal(5, clock.Elapsed.TotalSeconds, 0.01);
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Elapsed { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Elapsed.Ticks;

        public void Advance(TimeSpan span) => Elapsed += span;
    }
}
