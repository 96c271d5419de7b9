using System.ComponentModel.DataAnnotations;
using System.Text;
using Streaming.Host;

namespace Streaming.Tests;

[Collection(nameof(AllocationTests))]
public class RowsTests
{
    public static TheoryData<string, string> SameNumbers => new()
    {
        { "plain", "x,y\n1,a\n2,b\n" },
        { "no line end", "x,y\n1,a\n2,b" },
        { "CRLF", "x,y\r\n1,a\r\n2,b\r\n" },
        { "byte order mark", "\uFEFFx,y\n1,a\n2,b\n" },
        { "byte order mark and quotes", "\uFEFF\"x\",y\n\"1\",\"a, with \"\"quotes\"\" and\nlines\"\n2,b\n" },
        { "blank lines", "\nx,y\n\n1,a\n\n2,b\n\n" },
        { "spaces", " x ,y\n 1 ,a\n2 ,b\n" },
        { "JSON lines", "{\"x\":1,\"y\":\"a\"}\n{\"y\":\"b\",\"x\":2}\n" },
        { "JSON lines with mark, CRLF, blanks", "\uFEFF {\"x\":1}\r\n\r\n{\"x\":2}" },
        { "JSON lines with features", "{\"id\":\"a\",\"features\":{\"x\":1}}\n{\"features\":{\"x\":2.0}}\n" },
    };

    [Theory, MemberData(nameof(SameNumbers))]
    public void Files_that_say_the_same_are_read_the_same(string what, string content)
    {
        _ = what;
        Assert.Equal([(0, 1.0), (1, 2.0)], Read(Encoding.UTF8.GetBytes(content), "x", out var error));
        Assert.Equal([(0, 1.0), (1, 2.0)], Read(TemporaryFolder.Gzip(content), "x", out _));
        Assert.Equal("", error);
    }

    [Fact]
    public void Cells_that_are_no_finite_number_are_named_with_row_and_column_and_keep_their_row()
    {
        var read = Read("x,y\n1,0\n,0\nabc,0\nNaN,0\n-Infinity,0\n1e999,0\n7,0\n", "x", out var error);

        Assert.Equal([(0, 1.0), (6, 7.0)], read);
        Assert.Equal(
            [
                "skipped: standard input: row 1 (line 3), column 'x': is missing",
                "skipped: standard input: row 2 (line 4), column 'x': 'abc' is no number",
                "skipped: standard input: row 3 (line 5), column 'x': 'NaN' is not finite",
                "skipped: standard input: row 4 (line 6), column 'x': '-Infinity' is not finite",
                "skipped: standard input: row 5 (line 7), column 'x': '1e999' is not finite",
            ],
            Lines(error));
    }

    [Theory]
    [InlineData("x,y\n1,0\n2\n3,0,0\n4,0\n", "row 1 (line 3): 1 cells, expected 2|row 2 (line 4): 3 cells, expected 2")]
    [InlineData("x,y\n1,0\n2,a\"b\n\"3\"4,0\n4,0\n", "row 1 (line 3): a quote stands|row 2 (line 4): a quote stands")]
    [InlineData("{\"x\":1}\n{\"x\":\n[1]\n{\"x\":4}\n", "row 1 (line 2): is no JSON|row 2 (line 3): is not one JSON object")]
    [InlineData("{\"x\":1}\n{\"x\":2} {\"x\":2}\n{\"x\":{\"a\":1}}\n{\"x\":4}\n", "row 1 (line 2): is no|row 2 (line 3), column 'x': '{\"a\":1}' is no number")]
    public void Rows_that_cannot_be_read_are_named_and_the_rest_goes_on(string content, string named)
    {
        Assert.Equal([(0, 1.0), (3, 4.0)], Read(content, "x", out var error));
        Assert.All(named.Split('|').Zip(Lines(error)), pair => Assert.Contains(pair.First, pair.Second));
        Assert.Equal(2, Lines(error).Length);
    }

    [Fact]
    public void The_first_ten_are_named_and_all_are_counted()
    {
        Read("x\n" + string.Concat(Enumerable.Repeat("?\n", 25)), "x", out var error);

        Assert.Equal(11, Lines(error).Length);
        Assert.Equal("skipped: standard input: 25 rows in all, of which the first 10 are named above", Lines(error)[^1]);
    }

