using System.Text;

namespace Streaming.IntegrationTests;

/// <summary>Records that cannot be used, of every kind, with the reason that their dead letters must give.</summary>
internal static class BadRecords
{
    private static readonly (byte[]? Value, string Reason)[] Kinds =
    [
        (Text("{\"features\":{\"a\":1"), "broken_json"),
        (Text("no json at all"), "broken_json"),
        (Text("{\"features\":{\"a\":NaN}}"), "broken_json"),
        (Text("{\"features\":{\"a\":1e999}}"), "non_finite"),
        (Text("{\"features\":[1,2]}"), "wrong_type"),
        (Text("{\"features\":{\"a\":1},\"time\":\"yesterday\"}"), "wrong_type"),
        (Text("{\"features\":{\"a\":1},\"x\":" + new string('[', 1_000) + new string(']', 1_000) + "}"), "too_deep"),
        (Text("{\"features\":{\"a\":\"" + new string('x', 500_000) + "\"}}"), "too_big"),
        ([.. "{\"features\":{\"a\":\""u8, 0xc3, 0x28, .. "\"}}"u8], "bad_utf8"),
        (Text("{\"id\":\"only\"}"), "neither_features_nor_prediction"),
        (null, "null_value"),
    ];

    public static IEnumerable<(byte[]? Value, string Reason)> Every(int count) => Enumerable.Range(0, count).Select(i => Kinds[i % Kinds.Length]);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
