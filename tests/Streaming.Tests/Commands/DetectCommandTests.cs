using System.Globalization;

namespace Streaming.Tests;

public sealed class DetectCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_drift_is_one_JSON_object_a_line()
    {
        var run = await DetectAsync(Streams.Bernoulli(seed: 7, (1_000, 0.2), (1_000, 0.8)), "--detector", "adwin");

        Assert.Equal(0, run.ExitCode);
        var first = run.Objects[0];
        Assert.Equal(["detector", "index", "level", "before", "after", "changedAt"], first.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("adwin", "drift"), (first.GetProperty("detector").GetString(), first.GetProperty("level").GetString()));
        Assert.InRange(first.GetProperty("index").GetInt32(), 1_010, 1_100);
        Assert.InRange(first.GetProperty("changedAt").GetInt32(), 950, 1_060);
        Assert.InRange(first.GetProperty("before").GetDouble(), 0.1, 0.3);
        Assert.InRange(first.GetProperty("after").GetDouble(), 0.6, 1);
        Assert.Contains("2000 values", run.Error);
    }

    [Fact]
    public async Task Adwin_runs_where_no_detector_is_named()
    {
        var values = Streams.Bernoulli(seed: 7, (1_000, 0.2), (1_000, 0.8)).ToArray();

        Assert.Equal((await DetectAsync(values, "--detector", "adwin")).Output, (await DetectAsync(values)).Output);
    }

    [Fact]
    public async Task Several_detectors_see_the_same_pass_in_order_of_rows()
    {
        var run = await DetectAsync(
            Streams.Bernoulli(seed: 7, (1_000, 0.1), (1_000, 0.9)), "--detector", "ddm", "--detector", "adwin:delta=0.01", "--detector", "adwin:delta=0.1");

        Assert.Equal(["adwin:delta=0.01", "adwin:delta=0.1", "ddm"], run.Objects.Select(line => line.GetProperty("detector").GetString()!).Distinct().Order(StringComparer.Ordinal));
        var indices = run.Objects.Select(line => line.GetProperty("index").GetInt32()).ToList();
        Assert.Equal(indices.Order(), indices);
    }

    [Fact]
    public async Task Entries_into_warning_come_only_where_asked_for()
    {
        var values = Streams.Bernoulli(seed: 3, (2_000, 0.1), (2_000, 0.3)).ToArray();

        var without = await DetectAsync(values, "--detector", "ddm");
        var with = await DetectAsync(values, "--detector", "ddm", "--warnings");

        Assert.DoesNotContain("warning", without.Output);
        Assert.Contains(with.Objects, line => line.GetProperty("level").GetString() == "warning");
        Assert.Equal(without.Lines, with.Lines.Where(line => !line.Contains("warning", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rows_without_a_value_keep_their_index()
    {
        var values = Streams.Bernoulli(seed: 7, (1_000, 0.2), (1_000, 0.8)).Select(value => value.ToString(CultureInfo.InvariantCulture)).ToList();
        var dense = await RunAsync(values);
        values.InsertRange(500, Enumerable.Repeat("?", 300));

        var sparse = await RunAsync(values);

        Assert.Equal(
            dense.Objects.Select(line => (line.GetProperty("index").GetInt32() + 300, line.GetProperty("changedAt").GetInt32() + 300)),
            sparse.Objects.Select(line => (line.GetProperty("index").GetInt32(), line.GetProperty("changedAt").GetInt32())));
        Assert.Contains("row 500 (line 502), column 'x': '?' is no number", sparse.Error);
        Assert.Contains("300 rows skipped", sparse.Error);
    }

    [Fact]
    public async Task Ddm_refuses_what_is_neither_right_nor_wrong_except_where_others_take_it()
    {
        var refused = await DetectAsync([0, 1, 0.5], "--detector", "ddm");

        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("--detector ddm: row 2, column 'x' is 0.5: expected 0 (right) or 1 (wrong), or --profile moa|river", refused.Error);
        Assert.Equal(0, (await DetectAsync([0, 1, 0.5], "--detector", "ddm", "--profile", "moa")).ExitCode);
    }

    [Fact]
    public async Task Values_outside_0_to_1_are_remarked_on() =>
        Assert.Contains("note: 2 values lie outside [0, 1]", (await DetectAsync([0, 1, 2, -1])).Error);

    [Fact]
    public async Task Strict_stops_at_the_first_bad_row()
    {
        var run = await RunAsync(["1", "", "0"], "--strict");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("error:", run.Error);
        Assert.Contains("row 1", run.Error);
    }

    [Theory]
    [InlineData("--column y: ", "--column", "y")]
    [InlineData("--profile weka: expected default, moa, river", "--column", "x", "--profile", "weka")]
    [InlineData("detector 'cusum2': expected one of adwin, ddm, eddm", "--column", "x", "--detector", "cusum2")]
    [InlineData("adwin: delta=7: expected a number from", "--column", "x", "--detector", "adwin:delta=7")]
    [InlineData("Option '--column' is required", "--warnings")]
    public async Task Wrong_usage_is_named_and_gives_2(string message, params string[] options)
    {
        var run = await Driftd.RunAsync(["detect", _folder.File("a.csv", "x\n1\n"), .. options]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public async Task A_file_that_is_not_there_fails()
    {
        var run = await Driftd.RunAsync("detect", _folder.Path("nothing.csv"), "--column", "x");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("nothing.csv", run.Error);
    }

    [Fact]
    public async Task A_packed_file_that_is_cut_off_fails()
    {
        var whole = TemporaryFolder.Gzip("x\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => i * 7_919 % 104_729 + "\n")));

        var run = await Driftd.RunAsync("detect", _folder.File("a.csv.gz", whole[..(whole.Length / 2)]), "--column", "x");

        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_table_is_for_people()
    {
        var run = await DetectAsync(Streams.Bernoulli(seed: 7, (1_000, 0.2), (1_000, 0.8)), "--output", "table");

        Assert.Contains("changed at", run.Output);
        Assert.Contains("adwin", run.Output);
    }

    [Fact]
    public async Task Every_command_teaches_with_examples()
    {
        foreach (var command in (string[])["detect", "compare", "replay", "publish", "reference build"])
        {
            var help = await Driftd.RunAsync([.. command.Split(' '), "--help"]);

            Assert.Equal(0, help.ExitCode);
            Assert.Contains("Examples:", help.Output);
            Assert.Contains($"driftd {command} ", help.Output);
        }
    }

    private Task<Driftd> DetectAsync(IEnumerable<double> values, params string[] options) =>
        RunAsync(values.Select(value => value.ToString(CultureInfo.InvariantCulture)), options);

    private Task<Driftd> RunAsync(IEnumerable<string> cells, params string[] options) => Driftd.RunAsync(
        ["detect", _folder.File("values.csv", "x,y\n" + string.Concat(cells.Select(cell => cell + ",0\n"))), "--column", "x", .. options]);
}