    [Fact]
    public void Strict_stops_at_the_first() =>
        Assert.Equal(
            "standard input: row 1 (line 3), column 'x': 'two' is no number",
            Assert.Throws<IOException>(() => Read(Encoding.UTF8.GetBytes("x\n1\ntwo\n3\n"), "x", out _, strict: true)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    public void An_empty_file_has_no_header(string content) =>
        Assert.Equal(
            "standard input: is empty: expected a line with the names of the columns",
            Assert.Throws<IOException>(() => Read(content, "x", out _)).Message);

    [Fact]
    public void A_header_alone_has_no_rows() => Assert.Empty(Read("x,y\n", "x", out _));

    [Theory]
    [InlineData("a,b\n1,2\n", "--column x: standard input has no such column; it has a, b")]
    [InlineData("{\"a\":1}\n{\"b\":1}\n", "--column x: standard input has no such column; it has a, b")]
    public void A_column_that_is_missing_is_named_with_those_that_are_there(string content, string message) =>
        Assert.Equal(message, Assert.Throws<ValidationException>(() => Read(content, "x", out _)).Message);

    [Theory]
    [InlineData("x,x\n1,2\n", "the column 'x' stands there twice")]
    [InlineData("x,y\n1,\"2\n", "")]
    public void What_makes_a_file_unreadable_is_said(string content, string message)
    {
        if (message.Length > 0)
        {
            Assert.Contains(message, Assert.Throws<IOException>(() => Read(content, "x", out _)).Message);
        }
        else
        {
            Assert.Empty(Read(content, "x", out var error));
            Assert.Contains("row 0", error);
        }
    }

    [Fact]
    public void A_quote_that_never_closes_ends_the_reading_before_memory_does()
    {
        var content = "x,y\n1,\"" + new string('a', 3 << 20);

        Assert.Contains("is a quote not closed?", Assert.Throws<IOException>(() => Read(content, "x", out _)).Message);
    }

    [Fact]
    public void UTF_16_is_refused() =>
        Assert.Contains("UTF-16: expected UTF-8", Assert.Throws<IOException>(() => Read(Encoding.Unicode.GetPreamble().Concat("x"u8.ToArray()).ToArray(), "x", out _)).Message);

    [Fact]
    public void A_line_beyond_16_MiB_is_skipped()
    {
        var content = "{\"x\":1}\n{\"x\":\"" + new string('a', 17 << 20) + "\"}\n{\"x\":3}\n";

        Assert.Equal([(0, 1.0), (2, 3.0)], Read(content, "x", out var error));
        Assert.Contains("row 1 (line 2): a line of more than 16777216 bytes", error);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_file()
    {
        var rows = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i % 2},some text that is longer than a number\n"));
        using var file = InputFile.Open("-", () => new MemoryStream(TemporaryFolder.Gzip("x,y\n" + rows)));
        var bad = new BadRows(file.Name, TextWriter.Null, strict: false);
        var numbers = new NumberColumn(file, file.Rows(bad), "x", bad);
        numbers.Read(out _);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 250_000; i++)
        {
            Assert.True(numbers.Read(out _));
        }

        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 1 << 20);
    }

    [Theory]
    [InlineData("data/train.csv.gz", "train")]
    [InlineData("data/events.2026.jsonl", "events.2026")]
    [InlineData("plain", "plain")]
    public void The_stem_is_the_name_without_folders_and_endings(string name, string stem)
    {
        using var folder = new TemporaryFolder();
        using var file = InputFile.Open(folder.File(Path.GetFileName(name), "x\n"));

        Assert.Equal(stem, file.Stem);
    }

    private static List<(long Row, double Value)> Read(string content, string column, out string error) =>
        Read(Encoding.UTF8.GetBytes(content), column, out error);

    private static List<(long Row, double Value)> Read(byte[] content, string column, out string error, bool strict = false)
    {
        using var written = new StringWriter();
        using var file = InputFile.Open("-", () => new MemoryStream(content));
        var bad = new BadRows(file.Name, written, strict);
        var numbers = new NumberColumn(file, file.Rows(bad), column, bad);
        var read = new List<(long, double)>();
        while (numbers.Read(out var value))
        {
            read.Add((numbers.Place.Row, value));
        }

        bad.Summarise();
        error = written.ToString();
        return read;
    }

    private static string[] Lines(string text) => text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
