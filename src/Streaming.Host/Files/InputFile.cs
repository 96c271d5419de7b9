using System.IO.Compression;

namespace Streaming.Host;

/// <summary>How the rows of a file are written.</summary>
internal enum RowFormat : byte
{
    /// <summary>Comma-separated, the first line names the columns.</summary>
    Csv,

    /// <summary>A JSON object a line.</summary>
    JsonLines,
}

/// <summary>A file as a command names it: CSV or JSON lines, gzipped or not, <c>-</c> for standard input.</summary>
internal sealed class InputFile : IDisposable
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    private const int LookAt = 4_096;

    private readonly Stream _raw;
    private readonly Stream _content;
    private CsvRows? _rows;

    private InputFile(string path, Stream raw)
    {
        (Path, _raw) = (path, raw);
        Name = path == StandardInput ? "standard input" : path;
        var stored = new PeekedStream(raw, 2);
        var content = new PeekedStream(
            stored.First.SequenceEqual((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? new GZipStream(stored, CompressionMode.Decompress) : stored, LookAt);
        _content = content;
        Format = FormatOf(content.First);
    }

    /// <summary>What the command was given.</summary>
    public string Path { get; }

    /// <summary>What people are told.</summary>
    public string Name { get; }

    /// <summary>The name without folders and endings: <c>train</c> of <c>data/train.csv.gz</c>; <c>stdin</c> of standard input.</summary>
    public string Stem => Path == StandardInput ? "stdin" : WithoutEnding(WithoutGz);

    /// <summary>How its rows are written.</summary>
    public RowFormat Format { get; }

    /// <summary>Bytes to be read, as stored; null where nobody knows.</summary>
    public long? StoredBytes => _raw.CanSeek ? _raw.Length : null;

    /// <summary>Bytes read so far, as stored.</summary>
    public long ReadBytes => _raw.CanSeek ? _raw.Position : 0;

    /// <summary>What is in it, unpacked.</summary>
    public Stream Content => _content;

    private string WithoutGz => Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Path[..^3] : Path;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path, or <see cref="StandardInput"/>.</param>
    /// <param name="standardInput">What standard input is; the process's own unless told otherwise.</param>
    /// <exception cref="IOException">It cannot be read, or is not text in UTF-8.</exception>
    public static InputFile Open(string path, Func<Stream>? standardInput = null) =>
        new(path, path == StandardInput ? (standardInput ?? Console.OpenStandardInput)() : new FileStream(path, FileMode.Open, FileAccess.Read));

    /// <summary>Its rows, whichever way they are written; asked for once.</summary>
    public IRows Rows(BadRows bad)
    {
        if (Format == RowFormat.JsonLines)
        {
            return new JsonRows(this, bad);
        }

        var rows = new CsvRows(this, bad);
        _rows = rows;
        return rows;
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _content.Dispose();
    }

    private static string WithoutEnding(string path) => System.IO.Path.GetFileNameWithoutExtension(path);

    private RowFormat FormatOf(ReadOnlySpan<byte> first)
    {
        if (first.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || first.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            throw new IOException($"{Name}: is written in UTF-16: expected UTF-8");
        }

        switch (System.IO.Path.GetExtension(WithoutGz).ToLowerInvariant())
        {
            case ".csv":
                return RowFormat.Csv;
            case ".jsonl" or ".ndjson":
                return RowFormat.JsonLines;
        }

        first = first.StartsWith("\uFEFF"u8) ? first[3..] : first;
        first = first.TrimStart(" \t\r\n"u8);
        return first.StartsWith("{"u8) ? RowFormat.JsonLines : RowFormat.Csv;
    }
}
