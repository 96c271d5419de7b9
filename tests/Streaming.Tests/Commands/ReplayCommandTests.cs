using System.Text;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

public sealed class ReplayCommandTests(ITestOutputHelper print) : IDisposable
{
    private static readonly string Elec2 = GoldenData.Path("elec2/elec2-predictions.csv.gz");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Real_predictions_give_triggers(int partitions)
    {
        var run = await Driftd.RunAsync("replay", Elec2, "--model", "elec2", "--partitions", $"{partitions}");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("45312 events, 45312 labels, 0 dead letters, 0 rows skipped", run.Error);
        var triggers = run.Objects.Where(line => line.GetProperty("type").GetString() == "drift.trigger.v1").Select(line => line.GetProperty("data")).ToList();
        Assert.NotEmpty(triggers);
        print.WriteLine(run.Error);
        foreach (var trigger in triggers)
        {
            var fresh = trigger.GetProperty("freshData").EnumerateArray()
                .Select(span => (From: span.GetProperty("fromOffset").GetInt64(), To: span.GetProperty("toOffset").GetInt64())).ToList();
            print.WriteLine($"{partitions} partitions: {trigger.GetProperty("detectedAt")} {trigger.GetProperty("reason")}, since {trigger.GetProperty("changedAt")}, fresh {fresh.Sum(span => span.To - span.From)} events");
            Assert.Equal("elec2", trigger.GetProperty("model").GetString());
            Assert.InRange(fresh.Count, 1, partitions);
            Assert.All(fresh, span => Assert.InRange(span.From, 0, span.To - 1));
        }
    }

    [Fact]
    public async Task Lines_are_the_bytes_that_the_topics_would_hold()
    {
        var records = Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.05 : 0.4);
        var expected = new List<string>();
        var pipeline = new Pipeline(new MonitoringOptions { LearnFor = TimeSpan.Zero }, "events", 4, output => expected.Add(Encoding.UTF8.GetString(output.Value!)));
        foreach (var record in records)
        {
            pipeline.Process(Pipeline.PartitionOf(record.Key, 4), record.Timestamp, record.Value!, record.Key);
        }

        pipeline.Complete();

        var run = await Driftd.RunAsync("replay", _folder.File("events.jsonl", Lines(records)), "--partitions", "4");

