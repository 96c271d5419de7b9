using Streaming.Drift;

namespace Streaming.Tests;

public class ControlsTests
{
    [Fact]
    public void Controls_do_what_they_say()
    {
        var values = Streams.Regular((3_000, 0.5)).ToArray();

        Assert.Equal(3_000, values.DriftsOf(new AlwaysOptions().Create()).Length);
        Assert.Empty(values.DriftsOf(new NeverOptions().Create()));
        Assert.Equal([999, 1_999, 2_999], values.DriftsOf(new PeriodicOptions().Create()));
    }
}
