using System.Globalization;
using System.Text;

namespace Streaming.IntegrationTests;

/// <summary>Prediction events of one model, the same for the same number.</summary>
internal static class Text
{
    public static byte[] Event(int i, double errorRate = 0.1, string model = "credit", int features = 1)
    {
        var random = new Random(i);
        var score = random.NextDouble();
        var truth = score >= 0.5 ? 1 : 0;
        var label = random.NextDouble() < errorRate ? 1 - truth : truth;
        var values = string.Join(',', Enumerable.Range(0, features).Select(feature =>
            string.Create(CultureInfo.InvariantCulture, $"\"f{feature}\":{random.NextDouble():0.####}")));
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"id":"e{{{i}}}","model":"{{{model}}}","version":"1","time":{{{1_795_305_600_000 + i}}},"features":{{{{values}}}},"prediction":{{{score:0.####}}},"label":{{{label}}}}"""));
    }
}
