using Streaming.Kafka;

namespace Streaming.Tests;

public class SaveScheduleTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Nothing_is_due_at_first() => Assert.True(new SaveSchedule(_clock).Due(500) <= 0);

    [Fact]
    public void What_was_there_half_a_minute_ago_is_due()
    {
        var schedule = new SaveSchedule(_clock);
        schedule.Due(100);
        _clock.Advance(TimeSpan.FromSeconds(10));
        schedule.Due(200);
        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(100, schedule.Due(300));
    }

    [Fact]
    public void What_lies_a_hundred_thousand_records_back_is_due_at_once() => Assert.Equal(400_000, new SaveSchedule(_clock).Due(500_000));

    private sealed class ManualClock : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp() => _now;
    }
}
