using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>References built from training data, by stream name (<c>feature:amount</c>, <c>prediction</c> …).</summary>
/// <param name="numeric">References of streams of numbers.</param>
/// <param name="categorical">References of streams of categories.</param>
/// <param name="categories">Names of the categories, by <see cref="Categories.Key"/>; those without a name cannot be written to a file.</param>
public sealed class ReferenceProfile(
    IReadOnlyDictionary<string, NumericReference> numeric,
    IReadOnlyDictionary<string, CategoricalReference> categorical,
    IReadOnlyDictionary<ulong, string>? categories = null)
{
    /// <summary>The streams it has a reference for, in alphabetical order.</summary>
    public IReadOnlyList<string> Streams { get; } = [.. numeric.Keys.Concat(categorical.Keys).Order(StringComparer.Ordinal)];

    /// <summary>Reads a profile that <see cref="Save"/> or <c>driftd reference build</c> wrote.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="FormatException">It is no profile; the message names the file, the key and what was expected.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ReferenceProfile Load(string path) => ProfileReader.Read(path, File.ReadAllBytes(path));

    /// <summary>The reference of a stream of numbers, where the profile has one.</summary>
    public NumericReference? Numeric(string stream) => numeric.GetValueOrDefault(stream);

    /// <summary>The reference of a stream of categories, where the profile has one.</summary>
    public CategoricalReference? Categorical(string stream) => categorical.GetValueOrDefault(stream);

    /// <summary>The name of a category, where the profile knows it.</summary>
    public string? CategoryOf(ulong key) => categories?.GetValueOrDefault(key);

    /// <summary>Writes it as JSON: the whole file or, should that fail, none of it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        var unfinished = path + ".unfinished";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(ProfileWriter.Write(this));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
