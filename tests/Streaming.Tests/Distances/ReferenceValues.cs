using System.Globalization;
using System.IO.Compression;
using CsvHelper;

namespace Streaming.Tests;

/// <summary>Statistics computed elsewhere, with their inputs: <c>Data/two-sample</c>.</summary>
internal static class ReferenceValues
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data", "two-sample");

    /// <summary>All values of one statistic: comparison, value, definition.</summary>
    public static TheoryData<string, double, string> Of(string statistic)
    {
        var rows = new TheoryData<string, double, string>();
        foreach (var (comparison, name, value, definition) in All())
        {
            if (name == statistic)
            {
                rows.Add(comparison, value, definition);
            }
        }

        return rows;
    }

    /// <summary>The two samples of a comparison, as in <c>elec2:nswprice:rows 0-499 vs 500-999</c>.</summary>
    public static (double[] Reference, double[] Current) Samples(string comparison)
    {
        var parts = comparison.Split(':');
        if (parts.Length == 2)
        {
            return (Column("frouros_uni", "x"), Column("frouros_uni", "y"));
        }

        var column = Column(parts[0], parts[1]);
        var ranges = parts[2]["rows ".Length..].Split(" vs ").Select(x => x.Split('-').Select(int.Parse).ToArray()).ToArray();
        return (column[ranges[0][0]..(ranges[0][1] + 1)], column[ranges[1][0]..(ranges[1][1] + 1)]);
    }

    private static double[] Column(string file, string column)
    {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(Folder, file + ".csv.gz")), CompressionMode.Decompress);
        using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var values = new List<double>();
        while (csv.Read())
        {
            values.Add(csv.GetField<double>(column));
        }

        return [.. values];
    }

    private static List<(string Comparison, string Statistic, double Value, string Definition)> All()
    {
        using var csv = new CsvReader(File.OpenText(Path.Combine(Folder, "reference.csv")), CultureInfo.InvariantCulture);
        csv.Read();
        var rows = new List<(string, string, double, string)>();
        while (csv.Read())
        {
            rows.Add((csv[0]!, csv[1]!, csv.GetField<double>(2), csv[3]!));
        }

        return rows;
    }
}
