namespace Streaming.Host;

/// <summary>Names what a file holds that cannot be used, counts it, and stops where the user wants that.</summary>
/// <param name="file">Name of the file.</param>
/// <param name="error">Where it is named.</param>
/// <param name="strict">Whether the first one ends the command.</param>
internal sealed class BadRows(string file, TextWriter error, bool strict)
{
    /// <summary>So many are named; further ones are counted only.</summary>
    public const int Named = 10;

    private const int ShownCharacters = 40;

    /// <summary>Rows that could not be used.</summary>
    public long Count { get; private set; }

    /// <summary>Takes note of a row that is skipped.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="column">The column at fault; null where the whole row is.</param>
    /// <param name="problem">What is wrong.</param>
    /// <exception cref="IOException">The user wants to stop at the first one.</exception>
    public void Report(Place place, string? column, string problem)
    {
        var what = $"{file}: row {place.Row} (line {place.Line}){(column is null ? "" : $", column '{column}'")}: {problem}";
        if (strict)
        {
            throw new IOException(what);
        }

        if (++Count <= Named)
        {
            error.WriteLine($"skipped: {what}");
        }
    }

    /// <summary>Says how many there were, where not all were named.</summary>
    public void Summarise()
    {
        if (Count > Named)
        {
            error.WriteLine($"skipped: {file}: {Count} rows in all, of which the first {Named} are named above");
        }
    }

    /// <summary>A value as people are shown it: short, on one line.</summary>
    public static string Shown(string value)
    {
        var line = value.ReplaceLineEndings(" ");
        return line.Length <= ShownCharacters ? $"'{line}'" : $"'{line[..ShownCharacters]}…'";
    }
}
