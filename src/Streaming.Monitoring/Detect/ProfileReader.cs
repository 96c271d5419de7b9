using System.Text;
using System.Text.Json;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Reads what <see cref="ProfileWriter"/> wrote; says which key of which file is wrong.</summary>
internal sealed class ProfileReader
{
    private readonly string _file;
    private readonly Dictionary<string, NumericReference> _numeric = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CategoricalReference> _categorical = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _categories = [];

    private ProfileReader(string file) => _file = file;

    public static ReferenceProfile Read(string file, byte[] json)
    {
        var reader = new ProfileReader(file);
        try
        {
            using var document = JsonDocument.Parse(json);
            reader.ReadAll(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{file}: is no JSON: {exception.Message}");
        }

        return new ReferenceProfile(reader._numeric, reader._categorical, reader._categories);
    }

    private void ReadAll(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var format) || !format.ValueEquals(ProfileWriter.Format))
        {
            throw Wrong("format", $"expected \"{ProfileWriter.Format}\"");
        }

        if (Whole(root, "", "version", 0) is var version && version != ProfileWriter.Version)
        {
            throw Wrong("version", $"is {version}: this driftd reads version {ProfileWriter.Version}");
        }

        foreach (var stream in Member(root, "", "streams", JsonValueKind.Object).EnumerateObject())
        {
            var at = $"streams.{stream.Name}";
            RequireObject(stream.Value, at);
            switch (Member(stream.Value, at, "kind", JsonValueKind.String).GetString())
            {
                case "numeric":
                    _numeric[stream.Name] = Numeric(stream.Value, at);
                    break;
                case "categorical":
                    _categorical[stream.Name] = Categorical(stream.Value, at);
                    break;
                case var other:
                    throw Wrong($"{at}.kind", $"is {other}: expected numeric, categorical");
            }
        }
    }

    private NumericReference Numeric(JsonElement stream, string at)
    {
        var moments = new MomentSummary(
            Whole(stream, at, "count", 1), Number(stream, at, "mean"), Number(stream, at, "m2"), Number(stream, at, "min"), Number(stream, at, "max"));
        var shares = Array(stream, at, "shares").Select((share, i) => Number(share, $"{at}.shares[{i}]")).ToArray();
        var knots = Array(stream, at, "knots").Select((knot, i) => Knot(knot, $"{at}.knots[{i}]")).ToArray();
        try
        {
            return NumericReference.Restore(knots, shares, Whole(stream, at, "observed", 1), moments);
        }
        catch (ArgumentException exception)
        {
            throw Wrong(at, exception.Message);
        }
    }

    private CategoricalReference Categorical(JsonElement stream, string at)
    {
        var categories = Member(stream, at, "categories", JsonValueKind.Object).EnumerateObject().ToArray();
        var (counts, rest) = (new CategoryCounts(Math.Max(categories.Length, 1)), Whole(stream, at, "rest", 0));
        foreach (var category in categories)
        {
            var key = Categories.Key(Encoding.UTF8.GetBytes(category.Name));
            if (counts[key] > 0)
            {
                throw Wrong($"{at}.categories.{category.Name}", "stands there twice");
            }

            counts.Add(key, Whole(category.Value, $"{at}.categories.{category.Name}", 1));
            _categories[key] = category.Name;
        }

        counts.AddRest(rest);
        return counts.Total > 0 ? CategoricalReference.Build(counts, Whole(stream, at, "observed", 1)) : throw Wrong($"{at}.categories", "expected at least one");
    }

    private ReferenceKnot Knot(JsonElement knot, string at)
    {
        if (knot.ValueKind != JsonValueKind.Array || knot.GetArrayLength() != 3)
        {
            throw Wrong(at, "expected a list of value, count below, count up to");
        }

        var (below, upTo) = (Whole(knot[1], at, 0), Whole(knot[2], at, 1));
        return new ReferenceKnot(Number(knot[0], at), (int)Math.Min(below, int.MaxValue), (int)Math.Min(upTo, int.MaxValue));
    }

    private JsonElement.ArrayEnumerator Array(JsonElement parent, string at, string key) => Member(parent, at, key, JsonValueKind.Array).EnumerateArray();

    private long Whole(JsonElement parent, string at, string key, long least) => Whole(Member(parent, at, key, JsonValueKind.Number), Join(at, key), least);

    private long Whole(JsonElement value, string at, long least) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) && whole >= least
            ? whole
            : throw Wrong(at, $"is {value.GetRawText()}: expected a whole number of at least {least}");

    private double Number(JsonElement parent, string at, string key) => Number(Member(parent, at, key, JsonValueKind.Number), Join(at, key));

    private double Number(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(at, $"is {value.GetRawText()}: expected a number");

    private JsonElement Member(JsonElement parent, string at, string key, JsonValueKind kind) =>
        parent.TryGetProperty(key, out var member) && member.ValueKind == kind
            ? member
            : throw Wrong(Join(at, key), $"expected {(kind == JsonValueKind.Array ? "a list" : kind == JsonValueKind.Object ? "an object" : kind == JsonValueKind.String ? "text" : "a number")}");

    private void RequireObject(JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(at, "expected an object");
        }
    }

    private static string Join(string at, string key) => at.Length == 0 ? key : $"{at}.{key}";

    private FormatException Wrong(string key, string problem) => new($"{_file}: {key}: {problem}");
}
