using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>What driftd writes and reads against the schemas that pipelines are given.</summary>
public class SchemaTests
{
    private static readonly EvaluationOptions Strict = new() { RequireFormatValidation = true, OutputFormat = OutputFormat.List };
    private static readonly string Root = Repository.Root;
    private static readonly Dictionary<string, JsonSchema> Schemas = new[] { "signal", "trigger", "command" }
        .ToDictionary(static name => name, static name => JsonSchema.FromFile(Path.Combine(Root, "src/Streaming.Monitoring/Schemas", name + ".schema.json")));

    [Theory]
    [InlineData(Mode.Trigger)]
    [InlineData(Mode.Approve)]
    public void Every_signal_trigger_and_proposal_is_valid(Mode mode)
    {
        var options = new MonitoringOptions { LearnFor = TimeSpan.Zero, TriggerMaxAge = null, Mode = mode };
        var events = Events.Credit(30_000, seed: 3, static i => i < 10_000 ? 0.1 : 0.3, static i => i < 15_000 ? 0 : 0.4);
        var (stage, output) = (new DecideStage(options), new List<OutputRecord>());
        stage.Assign("panes", 0, Guid.Empty);
        stage.Process("panes", 0, [.. Events.Detect(options, events, 512).Where(static record => record.Topic == OutputTopic.Panes).Select(static (record, i) => new LogRecord(i, i, record.Key, record.Value))], output);

        var records = output.Select(static record => JsonNode.Parse(record.Value!)!).ToList();
        Assert.Contains(records, record => (string?)record["type"] == (mode == Mode.Trigger ? "drift.trigger.v1" : "drift.proposal.v1"));
        Assert.Contains(records, static record => (string?)record["type"] == "drift.signal.v1");
        Assert.All(records, static record => Assert.Equal("", Problems((string?)record["type"] == "drift.signal.v1" ? "signal" : "trigger", record)));
    }

    [Theory]
    [InlineData("signal")]
    [InlineData("trigger")]
    public void The_example_in_the_README_is_valid_and_each_of_its_fields_is_needed(string name)
    {
        var text = Regex.Match(File.ReadAllText(Path.Combine(Root, "README.md")), $"```json {name}\n(?<text>.*?)```", RegexOptions.Singleline).Groups["text"].Value;

        Assert.Equal("", Problems(name, JsonNode.Parse(text)!));
        foreach (var field in JsonNode.Parse(text)!["data"]!.AsObject().Select(static property => property.Key).ToList())
        {
            var lacking = JsonNode.Parse(text)!;
            lacking["data"]!.AsObject().Remove(field);
            Assert.NotEqual("", Problems(name, lacking));
        }

        var more = JsonNode.Parse(text)!;
        more["data"]!["more"] = 1;
        Assert.NotEqual("", Problems(name, more));
    }

    [Fact]
    public void Every_command_that_is_sent_is_valid()
    {
        var outcome = new ModelCommand { Kind = CommandKind.Outcome, Id = "i", Model = "m", Version = "8", Trigger = "t", Outcome = TrainingOutcome.Deployed, Why = "w", Time = 1 };
        ModelCommand[] commands =
        [
            .. Enum.GetValues<TrainingOutcome>().Select(result => outcome with { Outcome = result }),
            outcome with { Kind = CommandKind.Relearn, Outcome = null, Trigger = null, Version = null, Why = "" },
            outcome with { Kind = CommandKind.Approval, Outcome = null },
        ];

        Assert.All(commands, static command => Assert.Equal("", Problems("command", JsonNode.Parse(command.Encode())!)));
    }

    [Theory]
    [InlineData("""{"id":"i","type":"drift.relearn.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""", true)]
    [InlineData("""{"id":"i","type":"drift.relearn.v1","time":"2026-11-22T00:00:00Z","data":{"model":""}}""", false)]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""", false)]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m","outcome":"failed"}}""", true)]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m","outcome":"lost"}}""", false)]
    [InlineData("""{"id":"i","type":"drift.approval.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""", false)]
    [InlineData("""{"id":"i","type":"drift.approval.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m","trigger":"t"}}""", true)]
    [InlineData("""{"type":"drift.relearn.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""", false)]
    public void The_schema_of_commands_takes_what_driftd_takes(string text, bool isCommand)
    {
        Assert.Equal(isCommand, Problems("command", JsonNode.Parse(text)!).Length == 0);
        Assert.Equal(isCommand, ModelCommand.Decode(System.Text.Encoding.UTF8.GetBytes(text)) is not null);
    }

    private static string Problems(string schema, JsonNode record)
    {
        var result = Schemas[schema].Evaluate(record, Strict);
        return result.IsValid ? "" : string.Join('\n', (result.Details ?? []).Where(static detail => detail.HasErrors)
            .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")).DefaultIfEmpty("not valid"));
    }
}
