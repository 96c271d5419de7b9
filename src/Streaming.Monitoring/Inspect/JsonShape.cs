using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Streaming.Monitoring;

/// <summary>The keys that JSON objects of a topic have, and what kinds of values stand behind them. Keeps no value.</summary>
internal sealed class JsonShape
{
    private const int MostKeys = 1_000;
    private const int Deepest = 8;
    private const int LongestName = 200;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = EventDecoder.MaxDepth };

    private readonly Dictionary<string, ShapeKey> _keys = new(StringComparer.Ordinal);

    /// <summary>Objects seen.</summary>
    public int Objects { get; private set; }

    /// <summary>Keys in the order in which they were first seen.</summary>
    public List<ShapeKey> Keys { get; } = [];

    /// <summary>Whether there were more keys than are kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The key at a JSON Pointer; null where none was seen.</summary>
    public ShapeKey? Find(string pointer) => _keys.GetValueOrDefault(pointer);

    /// <summary>Takes a value; gives the names of its top level, or null where it is no JSON object.</summary>
    public HashSet<string>? Observe(byte[] value, byte[]? recordKey)
    {
        try
        {
            using var document = JsonDocument.Parse(value, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var names = document.RootElement.EnumerateObject().Select(static property => property.Name).ToHashSet(StringComparer.Ordinal);
            Objects++;
            Take(document.RootElement, null, recordKey);
            return names;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // the second: an escape that no text can hold, such as a lone surrogate
            return null;
        }
    }

    /// <summary>Whether a value is JSON of any kind.</summary>
    public static bool IsJson(byte[] value)
    {
        try
        {
            JsonDocument.Parse(value, Strict).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Take(JsonElement value, ShapeKey? parent, byte[]? recordKey)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (Of(property.Name, parent) is not { } key)
            {
                IsCut = true;
                continue;
            }

            key.Take(property.Value, recordKey);
            if (property.Value.ValueKind == JsonValueKind.Object && key.Depth < Deepest)
            {
                Take(property.Value, key, recordKey);
            }
        }
    }

    private ShapeKey? Of(string name, ShapeKey? parent)
    {
        if (name.Length is 0 or > LongestName)
        {
            return null;
        }

        var pointer = $"{parent?.Pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
        if (_keys.TryGetValue(pointer, out var key) || Keys.Count >= MostKeys)
        {
            return key;
        }

        key = new ShapeKey(pointer, name, parent);
        _keys.Add(pointer, key);
        Keys.Add(key);
        parent?.Children.Add(key);
        return key;
    }
}

/// <summary>One key: how often it was there, and with what kinds of values.</summary>
internal sealed class ShapeKey(string pointer, string name, ShapeKey? parent)
{
    private const double FirstMillisecond = 1e11;
    private const double LastMillisecond = 4e12;
    private const double FirstSecond = 1e8;
    private const double LastSecond = 4e9;
    private const double Rounding = 0.02;

    private readonly HashSet<ulong> _distinct = [];

    /// <summary>Where it stands, a JSON Pointer.</summary>
    public string Pointer => pointer;

    public string Name => name;

    public ShapeKey? Parent => parent;

    public int Depth { get; } = (parent?.Depth ?? 0) + 1;

    public List<ShapeKey> Children { get; } = [];

    public int Present { get; private set; }

    public int Nulls { get; private set; }

    public int Numbers { get; private set; }

    public int Texts { get; private set; }

    public int Truths { get; private set; }

    public int Objects { get; private set; }

    public int Arrays { get; private set; }

    /// <summary>Texts that are times with an offset, and numbers that can be milliseconds since 1970.</summary>
    public int Times { get; private set; }

    /// <summary>Numbers that can be seconds since 1970.</summary>
    public int Seconds { get; private set; }

    /// <summary>Objects of numbers that add up to 1.</summary>
    public int Distributions { get; private set; }

    /// <summary>Times its value was the record's own key.</summary>
    public int EqualToKey { get; private set; }

    /// <summary>Values that are not null.</summary>
    public int Filled => Present - Nulls;

    public int Scalars => Numbers + Texts + Truths;

    /// <summary>Values that were not seen before, as a share.</summary>
    public double Uniqueness => Filled == 0 ? 0 : (double)_distinct.Count / Filled;

    public void Take(JsonElement value, byte[]? recordKey)
    {
        Present++;
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                Nulls++;
                return;
            case JsonValueKind.Number:
                Numbers++;
                TakeNumber(value.TryGetDouble(out var number) ? Math.Abs(number) : double.NaN);
                break;
            case JsonValueKind.String:
                Texts++;
                Times += IsTime(value) ? 1 : 0;
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Truths++;
                break;
            case JsonValueKind.Array:
                Arrays++;
                return;
            default:
                Objects++;
                Distributions += IsDistribution(value) ? 1 : 0;
                return;
        }

        var text = value.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(value.GetString()!) : JsonMarshal.GetRawUtf8Value(value);
        _distinct.Add(BitConverter.ToUInt64(SHA256.HashData(text)));
        EqualToKey += recordKey is not null && text.SequenceEqual(recordKey) ? 1 : 0;
    }

    private void TakeNumber(double size)
    {
        Times += size is >= FirstMillisecond and <= LastMillisecond ? 1 : 0;
        Seconds += size is >= FirstSecond and <= LastSecond ? 1 : 0;
    }

    private static bool IsTime(JsonElement value)
    {
        var text = value.GetString()!;
        return text.Length > 16 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-') && value.TryGetDateTimeOffset(out _);
    }

    private static bool IsDistribution(JsonElement value)
    {
        var sum = 0.0;
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Number)
            {
                return false;
            }

            sum += property.Value.GetDouble();
        }

        return Math.Abs(sum - 1) < Rounding;
    }
}
