using Spectre.Console;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary>The table of a running demo: a row for every twelfth of the events, the newest still moving where somebody watches.</summary>
internal sealed class DemoScreen(Scenario scenario, TextWriter output)
{
    private const int Rows = 12;

    // of the bar: an error rate of this much fills it
    private const double WidestRate = 0.4;
    private const int BarWidth = 32;

    private readonly List<Row> _rows = [];
    private DemoProgress _from;
    private Row _open;
    private int _printed;

    /// <summary>Shows a run while it lasts.</summary>
    /// <param name="run">The run; it is given what to tell.</param>
    public async Task<DemoOutcome> WhileAsync(Func<Action<DemoProgress>, Task<DemoOutcome>> run)
    {
        if (output != Console.Out || Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            await output.WriteLineAsync(Line("events", "error rate", "", "error stream")).ConfigureAwait(false);
            var plain = await run(Print).ConfigureAwait(false);
            Complete();
            PrintRows();
            return plain;
        }

        return await AnsiConsole.Live(TableOfRows()).StartAsync(async live =>
        {
            var outcome = await run(progress =>
            {
                Take(progress);
                live.UpdateTarget(TableOfRows());
            }).ConfigureAwait(false);
            Complete();
            live.UpdateTarget(TableOfRows());
            return outcome;
        }).ConfigureAwait(false);
    }

    private void Print(DemoProgress progress)
    {
        Take(progress);
        PrintRows();
    }

    private void PrintRows()
    {
        for (; _printed < _rows.Count; _printed++)
        {
            var row = _rows[_printed];
            output.WriteLine(Line(Number(row.Events), Rate(row.Rate), Bar(row.Rate), Words(row)));
        }
    }

    private void Take(DemoProgress progress)
    {
        var events = progress.Events - _from.Events;
        if (events == 0)
        {
            return;
        }

        var levels = progress.Triggers.Count > _from.Triggers?.Count;
        _open = new Row(progress.Events, (double)(progress.Errors - _from.Errors) / events, progress.ErrorLevel, levels || (_from.Triggers is null && progress.Triggers.Count > 0));
        if (progress.Events / (scenario.Events / Rows) > _from.Events / (scenario.Events / Rows))
        {
            (_from, _open) = (progress, Close(_open));
        }
    }

    private Row Close(Row row)
    {
        _rows.Add(row);
        return default;
    }

    private void Complete()
    {
        if (_open.Events > 0)
        {
            _open = Close(_open);
        }
    }

    private Table TableOfRows()
    {
        var table = new Table().NoBorder().HideHeaders().AddColumns("", "", "", "");
        table.Columns[0].RightAligned().Width(11);
        table.Columns[1].RightAligned().Width(10);
        table.AddRow("[grey]events[/]", "[grey]error rate[/]", "", "[grey]error stream[/]");
        foreach (var row in _open.Events > 0 ? [.. _rows, _open] : _rows)
        {
            var colour = row.Level == DriftLevel.Drift || row.Triggered ? "red" : row.Level == DriftLevel.Warning ? "yellow" : "green";
            table.AddRow(Number(row.Events), Rate(row.Rate), $"[{colour}]{Bar(row.Rate)}[/]", $"[{colour}]{Words(row)}[/]");
        }

        return table;
    }

    private static string Line(string events, string rate, string bar, string stream) => $"{events,11} {rate,11}  {bar.PadRight(BarWidth)}  {stream}".TrimEnd();

    private static string Number(long value) => value.ToString("N0", DemoStory.Format);

    private static string Rate(double rate) => rate.ToString("P1", DemoStory.Format);

    private static string Bar(double rate) => new('█', (int)Math.Round(Math.Min(1, rate / WidestRate) * BarWidth));

    private static string Words(Row row) => row.Triggered ? "drift, trigger" : row.Level.ToString().ToLowerInvariant();

    private readonly record struct Row(long Events, double Rate, DriftLevel Level, bool Triggered);
}
