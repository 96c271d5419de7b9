namespace Streaming.Host;

/// <summary>Which columns of a file mean what in a prediction event; all others are features.</summary>
/// <remarks>Null: the column of the usual name, where there is one.</remarks>
internal sealed record EventRoles
{
    /// <summary>The roles that a column can have, by usual name.</summary>
    public static readonly string[] Usual = ["id", "time", "label", "prediction"];

    /// <summary>Column with the event id.</summary>
    public string? Id { get; init; }

    /// <summary>Column with the event time.</summary>
    public string? Time { get; init; }

    /// <summary>Column with the truth.</summary>
    public string? Label { get; init; }

    /// <summary>Column with what the model said.</summary>
    public string? Prediction { get; init; }

    /// <summary>Name of the model, for all rows.</summary>
    public string? Model { get; init; }

    /// <summary>Version of the model, for all rows.</summary>
    public string? Version { get; init; }

    /// <summary>Whether columns <c>model</c>, <c>version</c> and <c>partition</c> say so row by row.</summary>
    public bool FromColumns { get; init; }

    /// <summary>The role of a column.</summary>
    public EventRole Of(string column)
    {
        foreach (var (role, named, usual) in Named())
        {
            if (column == (named ?? usual))
            {
                return role;
            }
        }

        return column switch
        {
            "model" when FromColumns && Model is null => EventRole.Model,
            "version" when FromColumns && Version is null => EventRole.Version,
            "partition" when FromColumns => EventRole.Partition,
            _ => EventRole.Feature,
        };
    }

    /// <summary>Refuses names of columns that are not there.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">It names the option, the column and those that are there.</exception>
    public void Require(InputFile file, IRows rows)
    {
        foreach (var (_, named, usual) in Named())
        {
            if (named is not null && rows.IndexOf(named) < 0)
            {
                throw NumberColumn.Absent("--" + usual, named, file.Name, rows.Columns);
            }
        }
    }

    private (EventRole Role, string? Named, string Usual)[] Named() =>
    [
        (EventRole.Id, Id, Usual[0]), (EventRole.Time, Time, Usual[1]), (EventRole.Label, Label, Usual[2]), (EventRole.Prediction, Prediction, Usual[3]),
    ];
}

/// <summary>What a column means.</summary>
internal enum EventRole : byte
{
    /// <summary>A feature of the name of the column.</summary>
    Feature,

    /// <summary>The event id, key of its record.</summary>
    Id,

    /// <summary>The event time.</summary>
    Time,

    /// <summary>The truth.</summary>
    Label,

    /// <summary>What the model said.</summary>
    Prediction,

    /// <summary>The model's name.</summary>
    Model,

    /// <summary>The model's version.</summary>
    Version,

    /// <summary>The partition the event lies in.</summary>
    Partition,
}
