namespace Streaming.Drift;

/// <summary>A distance and its options as one writes them:
/// <c>psi:bins=10,binning=quantile,floor=0.0001</c>, <c>ks:method=exact</c>.</summary>
public sealed class DistanceSpec
{
    private readonly Measure _measure;

    private DistanceSpec(string text, string name, Measure measure) => (Text, Name, _measure) = (text, name, measure);

    private delegate DistanceResult Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> current);

    /// <summary>The distances there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["psi", "ks"];

    /// <summary>The distance's name, one of <see cref="Names"/>.</summary>
    public string Name { get; }

    /// <summary>What was parsed.</summary>
    public string Text { get; }

    /// <summary>Understands <c>name</c> or <c>name:key=value,key=value</c>.</summary>
    /// <exception cref="FormatException">It names the key, the value and what is allowed.</exception>
    public static DistanceSpec Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':');
        var name = (colon < 0 ? text : text[..colon]).Trim();
        var options = new SpecOptions(name, colon < 0 ? "" : text[(colon + 1)..]);
        var measure = name switch
        {
            "psi" => OfPsi(options),
            "ks" => OfKolmogorovSmirnov(options),
            _ => throw new FormatException($"distance '{name}': expected one of {string.Join(", ", Names)}"),
        };
        options.RequireAllUsed();
        return new DistanceSpec(text, name, measure);
    }

    /// <summary>Measures how far two samples lie apart.</summary>
    public DistanceResult Compute(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) => _measure(reference, current);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static Measure OfPsi(SpecOptions options)
    {
        var chosen = new PsiOptions
        {
            Bins = options.Whole("bins", 10, 2, 1_000),
            Binning = options.Choice("binning", PsiBinning.Quantile),
            Floor = options.Number("floor", 1e-4, 0, 0.01),
        };
        return (reference, current) => Psi.OfSamples(reference, current, chosen);
    }

    private static Measure OfKolmogorovSmirnov(SpecOptions options)
    {
        var method = options.Choice("method", KolmogorovSmirnovMethod.Auto);
        return (reference, current) => KolmogorovSmirnov.OfSamples(reference, current, method);
    }
}
