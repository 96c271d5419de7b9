using System.Text.Json;
using Streaming.Host;
using Streaming.Monitoring;
using Xunit.Abstractions;

namespace Streaming.Tests;

/// <summary>What signals and triggers say of inputs and labels, in worlds where it is known.</summary>
public class WhatMovedTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public void A_recession_is_a_change_of_labels_given_inputs(int partitions)
    {
        for (var seed = 1ul; seed <= 5; seed++)
        {
            var scenario = new Scenario { Kind = ScenarioKind.Credit, Seed = seed, Events = 120_000, Partitions = partitions };
            var trigger = Assert.Single(Run(scenario, TimeSpan.Zero), static record => record.Topic == OutputTopic.Triggers);

            using var json = JsonDocument.Parse(trigger.Value);
            var data = json.RootElement.GetProperty("data");
            output.WriteLine(data.GetProperty("summary").GetString());
            Assert.Equal(("no", "yes"), MovedOf(data));
            Assert.Contains("P(y|x) moved, inputs did not", data.GetProperty("summary").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public void A_daily_cycle_that_no_reference_spans_is_a_change_of_inputs(int partitions)
    {
        for (var seed = 1ul; seed <= 5; seed++)
        {
            var scenario = new Scenario { Kind = ScenarioKind.Seasonal, Seed = seed, Events = 300_000, Partitions = partitions, LowestError = 0.05, HighestError = 0.2 };
            var records = Run(scenario, TimeSpan.Zero);

            Assert.DoesNotContain(records, static record => record.Topic == OutputTopic.Triggers);
            var drifts = records.Where(static record => record.Topic == OutputTopic.Signals).Select(static record => JsonElement.Parse(record.Value).GetProperty("data"))
                .Where(static data => data.GetProperty("level").GetString() == "drift").ToList();
            Assert.NotEmpty(drifts);
            output.WriteLine($"{drifts.Count} entries into Drift, for example: {drifts[0].GetProperty("summary").GetString()}");
            Assert.All(drifts, static data => Assert.Equal(("yes", "no"), MovedOf(data)));
            Assert.All(drifts, static data => Assert.Contains("inputs moved, P(y|x) did not", data.GetProperty("summary").GetString(), StringComparison.Ordinal));
        }
    }

    private static (string?, string?) MovedOf(JsonElement data) =>
        (data.GetProperty("moved").GetProperty("inputs").GetString(), data.GetProperty("moved").GetProperty("labelsGivenInputs").GetString());

    private static List<OutputRecord> Run(Scenario scenario, TimeSpan learnFor)
    {
        var records = new List<OutputRecord>();
        var pipeline = new Pipeline(new MonitoringOptions { LearnFor = learnFor }, "predictions", scenario.Partitions, records.Add);
        foreach (var generated in new EventGenerator(scenario).Events())
        {
            pipeline.Process(generated.Partition, generated.Time, generated.Value, generated.Key);
        }

        pipeline.Complete();
        return records;
    }
}
