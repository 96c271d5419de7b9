namespace Streaming.Drift;

/// <summary>A distance and its options as one writes them:
/// <c>psi:bins=10,binning=quantile,floor=0.0001</c>, <c>ks:method=exact</c>.</summary>
public sealed class DistanceSpec
{
    private readonly Measure _measure;
    private readonly MmdOptions? _rows;

    private DistanceSpec(string text, string name, Measure measure, MmdOptions? rows) => (Text, Name, _measure, _rows) = (text, name, measure, rows);

    /// <summary>The distances there are, and what each says of itself.</summary>
    public static IReadOnlyList<DistanceDeclaration> All { get; } = [.. DistanceCatalogue.All.Select(static entry => entry.Declaration)];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(static declaration => declaration.Name)];

    /// <summary>The distance's name, one of <see cref="Names"/>.</summary>
    public string Name { get; }

    /// <summary>What was parsed.</summary>
    public string Text { get; }

    /// <summary>Whether it can look at several columns together.</summary>
    public bool TakesRows => _rows is not null;

    /// <summary>Understands <c>name</c> or <c>name:key=value,key=value</c>.</summary>
    /// <exception cref="FormatException">It names the key, the value and what is allowed.</exception>
    public static DistanceSpec Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':');
        var name = (colon < 0 ? text : text[..colon]).Trim();
        var entry = DistanceCatalogue.All.FirstOrDefault(entry => entry.Declaration.Name == name)
            ?? throw new FormatException($"distance '{name}': expected one of {string.Join(", ", Names)}");
        var options = new SpecOptions(name, colon < 0 ? "" : text[(colon + 1)..]);
        var measure = entry.Build(options);
        options.RequireAllUsed();
        return new DistanceSpec(text, name, measure, name == "mmd" ? DistanceCatalogue.OfMmd(options) : null);
    }

    /// <summary>Measures how far two samples lie apart.</summary>
    public DistanceResult Compute(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) => Compute(new PreparedReference(reference), current);

    /// <summary>Measures how far a sample lies from a reference that was made ready once.</summary>
    public DistanceResult Compute(PreparedReference reference, ReadOnlySpan<double> current) => _measure(reference, current);

    /// <summary>Measures how far two samples of rows lie apart.</summary>
    /// <param name="reference">What normal was: row after row.</param>
    /// <param name="current">What is compared with it: row after row.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <exception cref="FormatException">Several columns, and a distance that looks at one.</exception>
    public DistanceResult ComputeRows(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, int columns) =>
        columns == 1 ? Compute(reference, current)
        : _rows is not null ? Mmd.OfRows(reference, current, columns, _rows)
        : throw new FormatException($"distance '{Name}': measures one column, not {columns}: expected one column, or mmd");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
