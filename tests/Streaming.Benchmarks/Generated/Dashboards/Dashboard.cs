using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Streaming.Benchmarks;

/// <summary>A variable at the top of a dashboard, filled from the values of a label.</summary>
/// <param name="Name">Its name in expressions.</param>
/// <param name="Values">Which label of which metric: <c>label_values(metric, label)</c>.</param>
/// <param name="HasAll">Whether several values, or all, may be chosen.</param>
internal sealed record Variable(string Name, string Values, bool HasAll);

/// <summary>A dashboard: variables, rows of panels laid out from left to right, marks where a trigger was published.</summary>
internal sealed class Dashboard(string name, string title, string description)
{
    private const int Columns = 24;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Row, List<Panel> Panels)> _rows = [];
    private readonly List<Variable> _variables = [];

    /// <summary>Name of the file, and the end of the address.</summary>
    public string Name => name;

    /// <summary>All panels.</summary>
    public IEnumerable<Panel> Panels => _rows.SelectMany(static row => row.Panels);

    /// <summary>What marks a trigger: a series that has begun, as well as one that has risen.</summary>
    public string Marks => "sum by (model) (increase(driftd_triggers_total" + Chosen + "[2m])) > 0 or (sum by (model) (driftd_triggers_total"
        + Chosen + ") unless sum by (model) (driftd_triggers_total" + Chosen + " offset 2m))";

    private string Chosen => _variables.Find(static variable => variable.Name == "model") is { } model ? $"{{model{(model.HasAll ? "=~" : "=")}\"$model\"}}" : "";

    /// <summary>Adds a variable.</summary>
    public Dashboard With(string variable, string values, bool hasAll = true)
    {
        _variables.Add(new Variable(variable, values, hasAll));
        return this;
    }

    /// <summary>Adds a row.</summary>
    public Dashboard Row(string row, params Panel[] panels)
    {
        _rows.Add((row, [.. panels]));
        return this;
    }

    /// <summary>The file.</summary>
    public string Text() => Json().ToJsonString(Indented) + "\n";

    private JsonObject Json() => new()
    {
        ["uid"] = "driftd-" + name,
        ["title"] = title,
        ["description"] = description,
        ["tags"] = new JsonArray("driftd"),
        ["schemaVersion"] = 41,
        ["editable"] = true,
        ["graphTooltip"] = 1,
        ["refresh"] = "10s",
        ["timezone"] = "browser",
        ["time"] = new JsonObject { ["from"] = "now-30m", ["to"] = "now" },
        ["links"] = new JsonArray(new JsonObject
        {
            ["type"] = "dashboards",
            ["title"] = "driftd",
            ["tags"] = new JsonArray("driftd"),
            ["asDropdown"] = false,
            ["includeVars"] = true,
            ["keepTime"] = true,
            ["targetBlank"] = false,
            ["icon"] = "external link",
            ["tooltip"] = "",
            ["url"] = "",
        }),
        ["templating"] = new JsonObject { ["list"] = new JsonArray([DataSource(), .. _variables.Select(OfLabel)]) },
        ["annotations"] = new JsonObject { ["list"] = new JsonArray(Annotation()) },
        ["panels"] = LayOut(),
    };

    private static JsonObject DataSource() => new()
    {
        ["name"] = "datasource",
        ["label"] = "Data source",
        ["type"] = "datasource",
        ["query"] = "prometheus",
        ["hide"] = 0,
    };

    private static JsonNode OfLabel(Variable variable)
    {
        var json = Chooser(variable);
        if (variable.HasAll)
        {
            json["allValue"] = ".*";
            json["current"] = new JsonObject { ["selected"] = true, ["text"] = "All", ["value"] = "$__all" };
        }

        return json;
    }

    private static JsonObject Chooser(Variable variable) => new()
    {
        ["name"] = variable.Name,
        ["type"] = "query",
        ["datasource"] = Panel.DataSource(),
        ["query"] = new JsonObject { ["query"] = variable.Values, ["refId"] = variable.Name },
        ["definition"] = variable.Values,
        ["refresh"] = 2,
        ["sort"] = 1,
        ["multi"] = variable.HasAll,
        ["includeAll"] = variable.HasAll,
    };

    private JsonObject Annotation() => new()
    {
        ["name"] = "Retrain triggers",
        ["datasource"] = Panel.DataSource(),
        ["enable"] = true,
        ["iconColor"] = "purple",
        ["expr"] = Marks,
        ["step"] = "60s",
        ["titleFormat"] = "Retrain trigger",
        ["textFormat"] = "{{model}}",
        ["tagKeys"] = "model",
    };

    private JsonArray LayOut()
    {
        var (panels, id, y) = (new JsonArray(), 1, 0);
        foreach (var (row, inRow) in _rows)
        {
            panels.Add(new JsonObject
            {
                ["id"] = id++,
                ["type"] = "row",
                ["title"] = row,
                ["collapsed"] = false,
                ["gridPos"] = new JsonObject { ["x"] = 0, ["y"] = y++, ["w"] = Columns, ["h"] = 1 },
                ["panels"] = new JsonArray(),
            });
            var (x, height) = (0, 0);
            foreach (var panel in inRow)
            {
                if (x + panel.Width > Columns)
                {
                    (x, y, height) = (0, y + height, 0);
                }

                panels.Add(panel.Json(id++, x, y));
                (x, height) = (x + panel.Width, Math.Max(height, panel.Height));
            }

            y += height;
        }

        return panels;
    }
}
