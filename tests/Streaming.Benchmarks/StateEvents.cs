using System.Globalization;
using System.Text;
using Streaming.Host;

namespace Streaming.Benchmarks;

/// <summary>Events of many models with many features.</summary>
internal static class StateEvents
{
    /// <summary>Time of the first event, milliseconds since 1970.</summary>
    public const long Start = 1_795_000_000_000;

    /// <summary>One event; features are numbers, or texts of so many categories.</summary>
    public static byte[] Event(SplitMix64 random, int i, int model, int features, int categories)
    {
        var text = new StringBuilder(64 + (features * 14));
        text.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"{i:x8}\",\"model\":\"m{model}\",\"version\":\"1\",\"time\":{Start + i},\"features\":{{");
        for (var feature = 0; feature < features; feature++)
        {
            text.Append(feature > 0 ? ",\"f" : "\"f").Append(feature).Append("\":");
            if (categories > 0)
            {
                // some are common and many are rare
                text.Append("\"c").Append((int)(categories * random.Uniform() * random.Uniform())).Append('"');
            }
            else
            {
                text.Append((0.5 + (0.1 * random.Normal())).ToString("0.0000", CultureInfo.InvariantCulture));
            }
        }

        var score = Math.Round(random.Uniform(), 3);
        var label = (score >= 0.5) ^ (random.Uniform() < 0.1) ? 1 : 0;
        text.Append(CultureInfo.InvariantCulture, $"}},\"prediction\":{score:0.000},\"label\":{label}}}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
