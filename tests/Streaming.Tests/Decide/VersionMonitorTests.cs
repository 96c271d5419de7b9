using Streaming.Monitoring;

namespace Streaming.Tests;

public class VersionMonitorTests
{
    [Fact]
    public void Panes_of_few_events_gather_until_a_round_is_large_enough_to_be_judged()
    {
        // a pane ends after 5 s of event time: here after 168 events
        var options = new MonitoringOptions { LearnFor = TimeSpan.Zero };
        var panes = Events.Detect(options, Events.Credit(1_000, seed: 3, _ => 0.1, stepMilliseconds: 30), 512).Panes();
        var version = new VersionMonitor("1", options, new DecideCounts());

        var closed = panes.Take(4).Select((pane, i) => version.Take(pane, i, i, replayed: false)).ToArray();

        Assert.All(panes.Take(4), pane => Assert.InRange(pane.Events, 129, 255));
        Assert.Equal([false, true, false, true], closed);
    }
}
