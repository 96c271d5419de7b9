using System.Globalization;
using System.Text.Json.Nodes;

namespace Streaming.Benchmarks;

/// <summary>A question to Prometheus, and what its answers are called.</summary>
/// <param name="Expr">The expression.</param>
/// <param name="Legend">Name of a series, from its labels.</param>
/// <param name="IsTable">Whether the answer is rows of now, not lines over time.</param>
internal sealed record Query(string Expr, string Legend = "", bool IsTable = false);

/// <summary>A colour from a value on.</summary>
internal sealed record Step(double? From, string Color);

/// <summary>A column of a table, or a line, that looks otherwise than the rest.</summary>
/// <param name="Name">Name of the field, or a pattern between slashes.</param>
/// <param name="Properties">Grafana's name of each property, and its value.</param>
internal sealed record Look(string Name, params (string Id, JsonNode? Value)[] Properties);

/// <summary>One panel: what it shows, in which unit, and what to do about it.</summary>
internal sealed record Panel(string Type, string Title, string Help, string Unit, params Query[] Queries)
{
    /// <summary>Levels as words.</summary>
    public static readonly JsonNode Levels = InWords(("learning", "blue"), ("stable", "green"), ("warning", "orange"), ("drift", "red"));

    /// <summary>Columns of the grid of 24 that it takes.</summary>
    public int Width { get; init; } = 12;

    /// <summary>Its height in the grid.</summary>
    public int Height { get; init; } = 8;

    /// <summary>Colours by value; none: green.</summary>
    public IReadOnlyList<Step> Steps { get; init; } = [];

    /// <summary>Words that are shown in place of the values 0, 1, 2 …; none: the numbers.</summary>
    public JsonNode? Words { get; init; }

    /// <summary>What looks otherwise.</summary>
    public IReadOnlyList<Look> Looks { get; init; } = [];

    /// <summary>Label that is shown as the value (stat).</summary>
    public bool ShowsName { get; init; }

    /// <summary>Transformations of the answers, as Grafana names them.</summary>
    public JsonArray? Transformations { get; init; }

    /// <summary>Lines over time.</summary>
    public static Panel Lines(string title, string help, string unit, params Query[] queries) => new("timeseries", title, help, unit, queries);

    /// <summary>One number, with its course behind it.</summary>
    public static Panel Number(string title, string help, string unit, string expr) => new("stat", title, help, unit, new Query(expr)) { Width = 4, Height = 4 };

    /// <summary>Rows of now.</summary>
    public static Panel Table(string title, string help, params string[] exprs) =>
        new("table", title, help, "short", [.. exprs.Select(static expr => new Query(expr, "", true))]) { Width = 24, Height = 10 };

    /// <summary>Levels over time, a row a series.</summary>
    public static Panel Timeline(string title, string help, params Query[] queries) =>
        new("state-timeline", title, help, "short", queries) { Words = Levels, Width = 24, Steps = [new(null, "blue"), new(1, "green"), new(2, "orange"), new(3, "red")] };

    /// <summary>Words and colours for the values 0, 1, 2 …</summary>
    public static JsonNode InWords(params (string Text, string Color)[] words) => new JsonArray(new JsonObject
    {
        ["type"] = "value",
        ["options"] = new JsonObject([.. words.Select(static (word, value) => KeyValuePair.Create<string, JsonNode?>(
            value.ToString(CultureInfo.InvariantCulture), new JsonObject { ["text"] = word.Text, ["color"] = word.Color, ["index"] = value }))]),
    });

    /// <summary>The panel as Grafana reads it.</summary>
    public JsonObject Json(int id, int x, int y)
    {
        var panel = new JsonObject
        {
            ["id"] = id,
            ["type"] = Type,
            ["title"] = Title,
            ["description"] = Help,
            ["datasource"] = DataSource(),
            ["gridPos"] = new JsonObject { ["x"] = x, ["y"] = y, ["w"] = Width, ["h"] = Height },
            ["fieldConfig"] = new JsonObject { ["defaults"] = Defaults(), ["overrides"] = new JsonArray([.. Looks.Select(Override)]) },
            ["options"] = Options(),
            ["targets"] = new JsonArray([.. Queries.Select(Target)]),
        };
        if (Transformations is not null)
        {
            panel["transformations"] = Transformations.DeepClone();
        }

        return panel;
    }

