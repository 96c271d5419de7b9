using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary><c>driftd replay</c>: a file of prediction events through both stages, no broker.</summary>
internal static class ReplayCommand
{
    private const int MostPartitions = 1_024;

    public static Command Create()
    {
        var file = FileOptions.File("FILE", "Prediction events: as JSON lines whole events, as CSV by columns.");
        var partitions = new Option<int>("--partitions")
        {
            Description = "Partitions that the events are spread over, by a hash of their id or by their field (column) partition. 1 to 1,024. Default 1.",
            HelpName = "P",
            DefaultValueFactory = static _ => 1,
        };
        var learnFor = new Option<string?>("--learn-for")
        {
            Description = "Event time that references learn from, for example 24h; 0 to 30d. Default: what the configuration says, else 0: the first 2,000 values.",
            HelpName = "SPAN",
        };
        var mode = new Option<string?>("--mode")
        {
            Description = "trigger: triggers are given. observe: they are counted only. Default: what the configuration says, else trigger.",
            HelpName = "observe|trigger",
        };
        var labels = new Option<string?>("--labels")
        {
            Description = "Labels that came later, as JSON lines {\"id\":…,\"label\":…,\"time\":…} in order of time; each is taken between the events by its time.",
            HelpName = "FILE",
        };
        var config = new Option<string?>("--config") { Description = "The configuration file that run uses. Default: ./driftd.yaml where it is there.", HelpName = "FILE" };
        var reference = new Option<string?>("--reference") { Description = "A profile that driftd reference build made. Default: references are learnt.", HelpName = "PROFILE" };
        var model = new Option<string?>("--model") { Description = "CSV only: name of the model. Default: the column model, else the file's name.", HelpName = "M" };
        var (roles, strict, output) = (new RoleOptions(model, fromColumns: true), FileOptions.Strict(), FileOptions.Output());
        var command = new Command("replay", FileOptions.WithExamples(
            "Runs a file of prediction events through all that driftd run does, and gives each signal and trigger as it happens, one CloudEvents object a line. "
            + "Columns of CSV without a role are features. Times are event times: a day's file takes seconds. Events without a time follow each other by a millisecond. "
            + "A summary stands on standard error.",
            "driftd replay events.jsonl.gz --partitions 4",
            "driftd replay predictions.csv --model fraud --label is_fraud --prediction score --output table",
            "driftd replay predictions.csv --reference fraud-2026-11.json --mode observe"))
        {
            file, partitions, learnFor, mode, reference, config, labels, output, strict,
        };
        roles.AddTo(command);
        command.SetAction(parsed =>
        {
            var count = FileOptions.InRange("--partitions", parsed.GetValue(partitions), 1, MostPartitions);
            var form = FileOptions.Choice<OutputForm>("--output", parsed.GetRequiredValue(output));
            var options = Options(
                parsed.GetValue(config), new() { ["learnFor"] = parsed.GetValue(learnFor), ["mode"] = parsed.GetValue(mode), ["reference"] = parsed.GetValue(reference) });
            var console = parsed.InvocationConfiguration;
            using var opened = InputFile.Open(parsed.GetRequiredValue(file));
            var bad = new BadRows(opened.Name, console.Error, parsed.GetValue(strict));
            using var events = Events(opened, roles.Read(parsed), bad);
            using var labelFile = parsed.GetValue(labels) is { } path ? InputFile.Open(path) : null;
            using var late = labelFile is null ? null : new EventLines(labelFile, new BadRows(labelFile.Name, console.Error, parsed.GetValue(strict)));
            var replay = new Replay(options, opened.Stem, count, new ReplayReport(console.Output, form), bad, late);
            FileProgress.While(
                opened, $"replay {opened.Name}", quiet: form == OutputForm.Json && !Console.IsOutputRedirected, tick => replay.Run(events, tick));
            bad.Summarise();
            replay.Summarise(console.Error, opened.Name);
            return CommandLine.Fine;
        });
        return command;
    }

    private static MonitoringOptions Options(string? file, Dictionary<string, string?> given)
    {
        // in a file there is no daily cycle to wait for unless the user says so
        var inFiles = new Layer();
        inFiles.Add("learnFor", "0", "the command replay");
        return Configuration.Read(file, given, Needs.Nothing, inFiles).Options.ForStages();
    }

