using System.CommandLine;

namespace Streaming.Host;

/// <summary>The options that say which columns of a file are what in a prediction event.</summary>
internal sealed class RoleOptions
{
    private readonly Option<string?> _id = Role("id", "event id, key of the record");
    private readonly Option<string?> _time = Role("time", $"event time: {EventTime.Allowed}");
    private readonly Option<string?> _label = Role("label", "truth");
    private readonly Option<string?> _prediction = Role("prediction", "model's answer: a number, or a class");
    private readonly Option<string?>? _model;
    private readonly Option<string?> _version = new("--version") { Description = "Version of the model. Default: none, which is version -.", HelpName = "V" };
    private readonly bool _fromColumns;

    /// <summary>Makes the options.</summary>
    /// <param name="model">The option <c>--model</c>; null where the command asks neither for model nor version.</param>
    /// <param name="fromColumns">Whether columns <c>model</c>, <c>version</c> and <c>partition</c> are not features.</param>
    public RoleOptions(Option<string?>? model, bool fromColumns) => (_model, _fromColumns) = (model, fromColumns);

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[.. _model is null ? [] : (Option[])[_model, _version], _id, _time, _label, _prediction])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the user chose.</summary>
    public EventRoles Read(ParseResult parsed) => new()
    {
        Id = parsed.GetValue(_id),
        Time = parsed.GetValue(_time),
        Label = parsed.GetValue(_label),
        Prediction = parsed.GetValue(_prediction),
        Model = _model is null ? null : parsed.GetValue(_model),
        Version = _model is null ? null : parsed.GetValue(_version),
        FromColumns = _fromColumns,
    };

    private static Option<string?> Role(string name, string what) => new("--" + name)
    {
        Description = $"Column with the {what}. Default: the column {name}, where there is one.",
        HelpName = "C",
    };
}
