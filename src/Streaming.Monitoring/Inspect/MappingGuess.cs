namespace Streaming.Monitoring;

/// <summary>Proposes where the fields of an event stand, by names and kinds of keys.</summary>
internal sealed class MappingGuess
{
    private const double Most = 0.9;
    private const double Unique = 0.95;
    private const int PerRank = 3;
    private const int PerDepth = 4;

    private static readonly EventField[] Order =
    [
        EventField.Prediction, EventField.Label, EventField.Id, EventField.Model, EventField.Version, EventField.Time, EventField.Latency, EventField.Failure,
    ];

    private readonly JsonShape _shape;
    private readonly Dictionary<EventField, ShapeKey> _found = [];
    private readonly Dictionary<EventField, string> _moved = [];

    public MappingGuess(JsonShape shape)
    {
        _shape = shape;
        if (Best(shape.Keys.Where(IsFeatures), FeaturesScore) is { } features)
        {
            _found[EventField.Features] = features;
        }

        foreach (var role in Order)
        {
            if (Best(shape.Keys.Where(key => Plays(role, key)), key => Score(role, key)) is { } key)
            {
                _found[role] = key;
            }
        }

        foreach (var role in Order.Append(EventField.Features).Where(role => !_found.ContainsKey(role)))
        {
            MoveAway(role);
        }
    }

    /// <summary>Fields that were found, and the keys behind them.</summary>
    public IReadOnlyDictionary<EventField, ShapeKey> Found => _found;

    /// <summary>Fields whose usual place holds something else: they are mapped to where nothing is.</summary>
    public IReadOnlyDictionary<EventField, string> Moved => _moved;

    /// <summary>The mapping itself.</summary>
    public EventMapping Mapping => new()
    {
        Id = Pointer(EventField.Id),
        Model = Pointer(EventField.Model),
        Version = Pointer(EventField.Version),
        Time = Pointer(EventField.Time),
        Features = Pointer(EventField.Features),
        Prediction = Pointer(EventField.Prediction),
        Label = Pointer(EventField.Label),
        Latency = Pointer(EventField.Latency),
        Failure = Pointer(EventField.Failure),
    };

    /// <summary>Whether these are labels for predictions of another topic.</summary>
    public bool IsLabels => !_found.ContainsKey(EventField.Features) && !_found.ContainsKey(EventField.Prediction)
        && _found.ContainsKey(EventField.Id) && _found.ContainsKey(EventField.Label);

    /// <summary>Whether a key could be an object of features: scalars, and nothing that plays another role unless its name leaves no doubt.</summary>
    private bool IsFeatures(ShapeKey key)
    {
        if (key.Objects < Most * key.Filled || key.Objects == 0 || key.Children.Count == 0
            || key.Children.Exists(static child => child.Objects > 0 || child.Arrays > 0))
        {
            return false;
        }

        var rank = RoleNames.Rank(EventField.Features, key);
        var isNamed = rank is not null && key.Name is not ("data" or "row" or "instance");
        return isNamed || (!key.Children.Exists(RoleNames.PlaysARole) && (rank is not null || IsUnnamedFeatures(key)));
    }

    /// <summary>Without a name that tells: most of its values are numbers, and it is no answer of the model.</summary>
    private static bool IsUnnamedFeatures(ShapeKey key) =>
        key.Children.Count >= 2 && !RoleNames.PlaysARole(key) && key.Distributions == 0
        && 2 * key.Children.Count(static child => child.Numbers > 0) >= key.Children.Count;

    private static int FeaturesScore(ShapeKey key) =>
        (RoleNames.Rank(EventField.Features, key) is { } rank ? 1_000 - (PerRank * rank) : 0) + Math.Min(key.Children.Count, 100) - (PerDepth * key.Depth);

    private bool Plays(EventField role, ShapeKey key) =>
        RoleNames.Rank(role, key) is not null && !_found.ContainsValue(key) && !Overlaps(key.Pointer) && Fits(role, key);

    /// <summary>Whether most of its values can be read as this field.</summary>
    private bool Fits(EventField role, ShapeKey key)
    {
        var fitting = role switch
        {
            EventField.Id => key.Texts + key.Numbers,
            EventField.Model or EventField.Version => key.Texts + key.Numbers,
            EventField.Time => key.Times,
            EventField.Prediction => key.Scalars + key.Distributions,
            EventField.Label => key.Scalars,
            EventField.Latency => key.Numbers,
            EventField.Failure => key.Truths + key.Texts,
            _ => 0,
        };
        return fitting >= Most * key.Filled && role switch
        {
            EventField.Id => key.Filled >= Most * _shape.Objects && key.Uniqueness >= Unique,
            EventField.Failure => key.Numbers + key.Objects + key.Arrays == 0 && 2 * key.Texts <= _shape.Objects,
            _ => key.Filled > 0,
        };
    }

    private static int Score(EventField role, ShapeKey key) =>
        -(PerRank * RoleNames.Rank(role, key)!.Value) - (PerDepth * key.Depth) + (role == EventField.Id && key.EqualToKey >= Most * key.Filled ? 100 : 0);

    private static ShapeKey? Best(IEnumerable<ShapeKey> keys, Func<ShapeKey, int> score) => keys.MaxBy(score);

    /// <summary>A field that was not found must not be read from a key of its usual name that means something else.</summary>
    private void MoveAway(EventField role)
    {
        var usual = "/" + EventSchema.NameOf(role);
        var isHarmless = _shape.Find(usual) is not { Filled: > 0 } && !Overlaps(usual);
        if (isHarmless)
        {
            return;
        }

        var elsewhere = "/unmapped";
        while (_shape.Find(elsewhere) is not null)
        {
            elsewhere += "-";
        }

        _moved[role] = elsewhere + usual;
    }

    private bool Overlaps(string pointer) => _found.Values.Any(found =>
        found.Pointer == pointer || found.Pointer.StartsWith(pointer + "/", StringComparison.Ordinal) || pointer.StartsWith(found.Pointer + "/", StringComparison.Ordinal));

    private string Pointer(EventField role) => _found.TryGetValue(role, out var key) ? key.Pointer
        : _moved.TryGetValue(role, out var elsewhere) ? elsewhere
        : "/" + EventSchema.NameOf(role);
}
