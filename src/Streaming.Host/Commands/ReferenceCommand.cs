using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd reference build</c>: what normal is, from training data.</summary>
internal static class ReferenceCommand
{
    public static Command Create() => new("reference", "What normal is, taken from training data instead of the first events.") { Build() };

    private static Command Build()
    {
        var file = FileOptions.File("FILE", "Training data:");
        var profile = new Option<string>("--profile", "-o") { Description = "The profile to write; a file that is there is replaced.", HelpName = "PROFILE", Required = true };
        var columns = new Option<string[]>("--column")
        {
            Description = "A column to take; may stand there several times. Default: all but id, time, label, model, version and partition.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => [],
        };
        var (roles, strict) = (new RoleOptions(null, fromColumns: true), FileOptions.Strict());
        var command = new Command("build", FileOptions.WithExamples(
            "Builds a reference profile: for each feature, and for the prediction, how its values are distributed. Columns of numbers are kept at 241 "
            + "quantiles and at the values that are frequent, all others as counts of the 1,000 first categories. With a profile a new model version is watched "
            + "from its first event, and every partition has the same reference. The profile is JSON that one can read and keep with the model.",
            "driftd reference build train.csv -o fraud-2026-11.json",
            "driftd reference build train.csv.gz -o fraud-2026-11.json --column amount --column country --prediction score",
            "driftd replay events.jsonl --reference fraud-2026-11.json"))
        {
            file, profile, columns, strict,
        };
        roles.AddTo(command);
        command.SetAction(parsed =>
        {
            var console = parsed.InvocationConfiguration;
            using var opened = InputFile.Open(parsed.GetRequiredValue(file));
            var bad = new BadRows(opened.Name, console.Error, parsed.GetValue(strict));
            var gathering = new ReferenceRows(opened, opened.Rows(bad), roles.Read(parsed), parsed.GetRequiredValue(columns), bad);
            FileProgress.While(opened, $"read {opened.Name}", quiet: false, gathering.ReadAll);
            bad.Summarise();
            var built = gathering.Build();
            built.Save(parsed.GetRequiredValue(profile));
            Describe(console.Output, built);
            console.Error.WriteLine($"{parsed.GetRequiredValue(profile)}: {built.Streams.Count} streams from {gathering.Rows} rows, {bad.Count} rows skipped");
            return CommandLine.Fine;
        });
        return command;
    }

    private static void Describe(TextWriter output, ReferenceProfile profile)
    {
        foreach (var stream in profile.Streams)
        {
            ResultText.WriteLine(output, json =>
            {
                json.WriteString("stream", stream);
                if (profile.Numeric(stream) is { } numeric)
                {
                    json.WriteString("kind", "numeric");
                    json.WriteNumber("values", numeric.Observed);
                    json.WriteNumber("mean", numeric.Mean);
                    json.WriteNumber("min", numeric.Min);
                    json.WriteNumber("max", numeric.Max);
                    return;
                }

                var categorical = profile.Categorical(stream)!;
                json.WriteString("kind", "categorical");
                json.WriteNumber("values", categorical.Observed);
                json.WriteNumber("categories", categorical.Entries.Length);
                json.WriteString("commonest", profile.CategoryOf(categorical.Entries[0].Key));
            });
        }
    }
}

/// <summary>Rows of training data on their way into a profile. A row with a cell that cannot be used is skipped as a whole.</summary>
internal sealed class ReferenceRows(InputFile file, IRows rows, EventRoles roles, string[] columns, BadRows bad)
{
    private readonly ProfileBuilder _builder = new();
    private readonly List<string?> _streams = [];

    /// <summary>Rows taken.</summary>
    public long Rows { get; private set; }

    /// <summary>Takes all rows.</summary>
    /// <exception cref="ValidationException">A column that was asked for is not there.</exception>
    public void ReadAll(Action tick)
    {
        if (rows.ColumnsAreKnown)
        {
            RequireColumns();
        }

        while (rows.Read())
        {
            tick();
            while (_streams.Count < rows.Columns.Count)
            {
                _streams.Add(StreamOf(rows.Columns[_streams.Count]));
            }

            if (IsUsable())
            {
                Take();
            }
        }

        if (rows.Columns.Count > 0)
        {
            RequireColumns();
        }
    }

    /// <summary>The profile of the rows taken.</summary>
    /// <exception cref="IOException">There was no value.</exception>
    public ReferenceProfile Build()
    {
        var profile = _builder.Build();
        return profile.Streams.Count > 0 ? profile : throw new IOException($"{file.Name}: has no value in it: nothing to build a profile from");
    }

    private void RequireColumns()
    {
        roles.Require(file, rows);
        foreach (var column in columns)
        {
            if (rows.IndexOf(column) < 0)
            {
                throw NumberColumn.Absent("--column", column, file.Name, rows.Columns);
            }
        }
    }

    /// <summary>The stream that a column feeds; null where it feeds none.</summary>
    private string? StreamOf(string column)
    {
        if (columns.Length > 0 && !columns.Contains(column, StringComparer.Ordinal))
        {
            return null;
        }

        // in whole events these two have a meaning of their own
        if (file.Format == RowFormat.JsonLines && column is ("latencyMs" or "failure"))
        {
            return column == "latencyMs" ? "latency" : null;
        }

        return roles.Of(column) switch
        {
            EventRole.Feature => "feature:" + column,
            EventRole.Prediction => "prediction",
            _ => null,
        };
    }

    private bool IsUsable()
    {
        for (var i = 0; i < _streams.Count; i++)
        {
            if (_streams[i] is null)
            {
                continue;
            }

            var cell = rows[i];
            var problem = cell.Kind == CellKind.Number && !double.IsFinite(cell.Number) ? "is not finite"
                : cell.Kind == CellKind.Nested ? "is neither a number nor text"
                : cell.Kind == CellKind.Text && cell.Text.Contains('\uFFFD') ? "is not UTF-8"
                : null;
            if (problem is not null)
            {
                bad.Report(rows.Place, rows.Columns[i], $"{BadRows.Shown(cell.Text)} {problem}");
                return false;
            }
        }

        return true;
    }

    private void Take()
    {
        Rows++;
        for (var i = 0; i < _streams.Count; i++)
        {
            if (_streams[i] is { } stream && rows[i] is var cell && cell.Kind != CellKind.Missing)
            {
                _builder.Add(stream, cell.Text, cell.Kind == CellKind.Number ? cell.Number : null);
            }
        }
    }
}
