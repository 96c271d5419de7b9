using Streaming.Drift;

namespace Streaming.Tests;

public class SpecOptionsTests
{
    [Fact]
    public void Values_are_read_and_what_is_absent_has_its_standard()
    {
        var options = new SpecOptions("x", "a=3, b=2.5e-1,c=Equal");

        Assert.Equal((3, 7), (options.Whole("a", 1, 0, 5), options.Whole("d", 7, 0, 5)));
        Assert.Equal((0.25, 0.5), (options.Number("b", 1, 0, 1), options.Number("e", 0.5, 0, 1)));
        Assert.Equal(Binning.Equal, options.Choice("c", Binning.Quantile));
        options.RequireAllUsed();
    }

    [Fact]
    public void A_key_that_nobody_knows_is_refused() =>
        Assert.Throws<FormatException>(() => new SpecOptions("x", "a=3").RequireAllUsed());
}