        Assert.Contains(expected, line => line.Contains("drift.trigger.v1", StringComparison.Ordinal));
        Assert.Equal(expected, run.Lines);
        Assert.Contains("model credit: ", run.Error);
    }

    [Fact]
    public async Task Csv_and_JSON_lines_of_the_same_events_give_the_same()
    {
        var (csv, jsonLines) = (new StringBuilder("id,time,x,country,prediction,label\n"), new StringBuilder());
        var random = new SplitMix(8);
        for (var i = 0; i < 12_000; i++)
        {
            var (x, wrong) = (random.Next(), random.Next() < (i < 6_000 ? 0.1 : 0.5));
            csv.Append($"e{i},{Events.Start + i},{x:R},{(i % 3 == 0 ? "DE" : "FR")},{i % 2},{(wrong ? 1 - (i % 2) : i % 2)}\n");
            jsonLines.Append($$$"""{"id":"e{{{i}}}","model":"same","time":{{{Events.Start + i}}},"features":{"x":{{{x:R}}},"country":"{{{(i % 3 == 0 ? "DE" : "FR")}}}"},"prediction":{{{i % 2}}},"label":{{{(wrong ? 1 - (i % 2) : i % 2)}}}}""" + "\n");
        }

        var ofCsv = await Driftd.RunAsync("replay", _folder.File("same.csv", csv.ToString()), "--partitions", "3");
        var ofLines = await Driftd.RunAsync("replay", _folder.File("same.jsonl", jsonLines.ToString()), "--partitions", "3");

        Assert.Contains("drift.trigger.v1", ofCsv.Output);
        Assert.Equal(ofCsv.Output, ofLines.Output);
    }

    [Fact]
    public async Task Several_models_are_told_apart_and_an_event_may_name_its_partition()
    {
        var lines = new StringBuilder("id,model,partition,x,prediction\n");
        for (var i = 0; i < 600; i++)
        {
            lines.Append($"{i},{(i % 2 == 0 ? "fraud" : "churn")},{i % 3},{i},1\n");
        }

        var run = await Driftd.RunAsync("replay", _folder.File("two.csv", lines.ToString()), "--partitions", "2");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("400 events, 0 labels, 0 dead letters, 200 rows skipped", run.Error);
        Assert.Contains("row 2 (line 4), column 'partition': 2 is none of the partitions 0 to 1", run.Error);
        Assert.Contains("model churn: 0 signals, 0 triggers", run.Error);
        Assert.Contains("model fraud: 0 signals, 0 triggers", run.Error);
    }

    [Fact]
    public async Task Bad_events_become_dead_letters_counted_by_reason_and_named_by_row()
    {
        var good = Encoding.UTF8.GetString(Events.Credit(1, seed: 1, _ => 0)[0].Value!);
        var file = _folder.File("events.jsonl", string.Join('\n', good, "{broken", """{"features":{"income":"much"},"model":"credit","version":"1"}""", good));

        var run = await Driftd.RunAsync("replay", file);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("2 events, 2 labels, 2 dead letters (broken_json 1, wrong_type 1)", run.Error);
        Assert.Contains("row 1 (line 2): dead letter: broken_json", run.Error);
        Assert.Contains("row 2 (line 3), column 'features.income': dead letter: wrong_type", run.Error);
        Assert.Equal(1, (await Driftd.RunAsync("replay", file, "--strict")).ExitCode);
    }

    [Fact]
    public async Task Observing_counts_triggers_and_gives_none()
    {
        var file = _folder.File("events.jsonl", Lines(Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.05 : 0.4)));

        var run = await Driftd.RunAsync("replay", file, "--mode", "observe");

        Assert.DoesNotContain("drift.trigger.v1", run.Output);
        Assert.Contains("0 triggers, 1 withheld (observe)", run.Error);
    }

    [Fact]
    public async Task The_configuration_file_of_run_is_used_and_the_command_line_is_stronger()
    {
        var events = _folder.File("events.jsonl", Lines(Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.05 : 0.4)));
        var config = _folder.File("driftd.yaml", "mode: observe\ngroup: mine\n");

        var observed = await Driftd.RunAsync("replay", events, "--config", config);
        var triggered = await Driftd.RunAsync("replay", events, "--config", config, "--mode", "trigger");

        Assert.DoesNotContain("drift.trigger.v1", observed.Output);
        Assert.Contains("\"source\":\"/driftd/mine\"", observed.Output);
        Assert.Contains("drift.trigger.v1", triggered.Output);
    }

    [Fact]
    public async Task Inputs_that_differ_from_the_first_event_on_show_only_against_a_reference()
    {
        var before = Events.Credit(3_000, seed: 1, _ => 0.1);
        var after = Events.Credit(6_000, seed: 2, _ => 0.1, shift: _ => 5);
        var profile = _folder.Path("p.json");
        Assert.Equal(0, (await Driftd.RunAsync("reference", "build", _folder.File("train.jsonl", Lines(before)), "-o", profile)).ExitCode);

        var with = await Driftd.RunAsync("replay", _folder.File("now.jsonl", Lines(after)), "--reference", profile);
        var without = await Driftd.RunAsync("replay", _folder.Path("now.jsonl"));

        Assert.Contains(with.Objects, line => line.GetProperty("data").GetProperty("stream").GetString() == "feature:income");
        Assert.DoesNotContain("feature:income", without.Output);
    }

    [Fact]
    public async Task A_table_is_for_people()
    {
        var file = _folder.File("events.jsonl", Lines(Events.Credit(20_000, seed: 3, i => i < 10_000 ? 0.05 : 0.4)));

        var run = await Driftd.RunAsync("replay", file, "--output", "table");

        Assert.Contains("TRIGGER", run.Output);
        Assert.Contains("concept drift: error rate", run.Output);
    }

    [Theory]
    [InlineData("--partitions 0: expected 1 to 1024", "--partitions", "0")]
    [InlineData("--mode: mode = act: must be observe, trigger or approve", "--mode", "act")]
    [InlineData("learnFor = tomorrow: must be a duration from 0s to 30d", "--learn-for", "tomorrow")]
    [InlineData("--label truth: ", "--label", "truth")]
    [InlineData("reference = nothing.json: must be a file", "--reference", "nothing.json")]
    public async Task Wrong_usage_is_named_and_gives_2(string message, params string[] options)
    {
        var run = await Driftd.RunAsync(["replay", _folder.File("a.csv", "id,x\na,1\n"), .. options]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error);
    }

    private static string Lines(IEnumerable<LogRecord> records) => string.Concat(records.Select(record => Encoding.UTF8.GetString(record.Value!) + "\n"));
}
