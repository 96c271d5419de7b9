using System.Globalization;
using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>Events of three models of different tasks that use every field; in the second half everything has drifted.</summary>
internal static class MixedEvents
{
    /// <summary>References that a partition learns: four features, missing, failure, latency of each model; two predictions and a score; one error.</summary>
    public const int References = (3 * 7) + 5;

    /// <summary>One partition's log, an event a millisecond.</summary>
    public static LogRecord[] Log(int seed, int count)
    {
        var random = new SplitMix(seed);
        return [.. Enumerable.Range(0, count).Select(i => Events.Record(i, Event(random, i, drifted: i >= count * 3 / 5)))];
    }

    private static string Event(SplitMix random, int i, bool drifted)
    {
        var (model, rate) = (i % 3, drifted ? 0.4 : 0.1);
        var (prediction, label) = model switch
        {
            0 => Binary(random, rate),
            1 => Regression(random, drifted ? 3 : 1),
            _ => MultiClass(random, rate),
        };
        var income = random.Next() + (drifted ? 0.4 : 0);
        var amount = Math.Floor(random.Next() * 12);
        var age = random.Next() < (drifted ? 0.5 : 0.1) ? "null" : Number(18 + (60 * random.Next()));
        var country = drifted && random.Next() < 0.3 ? "new" : "C" + (int)(20 * random.Next() * random.Next());
        var latency = (5 + (20 * random.Next())) * (drifted ? 2 : 1);
        var failure = random.Next() < (drifted ? 0.2 : 0.01) ? "\"timeout\"" : "null";
        return $$"""
            {"id":"e{{i}}","model":"m{{model}}","time":{{Events.Start + i}},"features":{"income":{{Number(income)}},"amount":{{Number(amount)}},"age":{{age}},"country":"{{country}}"},
             "prediction":{{prediction}},"label":{{label}},"latencyMs":{{Number(latency)}},"failure":{{failure}}}
            """;
    }

    private static (string Prediction, string Label) Binary(SplitMix random, double errorRate)
    {
        var score = random.Next();
        return (Number(score), score >= 0.5 != random.Next() < errorRate ? "1" : "0");
    }

    private static (string Prediction, string Label) Regression(SplitMix random, double spread)
    {
        var price = 100 + (50 * random.Next());
        return (Number(price), Number(price + (spread * (random.Next() - random.Next()))));
    }

    private static (string Prediction, string Label) MultiClass(SplitMix random, double errorRate)
    {
        var (kind, sureness) = ((int)(3 * random.Next()), 0.5 + (0.5 * random.Next()));
        var truth = random.Next() < errorRate ? (kind + 1) % 3 : kind;
        return ($$"""{"k{{kind}}":{{Number(sureness)}},"k{{(kind + 1) % 3}}":{{Number(1 - sureness)}}}""", $"\"k{truth}\"");
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
