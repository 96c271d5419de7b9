using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>Models whose labels never come, or have not come yet: inputs and predictions are all that is seen.</summary>
public class WithoutLabelsTests
{
    [Theory]
    [InlineData(InputDriftTrigger.WithoutLabels, false, false, 1)]
    [InlineData(InputDriftTrigger.WithoutLabels, true, false, 0)]
    [InlineData(InputDriftTrigger.WithoutLabels, false, true, 0)]
    [InlineData(InputDriftTrigger.Never, false, false, 0)]
    [InlineData(InputDriftTrigger.Always, false, true, 1)]
    public void Drift_of_the_prediction_and_two_features_triggers_where_it_may(InputDriftTrigger when, bool expectLabels, bool oneLabel, int triggers)
    {
        var output = Run(new MonitoringOptions { LearnFor = TimeSpan.Zero, TriggerOnInputDrift = when, ExpectLabels = expectLabels }, 3, oneLabel);

        Assert.Equal(triggers, output.Count(static record => record.Topic == OutputTopic.Triggers));
    }

    [Fact]
    public void One_feature_with_the_prediction_is_a_signal_and_no_trigger()
    {
        var output = Run(new MonitoringOptions { LearnFor = TimeSpan.Zero }, 1, oneLabel: false);

        Assert.DoesNotContain(output, static record => record.Topic == OutputTopic.Triggers);
        Assert.Contains(output, static record => record.Topic == OutputTopic.Signals);
    }

    [Fact]
    public void A_trigger_names_the_inputs_and_says_that_of_the_labels_nothing_is_known()
    {
        var trigger = Assert.Single(Run(new MonitoringOptions { LearnFor = TimeSpan.Zero }, 3, oneLabel: false), static record => record.Topic == OutputTopic.Triggers);

        var data = JsonElement.Parse(trigger.Value).GetProperty("data");
        Assert.Equal("yes", data.GetProperty("moved").GetProperty("inputs").GetString());
        Assert.Equal("unknown", data.GetProperty("moved").GetProperty("labelsGivenInputs").GetString());
        Assert.StartsWith("input drift: ", data.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("of P(y|x) nothing is known", data.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.All(data.GetProperty("contributors").EnumerateArray(), static contributor => Assert.NotEqual("feature:steady", contributor.GetProperty("stream").GetString()));
    }

    private static List<OutputRecord> Run(MonitoringOptions options, int shifted, bool oneLabel)
    {
        var (random, output) = (new SplitMix(17), new List<OutputRecord>());
        var pipeline = new Pipeline(options, "predictions", 1, output.Add);
        for (var i = 0; i < 16_000; i++)
        {
            var shift = i < 8_000 ? 0 : 0.5;
            var label = oneLabel && i == 5 ? ",\"label\":0.5" : "";
            var features = string.Join(',', Enumerable.Range(0, 3).Select(f => string.Create(CultureInfo.InvariantCulture, $"\"f{f}\":{random.Next() + (f < shifted ? shift : 0):0.####}")));
            var json = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"{{{i}}}","model":"m","time":{{{Events.Start + i}}},"features":{{{{features}}},"steady":{{{random.Next():0.####}}}},"prediction":{{{random.Next() + shift:0.####}}}{{{label}}}}""");
            pipeline.Process(0, Events.Start + i, Encoding.UTF8.GetBytes(json), null);
        }

        pipeline.Complete();
        return output;
    }
}