    private static IEvents Events(InputFile file, EventRoles roles, BadRows bad)
    {
        if (file.Format == RowFormat.Csv)
        {
            return new EventRows(file, file.Rows(bad), roles, bad);
        }

        return roles == new EventRoles { FromColumns = true }
            ? new EventLines(file, bad)
            : throw new ValidationException($"{file.Name} holds JSON lines, which are whole events: --model, --version, --id, --time, --label, --prediction are for CSV");
    }
}

/// <summary>Feeds the events of a file to the pipeline.</summary>
internal sealed class Replay
{
    private readonly Pipeline _pipeline;
    private readonly ReplayReport _report;
    private readonly BadRows _bad;
    private readonly int _partitions;
    private readonly IEvents? _labels;
    private bool _hasLabel;
    private long _labelTime;
    private long _time;

    public Replay(MonitoringOptions options, string topic, int partitions, ReplayReport report, BadRows bad, IEvents? labels = null)
    {
        (_report, _bad, _partitions, _labels) = (report, bad, partitions, labels);
        _pipeline = new Pipeline(options, topic, partitions, report.Take, labels is not null);
        NextLabel();
    }

    /// <summary>All events, to the end.</summary>
    public void Run(IEvents events, Action tick)
    {
        while (events.Read())
        {
            tick();
            var partition = events.Partition ?? Pipeline.PartitionOf(events.Id ?? [], _partitions);
            if (partition < 0 || partition >= _partitions)
            {
                _bad.Report(events.Place, "partition", $"{partition} is none of the partitions 0 to {_partitions - 1}: see --partitions");
                continue;
            }

            _time = events.Time ?? _time + 1;
            TakeLabels(_time);
            _pipeline.Process(partition, _time, events.Json.ToArray(), events.Id);
            if (_report.TakeDeadLetter(out var field, out var reason))
            {
                _bad.Report(events.Place, field, $"dead letter: {reason}");
            }
        }

        TakeLabels(long.MaxValue);
        _pipeline.Complete();
        _report.Complete();
    }

    /// <summary>Labels whose time lies before an event's: on a tie the event is first.</summary>
    private void TakeLabels(long before)
    {
        while (_hasLabel && _labelTime < before)
        {
            var id = _labels!.Id ?? [];
            _pipeline.ProcessLabel(_labels.Partition ?? Pipeline.PartitionOf(id, _partitions), _labelTime, _labels.Json.ToArray(), id);
            if (_report.TakeDeadLetter(out var field, out var reason))
            {
                _bad.Report(_labels.Place, field, $"label, dead letter: {reason}");
            }

            NextLabel();
        }
    }

    private void NextLabel()
    {
        _hasLabel = _labels?.Read() == true;
        _labelTime = Math.Max(_labelTime, _labels?.Time ?? _labelTime);
    }

    /// <summary>Says what was counted.</summary>
    public void Summarise(TextWriter error, string name)
    {
        var snapshot = _pipeline.Snapshot();
        var letters = string.Join(", ", snapshot.DeadLetters.Select(letter => $"{letter.Reason} {letter.Count}"));
        error.WriteLine(
            $"{name}: {snapshot.Models.Sum(model => model.Events)} events, {snapshot.Models.Sum(model => model.Labels)} labels, "
            + $"{snapshot.DeadLetters.Sum(letter => letter.Count)} dead letters{(letters.Length > 0 ? $" ({letters})" : "")}, {_bad.Count} rows skipped");
        if (_labels is not null)
        {
            var counts = snapshot.Labels;
            error.WriteLine(
                $"labels: {counts.Taken} taken, {counts.Joined} joined, {counts.Duplicates} duplicates, {counts.Corrections} corrections, "
                + $"{counts.TooLate} too late, {counts.Orphans} orphans, {snapshot.WaitingLabels} waiting");
        }

        foreach (var model in snapshot.Models.Select(model => model.Model).Distinct().Order(StringComparer.Ordinal))
        {
            var (signals, triggers) = (snapshot.Signals.Where(count => count.Model == model), snapshot.Triggers.Where(count => count.Model == model));
            var suppressed = string.Concat(snapshot.Suppressed.Where(count => count.Model == model).Select(count => $", {count.Count} withheld ({count.Reason})"));
            error.WriteLine($"model {model}: {signals.Sum(count => count.Count)} signals, {triggers.Sum(count => count.Count)} triggers{suppressed}");
        }
    }
}