    /// <summary>The data source that the reader of the dashboard chose.</summary>
    public static JsonObject DataSource() => new() { ["type"] = "prometheus", ["uid"] = "${datasource}" };

    private static JsonNode Target(Query query, int index) => new JsonObject
    {
        ["refId"] = ((char)('A' + index)).ToString(),
        ["datasource"] = DataSource(),
        ["expr"] = query.Expr,
        ["legendFormat"] = query.Legend.Length > 0 ? query.Legend : "__auto",
        ["instant"] = query.IsTable,
        ["range"] = !query.IsTable,
        ["format"] = query.IsTable ? "table" : "time_series",
    };

    private static JsonNode Override(Look look) => new JsonObject
    {
        ["matcher"] = new JsonObject { ["id"] = look.Name[0] == '/' ? "byRegexp" : "byName", ["options"] = look.Name },
        ["properties"] = new JsonArray([.. look.Properties.Select(static property => new JsonObject { ["id"] = property.Id, ["value"] = property.Value?.DeepClone() })]),
    };

    private JsonObject Defaults()
    {
        IEnumerable<Step> steps = Steps.Count > 0 ? Steps : [new Step(null, "green")];
        return new JsonObject
        {
            ["unit"] = Unit,
            ["color"] = new JsonObject { ["mode"] = Type is "timeseries" ? "palette-classic" : "thresholds" },
            ["thresholds"] = new JsonObject
            {
                ["mode"] = "absolute",
                ["steps"] = new JsonArray([.. steps.Select(static step => new JsonObject { ["value"] = step.From, ["color"] = step.Color })]),
            },
            ["mappings"] = Words?.DeepClone() ?? new JsonArray(),
            ["custom"] = Custom(),
        };
    }

    private JsonObject Custom() => Type switch
    {
        "timeseries" => Line(),
        "state-timeline" => new JsonObject { ["lineWidth"] = 0, ["fillOpacity"] = 80 },
        "table" => new JsonObject { ["align"] = "auto", ["filterable"] = true },
        _ => [],
    };

    private JsonObject Line()
    {
        var line = new JsonObject { ["drawStyle"] = "line", ["lineWidth"] = 2, ["fillOpacity"] = 0, ["showPoints"] = "never", ["spanNulls"] = 60_000 };
        if (Unit is "percentunit" or "ops")
        {
            // where all are 0 the axis would go up to 100
            line["axisSoftMax"] = Unit is "ops" ? 0.1 : 0.01;
        }

        return line;
    }

    private JsonObject Options() => Type switch
    {
        "timeseries" => new JsonObject
        {
            ["legend"] = new JsonObject { ["showLegend"] = true, ["displayMode"] = "list", ["placement"] = "bottom", ["calcs"] = new JsonArray() },
            ["tooltip"] = new JsonObject { ["mode"] = "multi", ["sort"] = "desc" },
        },
        "state-timeline" => new JsonObject
        {
            ["legend"] = new JsonObject { ["showLegend"] = false, ["displayMode"] = "list", ["placement"] = "bottom", ["calcs"] = new JsonArray() },
            ["mergeValues"] = true,
            ["showValue"] = "auto",
            ["rowHeight"] = 0.9,
            ["tooltip"] = new JsonObject { ["mode"] = "single", ["sort"] = "none" },
        },
        "table" => new JsonObject { ["showHeader"] = true },
        _ => new JsonObject
        {
            ["reduceOptions"] = new JsonObject { ["calcs"] = new JsonArray("lastNotNull"), ["fields"] = "", ["values"] = false },
            ["colorMode"] = "value",
            ["graphMode"] = ShowsName ? "none" : "area",
            ["textMode"] = ShowsName ? "name" : "auto",
        },
    };
}
