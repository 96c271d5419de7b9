using Streaming.Drift;

namespace Streaming.Tests;

public class DistanceSpecTests
{
    private static readonly double[] Before = Samples.Uniform(300, 1);
    private static readonly double[] After = [.. Samples.Uniform(200, 2).Select(x => x + 0.1)];

    [Theory]
    [InlineData("psi", 10, Binning.Quantile, 1e-4)]
    [InlineData("psi:bins=20,binning=equal", 20, Binning.Equal, 1e-4)]
    [InlineData("psi: floor=0.01 , bins=5", 5, Binning.Quantile, 0.01)]
    [InlineData("psi:floor=0", 10, Binning.Quantile, 0)]
    public void Psi_is_measured_as_written(string text, int bins, Binning binning, double floor)
    {
        var options = new BinOptions { Bins = bins, Binning = binning, Floor = floor };

        Assert.Equal(Psi.OfSamples(Before, After, options), DistanceSpec.Parse(text).Compute(Before, After));
    }

    [Theory]
    [InlineData("ks", KolmogorovSmirnovMethod.Auto)]
    [InlineData("ks:method=auto", KolmogorovSmirnovMethod.Auto)]
    [InlineData("ks:method=exact", KolmogorovSmirnovMethod.Exact)]
    [InlineData("ks:method=asymptotic", KolmogorovSmirnovMethod.Asymptotic)]
    public void Ks_is_measured_as_written(string text, KolmogorovSmirnovMethod method) =>
        Assert.Equal(KolmogorovSmirnov.OfSamples(Before, After, method), DistanceSpec.Parse(text).Compute(Before, After));

    [Theory]
    [InlineData("", "psi, kl, js")]
    [InlineData("chebyshev", "'chebyshev': expected one of psi, kl, js")]
    [InlineData("psi:bins=1", "psi: bins=1: expected a whole number from 2 to 1000")]
    [InlineData("psi:bins=ten", "bins=ten")]
    [InlineData("psi:floor=0.02", "floor=0.02: expected a number from 0 to 0.01")]
    [InlineData("psi:floor=NaN", "floor=NaN")]
    [InlineData("psi:binning=1", "binning=1: expected quantile, equal, distinct")]
    [InlineData("psi:method=exact", "method=exact: expected one of the keys bins, binning, floor")]
    [InlineData("psi:bins", "expected key=value, found 'bins'")]
    [InlineData("psi:bins=3,bins=4", "'bins' stands there twice")]
    [InlineData("ks:method=fast", "method=fast: expected auto, exact, asymptotic, none")]
    public void What_is_wrong_is_named(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => DistanceSpec.Parse(text)).Message);

    [Fact]
    public void Each_name_is_understood_without_options() =>
        Assert.All(DistanceSpec.Names, name => Assert.Equal((name, name), (DistanceSpec.Parse(name).Name, $"{DistanceSpec.Parse(name)}")));
}
