using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>Signals and triggers of a replay: the CloudEvents of the topics as they come, or a table at the end.</summary>
internal sealed class ReplayReport(TextWriter output, OutputForm form)
{
    private readonly Table _table = ResultText.Table("time", "model", "what", "stream", "detector", "before ", "after ", "changed at");
    private OutputRecord? _deadLetter;

    /// <summary>Takes what the pipeline gives.</summary>
    public void Take(OutputRecord record)
    {
        if (record.Topic == OutputTopic.DeadLetters)
        {
            _deadLetter = record;
            return;
        }

        if (form == OutputForm.Json)
        {
            output.WriteLine(Encoding.UTF8.GetString(record.Value!));
            return;
        }

        var cloudEvent = JsonElement.Parse(record.Value);
        AddRow(record.Topic, cloudEvent.GetProperty("data"), Text(cloudEvent, "time"));
    }

    /// <summary>Whether the last event became a dead letter, and why.</summary>
    public bool TakeDeadLetter(out string? field, out string reason)
    {
        (field, reason) = (null, "");
        if (_deadLetter is null)
        {
            return false;
        }

        foreach (var (name, value) in _deadLetter.Headers ?? [])
        {
            var text = Encoding.UTF8.GetString(value);
            reason = name.EndsWith(".reason", StringComparison.Ordinal) ? text : reason;
            field = name.EndsWith(".field", StringComparison.Ordinal) && text.Length > 0 ? text : field;
        }

        _deadLetter = null;
        return true;
    }

    /// <summary>The file has ended.</summary>
    public void Complete()
    {
        if (form == OutputForm.Table)
        {
            ResultText.Write(output, _table);
        }
    }

    private void AddRow(OutputTopic topic, JsonElement data, string time)
    {
        if (topic == OutputTopic.Triggers)
        {
            ResultText.Add(_table, time, Text(data, "model"), "TRIGGER", Text(data, "reason"), "", "", "", Text(data, "changedAt"));
            return;
        }

        ResultText.Add(
            _table, time, Text(data, "model"), Text(data, "level"), Text(data, "stream"), Text(data, "detector"), Number(data, "before"), Number(data, "after"),
            Text(data, "changedAt"));
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString() ?? "";

    private static string Number(JsonElement data, string name) =>
        data.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble().ToString("G4", CultureInfo.InvariantCulture) : "–";
}
