using System.Globalization;
using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

/// <summary>A log of everything at once: models of every task, several versions, all kinds of streams, gaps, late and bad records.</summary>
internal static class MixedLog
{
    private static readonly string[] Broken =
    [
        "{\"features\":", """{"model":"binary","version":"1","features":{"amount":"high"}}""", """{"model":"binary","version":"1","prediction":0.5,"label":"yes"}""",
        """{"id":"x"}""", """{"model":"classes","version":1,"features":{"width":"x"},"prediction":"a"}""",
    ];

    public static LogRecord[] Of(int count, int seed, long longestStep = 12)
    {
        var random = new SplitMix(seed);
        var records = new LogRecord[count];
        var (offset, time) = (40L, Events.Start);
        for (var i = 0; i < count; i++)
        {
            offset += random.Next() < 0.05 ? 2 : 1;
            time += random.Next() < 0.002 ? 4_000 : (long)(random.Next() * longestStep);
            var value = random.Next() < 0.02 ? Bad(random) : Encoding.UTF8.GetBytes(Event(random, i, count, time));
            var key = random.Next() < 0.1 ? null : Encoding.UTF8.GetBytes("k" + i);
            records[i] = new LogRecord(offset, time + (long)(random.Next() * 30), key, value);
        }

        return records;
    }

    private static byte[]? Bad(SplitMix random)
    {
        var at = (int)(random.Next() * (Broken.Length + 1));
        return at == Broken.Length ? null : Encoding.UTF8.GetBytes(Broken[at]);
    }

    private static string Event(SplitMix random, int i, int count, long now)
    {
        var time = now - (long)(random.Next() * random.Next() * 9_000) + (random.Next() < 0.002 ? 8_000_000 : 0);
        var drifts = i > count / 2;
        var body = random.Next() switch
        {
            < 0.45 => Binary(random, "1", drifts),
            < 0.6 => Binary(random, "2", drifts: false),
            < 0.8 => Regression(random, drifts),
            < 0.98 => Classes(random, drifts),
            _ => "\"model\":\"rare\",\"prediction\":" + Number(random.Next()),
        };
        return "{" + body + (random.Next() < 0.8 ? ",\"time\":" + time : "") + "}";
    }

    private static string Binary(SplitMix random, string version, bool drifts)
    {
        var (score, amount) = (random.Next(), random.Next() + (drifts ? 0.4 : 0));
        var wrong = random.Next() < (drifts ? 0.5 : 0.08);
        var country = random.Next() switch { < 0.5 => "DE", < 0.9 => "F\\u0052", _ => "c" + (int)(random.Next() * 300) };
        var features = new StringBuilder("\"features\":{\"amount\":" + (random.Next() < 0.05 ? "null" : Number(amount)));
        features.Append(random.Next() < 0.9 ? ",\"country\":\"" + country + "\"" : "");
        features.Append(random.Next() < 0.5 ? ",\"round\":" + (int)(random.Next() * 4) : "");
        features.Append(drifts && random.Next() < 0.7 ? ",\"late\":" + Number(random.Next()) : "").Append('}');
        var label = random.Next() < 0.7 ? ",\"label\":" + ((score >= 0.5) != wrong ? 1 : 0) : "";
        var latency = random.Next() < 0.6 ? ",\"latencyMs\":" + Number(random.Next() * 40) : "";
        return $"\"model\":\"binary\",\"version\":\"{version}\",{features},\"prediction\":{Number(score)}{label}{latency}";
    }

    private static string Regression(SplitMix random, bool drifts)
    {
        var truth = random.Next() * 100;
        var guess = truth + ((random.Next() - 0.5) * (drifts ? 90 : 10));
        var failure = random.Next() < 0.03 ? ",\"failure\":true" : "";
        return $"\"model\":\"price\",\"features\":{{\"size\":{Number(random.Next())}}},\"prediction\":{Number(guess)},\"label\":{Number(truth)}{failure}";
    }

    private static string Classes(SplitMix random, bool drifts)
    {
        var truth = "abc"[(int)(random.Next() * 3)];
        var guess = random.Next() < (drifts ? 0.5 : 0.9) ? truth : 'a';
        var p = 0.6 + (0.4 * random.Next());
        var prediction = random.Next() < 0.5 ? $"\"{guess}\"" : $"{{\"{guess}\":{Number(p)},\"z\":{Number(1 - p)}}}";
        return $"\"model\":\"classes\",\"version\":1,\"features\":{{\"width\":{Number(random.Next())}}},\"prediction\":{prediction},\"label\":\"{truth}\"";
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
