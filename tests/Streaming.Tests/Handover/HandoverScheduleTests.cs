using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests;

public class HandoverScheduleTests
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);

    [Fact]
    public void Triggers_of_one_model_go_one_at_a_time_in_their_order()
    {
        var schedule = new HandoverSchedule(8);
        schedule.Add(Of("a", 1));
        schedule.Add(Of("a", 2));

        var first = schedule.Next(Start)!;
        Assert.Equal("1", first.Id);
        Assert.Null(schedule.Next(Start));

        schedule.Delivered(first);
        Assert.Equal("2", schedule.Next(Start)!.Id);
        Assert.Equal(1, schedule.Waiting);
    }

    [Fact]
    public void No_more_models_are_served_at_once_than_allowed()
    {
        var schedule = new HandoverSchedule(2);
        foreach (var model in (string[])["a", "b", "c"])
        {
            schedule.Add(Of(model, 1));
        }

        var first = schedule.Next(Start)!;
        Assert.NotNull(schedule.Next(Start));
        Assert.Null(schedule.Next(Start));

        schedule.Delivered(first);
        Assert.NotNull(schedule.Next(Start));
    }

    [Fact]
    public void A_model_whose_receiver_fails_holds_up_no_other()
    {
        var schedule = new HandoverSchedule(1);
        schedule.Add(Of("a", 1));
        schedule.Add(Of("b", 2));

        var failing = schedule.Next(Start)!;
        schedule.Refused(failing, null, Start);

        Assert.NotEqual(failing.Model, schedule.Next(Start)!.Model);
    }

    [Fact]
    public void Waits_double_from_1_s_to_5_min_and_begin_anew_after_a_success()
    {
        var schedule = new HandoverSchedule(1);
        schedule.Add(Of("a", 1));
        schedule.Add(Of("a", 2));
        var (now, waits) = (Start, new List<double>());
        for (var i = 0; i < 70; i++)
        {
            var (wait, failures) = schedule.Refused(schedule.Next(now)!, null, now);
            Assert.Equal(i + 1, failures);
            Assert.Null(schedule.Next(now + wait - TimeSpan.FromTicks(1)));
            waits.Add(wait.TotalSeconds);
            now += wait;
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], waits.Take(11));
        Assert.Equal(300, waits[^1]);

        schedule.Delivered(schedule.Next(now)!);
        Assert.Equal(TimeSpan.FromSeconds(1), schedule.Refused(schedule.Next(now)!, null, now).Wait);
    }

    [Theory]
    [InlineData(0.1, 1)]
    [InlineData(30, 30)]
    [InlineData(86_400, 300)]
    public void A_receiver_may_ask_for_more_time_within_bounds(double asked, double waits)
    {
        var schedule = new HandoverSchedule(1);
        schedule.Add(Of("a", 1));

        Assert.Equal(waits, schedule.Refused(schedule.Next(Start)!, TimeSpan.FromSeconds(asked), Start).Wait.TotalSeconds);
    }

    private static Trigger Of(string model, int id) => new(new TriggerRecord(0, id, []), id.ToString(), model, "-", "r");
}
