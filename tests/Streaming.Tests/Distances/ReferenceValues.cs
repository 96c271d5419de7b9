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

    /// <summary>The two samples of a comparison over several columns, row after row.</summary>
    public static (double[] Reference, double[] Current, int Columns) Rows(string comparison)
    {
        var parts = comparison.Split(':');
        if (parts.Length == 2)
        {
            double[] x1 = Column("frouros_multi", "x1"), x2 = Column("frouros_multi", "x2"), y1 = Column("frouros_multi", "y1"), y2 = Column("frouros_multi", "y2");
            return (Interleaved([x1, x2], Enumerable.Range(0, x1.Length)), Interleaved([y1, y2], Enumerable.Range(0, y1.Length)), 2);
        }

        var insects = parts[0] == "abrupt-insects";
        var names = insects ? [.. Enumerable.Range(0, 49).Select(i => $"col{i}")] : parts[1][..parts[1].IndexOf('(')].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var columns = names.Select(name => Column(insects ? "abrupt-insects-features" : parts[0], name)).ToArray();
        var rows = (insects ? Column("abrupt-insects-features", "row") : [.. Enumerable.Range(0, columns[0].Length)]).Select((row, i) => ((int)row, i)).ToDictionary();
        var ranges = parts[2]["rows ".Length..].Split(" vs ").Select(x => x.Split('-').Select(int.Parse).ToArray()).ToArray();
        var both = ranges.Select(range => Interleaved(columns, Enumerable.Range(range[0], range[1] - range[0] + 1).Select(row => rows[row]))).ToArray();
        return (both[0], both[1], names.Length);
    }

    /// <summary>Number of values in the file.</summary>
    public static int Count => All().Count;

    private static double[] Interleaved(double[][] columns, IEnumerable<int> rows) => [.. rows.SelectMany(row => columns.Select(column => column[row]))];

    private static double[] Column(string file, string column)
    {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(Folder, file + ".csv.gz")), CompressionMode.Decompress);
        using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var cells = new List<string>();
        while (csv.Read())
        {
            cells.Add(csv.GetField(column)!);
        }

        // a class written as a word is a number by its place in the alphabet
        var words = cells.Where(cell => !double.TryParse(cell, CultureInfo.InvariantCulture, out _)).Distinct().Order(StringComparer.Ordinal).ToList();
        return [.. cells.Select(cell => double.TryParse(cell, CultureInfo.InvariantCulture, out var number) ? number : words.IndexOf(cell))];
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
