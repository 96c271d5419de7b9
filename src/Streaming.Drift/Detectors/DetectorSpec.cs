using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Streaming.Drift;

/// <summary>A detector and its options as one writes them: <c>adwin:delta=0.01</c>, <c>page-hinkley:threshold=20,direction=both</c>.</summary>
public sealed class DetectorSpec
{
    private static readonly DetectorKind[] Kinds =
    [
        .. from options in (Type[])
           [
               typeof(AdwinOptions), typeof(DdmOptions), typeof(EddmOptions), typeof(RddmOptions), typeof(HddmAOptions), typeof(HddmWOptions),
               typeof(FhddmOptions), typeof(FhddmsOptions), typeof(MddmAOptions), typeof(MddmEOptions), typeof(MddmGOptions),
               typeof(StepdOptions), typeof(EcddOptions), typeof(PageHinkleyOptions), typeof(CusumOptions), typeof(CusumTabularOptions),
               typeof(GmaOptions), typeof(EwmaOptions), typeof(ShewhartOptions), typeof(KswinOptions), typeof(BocdOptions),
               typeof(AlwaysOptions), typeof(NeverOptions), typeof(PeriodicOptions),
           ]
           select new DetectorKind(options),
    ];

    private DetectorSpec(string text, DetectorKind kind, DetectorOptions options) => (Text, Kind, Options) = (text, kind, options);

    /// <summary>The detectors there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Kinds.Select(static kind => kind.Name)];

    /// <summary>The same, each with what it sees and can be told.</summary>
    public static IReadOnlyList<DetectorKind> All => Kinds;

    /// <summary>The detector's name, one of <see cref="Names"/>.</summary>
    public string Name => Kind.Name;

    /// <summary>What the detector sees and can be told.</summary>
    public DetectorKind Kind { get; }

    /// <summary>What was parsed.</summary>
    public string Text { get; }

    /// <summary>What it means.</summary>
    public DetectorOptions Options { get; }

    /// <summary>Understands <c>name</c> or <c>name:key=value,key=value</c>.</summary>
    /// <param name="text">What one wrote.</param>
    /// <param name="profile">Whose behaviour is followed where implementations differ.</param>
    /// <exception cref="FormatException">It names the key, the value and what is allowed.</exception>
    /// <exception cref="ValidationException">Options that each are allowed do not fit together.</exception>
    public static DetectorSpec Parse(string text, Profile profile = Profile.Default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':');
        var name = (colon < 0 ? text : text[..colon]).Trim();
        var kind = Array.Find(Kinds, kind => kind.Name == name) ?? throw new FormatException($"detector '{name}': expected one of {string.Join(", ", Names)}");
        var pairs = new SpecOptions(name, colon < 0 ? "" : text[(colon + 1)..]);
        var options = kind.Read(pairs, profile);
        pairs.RequireAllUsed();

        // what does not fit together shows when the detector is built, and had better show now
        _ = options.Create();
        return new DetectorSpec(text, kind, options);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>One of the detectors there are: what its options record declares of itself.</summary>
public sealed class DetectorKind
{
    private readonly Type _options;
    private readonly DetectorAttribute _declared;

    internal DetectorKind(Type options)
    {
        (_options, _declared) = (options, options.GetCustomAttribute<DetectorAttribute>()!);
        var standard = (DetectorOptions)Activator.CreateInstance(options)!;

        // what all detectors have stands first
        Options =
        [
            .. from type in Ancestry(options)
               from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
               where property is { SetMethod: not null, Name: not nameof(DetectorOptions.Profile) }
               select new DetectorOption(property, property.GetValue(standard)),
        ];
    }

    /// <summary>Its name.</summary>
    public string Name => _declared.Name;

    /// <summary>What it may be fed.</summary>
    public DetectorInput Input => _declared.Input;

    /// <summary>What it reports.</summary>
    public string Sees => _declared.Sees;

    /// <summary>What the profiles moa and river change; empty where all are the same.</summary>
    public string Profiles => _declared.Profiles;

    /// <summary>Paper.</summary>
    public string Source => _declared.Source;

    /// <summary>What it can be told.</summary>
    public IReadOnlyList<DetectorOption> Options { get; }

    internal DetectorOptions Read(SpecOptions pairs, Profile profile)
    {
        var options = (DetectorOptions)Activator.CreateInstance(_options)!;
        _options.GetProperty(nameof(DetectorOptions.Profile))!.SetValue(options, profile);
        foreach (var option in Options)
        {
            option.Read(pairs, options);
        }

        return options;
    }

    private static IEnumerable<Type> Ancestry(Type type) => type == typeof(DetectorOptions) ? [type] : [.. Ancestry(type.BaseType!), type];
}

/// <summary>One option of a detector.</summary>
public sealed class DetectorOption
{
    private readonly PropertyInfo _property;
    private readonly Type _type;
    private readonly RangeAttribute? _range;

    internal DetectorOption(PropertyInfo property, object? standard)
    {
        (_property, Default, _range) = (property, standard, property.GetCustomAttribute<RangeAttribute>());
        _type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Unit = property.GetCustomAttribute<UnitAttribute>()?.Name ?? "";
    }

    // the directions one may ask for: "none" is not among them
    private enum Way : byte
    {
        Up = Direction.Up,
        Down = Direction.Down,
        Both = Direction.Both,
    }

    /// <summary>The key as one writes it.</summary>
    public string Name => char.ToLowerInvariant(_property.Name[0]) + _property.Name[1..];

    /// <summary>Its unit; empty where it has none.</summary>
    public string Unit { get; }

    /// <summary>A number, a truth value or a name; null where the profile decides.</summary>
    public object? Default { get; }

    /// <summary>Least value of a number; null where it has none.</summary>
    public double? Least => _range is null ? null : Convert.ToDouble(_range.Minimum, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Greatest value of a number; null where it has none.</summary>
    public double? Most => _range is null ? null : Convert.ToDouble(_range.Maximum, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The names one may choose from; empty for a number.</summary>
    public IReadOnlyList<string> Choices =>
        _type == typeof(bool) ? ["true", "false"]
        : !_type.IsEnum ? []
        : [.. Enum.GetNames(_type == typeof(Direction) ? typeof(Way) : _type).Select(static name => name.ToLowerInvariant())];

    internal void Read(SpecOptions pairs, DetectorOptions options)
    {
        var value = _type == typeof(int) ? pairs.Whole(Name, (int)Default!, (int)_range!.Minimum, (int)_range.Maximum)
            : _type == typeof(double) ? pairs.Number(Name, (double)Default!, Least!.Value, Most!.Value)
            : _type == typeof(bool) ? pairs.Truth(Name) ?? Default
            : _type == typeof(Direction) ? (Direction)pairs.Choice(Name, (Way)(Direction)Default!)
            : pairs.Choice(Name, _type) ?? Default;
        _property.SetValue(options, value);
    }
}
