using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.Tests;

public sealed class ReferenceProfileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_profile_is_the_same_after_writing_and_reading()
    {
        var built = Build(12_000);
        built.Save(_folder.Path("p.json"));

        var read = ReferenceProfile.Load(_folder.Path("p.json"));

        Assert.Equal(["feature:income", "feature:purpose", "feature:ties", "prediction"], read.Streams);
        foreach (var stream in (string[])["feature:income", "feature:ties", "prediction"])
        {
            Assert.Equal(Bytes(built.Numeric(stream)!.Save), Bytes(read.Numeric(stream)!.Save));
        }

        Assert.Equal(Bytes(built.Categorical("feature:purpose")!.Save), Bytes(read.Categorical("feature:purpose")!.Save));
        Assert.Equal("car, \"old\" ü", read.CategoryOf(read.Categorical("feature:purpose")!.Entries[0].Key));
        Assert.Equal(["p.json"], _folder.Names());
    }

    [Fact]
    public void It_is_text_that_people_can_read()
    {
        Build(3_000).Save(_folder.Path("p.json"));

        var lines = File.ReadAllLines(_folder.Path("p.json"));

        Assert.Contains("  \"format\": \"driftd reference profile\",", lines);
        Assert.Contains("    \"feature:purpose\": {", lines);
        Assert.Contains(lines, line => line.Contains("\"car, \\\"old\\\" ü\": ", StringComparison.Ordinal));
        Assert.InRange(lines.Length, 30, 60);
    }

    [Fact]
    public void Of_more_numbers_than_are_kept_an_even_part_stands_for_all()
    {
        var profile = Build(250_000).Numeric("feature:income")!;

        Assert.Equal(250_000, profile.Observed);
        Assert.InRange(profile.Count, 50_000, 100_000);
        Assert.Equal(0.5, profile.Mean, 0.01);
    }

    [Fact]
    public void A_column_with_a_single_text_is_one_of_categories()
    {
        var builder = new ProfileBuilder();
        foreach (var cell in (string[])["1", "2", "2", "n/a"])
        {
            builder.Add("feature:x", cell, double.TryParse(cell, CultureInfo.InvariantCulture, out var number) ? number : null);
        }

        var categorical = builder.Build().Categorical("feature:x")!;

        Assert.Equal(0.5, categorical.Share(Categories.Key("2"u8)));
        Assert.Equal(0.25, categorical.Share(Categories.Key("n/a"u8)));
    }

    [Fact]
    public void With_a_profile_there_are_u_values_from_the_first_event()
    {
        var options = new MonitoringOptions { LearnFor = TimeSpan.FromHours(24), Profile = Build(3_000) };
        var records = Events.Credit(300, seed: 4, _ => 0.1);

        var with = Events.Detect(options, records, 64).Panes()[0];
        var without = Events.Detect(options with { Profile = null }, records, 64).Panes()[0];

        Assert.Equal(256, Stream(with, "feature:income").U.Count);
        Assert.Equal(256, Stream(with, "feature:income").Histogram!.Sum());
        Assert.InRange(Stream(with, "feature:income").U.Mean, 0.42, 0.58);
        Assert.Equal(256, Stream(with, "feature:purpose").U.Count);
        Assert.Equal(256, Stream(with, "prediction").U.Count);
        Assert.Equal(0, Stream(without, "feature:income").U.Count);
        Assert.Equal("car, \"old\" ü", Stream(with, "feature:purpose").Reference!.Categories![0].Name);

        // the profile does not know amount, which is learnt as without one
        Assert.Equal(0, Stream(with, "feature:amount").U.Count);
    }

    [Fact]
    public void Numbers_of_a_column_that_the_profile_knows_as_categories_are_categories()
    {
        var builder = new ProfileBuilder();
        builder.Add("feature:day", "1", 1);
        builder.Add("feature:day", "Sunday", null);
        var records = Enumerable.Range(0, 20).Select(i => Events.Record(i, "{\"features\":{\"day\":1}}")).ToArray();

        var pane = Assert.Single(Events.Detect(new MonitoringOptions { Profile = builder.Build() }, records, 20).Panes());

        Assert.Equal(StreamKind.Categorical, Stream(pane, "feature:day").Kind);
        Assert.Equal(0, Stream(pane, "feature:day").NewCategories);
    }

    [Theory]
    [InlineData("", "p.json: is no JSON")]
    [InlineData("{}", "p.json: format: expected \"driftd reference profile\"")]
    [InlineData("[]", "p.json: format: expected")]
    [InlineData("""{"format":"driftd reference profile"}""", "p.json: version: expected a number")]
    [InlineData("""{"format":"driftd reference profile","version":2}""", "p.json: version: is 2: this driftd reads version 1")]
    [InlineData("""{"format":"driftd reference profile","version":1}""", "p.json: streams: expected an object")]
    [InlineData("""{"format":"driftd reference profile","version":1,"streams":{"prediction":{"kind":"x"}}}""", "p.json: streams.prediction.kind: is x: expected numeric, categorical")]
    [InlineData("""{"format":"driftd reference profile","version":1,"streams":{"prediction":7}}""", "p.json: streams.prediction: expected an object")]
    public void What_is_no_profile_is_refused_with_file_and_key(string content, string message)
    {
        var path = _folder.File("p.json", content);

        Assert.Contains(message, Assert.Throws<FormatException>(() => ReferenceProfile.Load(path)).Message);
    }

    [Theory]
    [InlineData("\"mean\": ", "\"mean\": \"x\", \"was\": ", "streams.feature:income.mean: expected a number")]
    [InlineData("\"count\": 3000", "\"count\": 0", "streams.feature:income.count: is 0: expected a whole number of at least 1")]
    [InlineData("\"count\": 3000", "\"count\": 2999", "streams.feature:income: knots: expected 1 to 481, from 0 up to the count")]
    [InlineData("\"shares\": [0", "\"shares\": [1", "streams.feature:income: shares: expected 60 numbers from 0 to 1 that sum to 1")]
    [InlineData("\"knots\": [[", "\"knots\": [[1e9, 0, 1], [", "streams.feature:income: knots[1]: expected values and counts that rise")]
    [InlineData("\"knots\": [[", "\"knots\": [[1, 2], [", "streams.feature:income.knots[0]: expected a list of value, count below, count up to")]
    [InlineData("\"rest\": 0", "\"rest\": -1", "streams.feature:purpose.rest: is -1: expected a whole number of at least 0")]
    public void A_spoilt_value_is_named(string original, string spoilt, string message)
    {
        Build(3_000).Save(_folder.Path("p.json"));
        var text = File.ReadAllText(_folder.Path("p.json"));
        var at = text.IndexOf(original, StringComparison.Ordinal);
        var path = _folder.File("p.json", text[..at] + spoilt + text[(at + original.Length)..]);

        Assert.Contains($"{path}: {message}", Assert.Throws<FormatException>(() => ReferenceProfile.Load(path)).Message);
    }

    private static ReferenceProfile Build(int rows)
    {
        var (random, builder) = (new SplitMix(11), new ProfileBuilder());
        for (var i = 0; i < rows; i++)
        {
            foreach (var (stream, value) in new[] { ("feature:income", random.Next()), ("feature:ties", Math.Floor(random.Next() * 5)), ("prediction", random.Next()) })
            {
                builder.Add(stream, value.ToString("R", CultureInfo.InvariantCulture), value);
            }

            builder.Add("feature:purpose", random.Next() switch { < 0.5 => "car, \"old\" ü", < 0.8 => "home", _ => "study" }, null);
        }

        return builder.Build();
    }

    private static StreamPane Stream(Pane pane, string name) => pane.Streams.Single(stream => stream.Name == name);

    private delegate void Writes(ref StateWriter writer);

    private static string Bytes(Writes save)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new StateWriter(buffer);
        save(ref writer);
        return Convert.ToHexString(buffer.WrittenSpan);
    }
}
