using Streaming.Host;

namespace Streaming.Tests;

public class DurationsTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("250ms", 250L)]
    [InlineData("5s", 5_000L)]
    [InlineData("10m", 600_000L)]
    [InlineData("24h", 86_400_000L)]
    [InlineData("7d", 604_800_000L)]
    public void A_number_with_a_unit_is_a_duration(string text, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Durations.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("+5s")]
    [InlineData("1.5h")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5w")]
    [InlineData("4294967295d")]
    [InlineData("99999999999s")]
    public void Anything_else_is_none(string text) => Assert.Null(Durations.Parse(text));

    [Theory]
    [InlineData(0L, "0s")]
    [InlineData(90_000L, "90s")]
    [InlineData(3_600_000L, "1h")]
    [InlineData(86_400_000L, "1d")]
    [InlineData(1_500L, "1500ms")]
    public void It_is_written_in_the_largest_unit_that_divides_it(long milliseconds, string text) =>
        Assert.Equal(text, Durations.Text(TimeSpan.FromMilliseconds(milliseconds)));
}
