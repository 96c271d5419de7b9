using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using CsvHelper;

namespace Streaming.Tests;

/// <summary>Streams and positions under Data/.</summary>
internal static class GoldenData
{
    private static readonly ConcurrentDictionary<string, Dictionary<string, double[]>> Columns = new();

    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Data", name);

    /// <summary>Rows of a CSV file, gzipped or not, as dictionaries.</summary>
    public static List<Dictionary<string, string>> Rows(string name)
    {
        using var file = File.OpenRead(Path(name));
        using Stream content = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var csv = new CsvReader(new StreamReader(content), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var (header, rows) = (csv.HeaderRecord!, new List<Dictionary<string, string>>());
        while (csv.Read())
        {
            rows.Add(header.Select((column, i) => (column, i)).ToDictionary(cell => cell.column, cell => csv.GetField(cell.i)!));
        }

        return rows;
    }

    public static double[] Column(string name, string column) => Columns.GetOrAdd(name, Read)[column];

    /// <summary>A stream by the name that the tables of positions use.</summary>
    public static double[] Stream(string name)
    {
        var seed = name.IndexOf("_seed", StringComparison.Ordinal);
        if (seed > 0 && name.Contains("binary", StringComparison.Ordinal))
        {
            return Column($"moa-reference/{name[..seed]}.csv.gz", name[(seed + 1)..]);
        }

        var golden = $"golden/streams/{name}.csv.gz";
        return Column(File.Exists(Path(golden)) ? golden : $"golden-moa/streams/{name}.csv.gz", "x");
    }

    private static Dictionary<string, double[]> Read(string name)
    {
        var rows = Rows(name);
        return rows[0].Keys.ToDictionary(column => column, column => rows.Select(row => double.Parse(row[column], CultureInfo.InvariantCulture)).ToArray());
    }

    public static int[] Positions(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
