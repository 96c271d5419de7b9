namespace Streaming.Drift;

/// <summary>A detector and its options as one writes them: <c>adwin:delta=0.01</c>, <c>page-hinkley:threshold=20,direction=both</c>.</summary>
public sealed class DetectorSpec
{
    private DetectorSpec(string text, string name, DetectorOptions options) => (Text, Name, Options) = (text, name, options);

    // the directions one may ask for: "none" is not among them
    private enum Way : byte
    {
        Up = Direction.Up,
        Down = Direction.Down,
        Both = Direction.Both,
    }

    /// <summary>The detectors there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["adwin", "ddm", "page-hinkley"];

    /// <summary>The detector's name, one of <see cref="Names"/>.</summary>
    public string Name { get; }

    /// <summary>What was parsed.</summary>
    public string Text { get; }

    /// <summary>What it means.</summary>
    public DetectorOptions Options { get; }

    /// <summary>Understands <c>name</c> or <c>name:key=value,key=value</c>.</summary>
    /// <param name="text">What one wrote.</param>
    /// <param name="profile">Whose behaviour is followed where implementations differ.</param>
    /// <exception cref="FormatException">It names the key, the value and what is allowed.</exception>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Options that each are allowed do not fit together.</exception>
    public static DetectorSpec Parse(string text, Profile profile = Profile.Default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':');
        var name = (colon < 0 ? text : text[..colon]).Trim();
        var options = new SpecOptions(name, colon < 0 ? "" : text[(colon + 1)..]);
        DetectorOptions chosen = name switch
        {
            "adwin" => OfAdwin(options, profile),
            "ddm" => OfDdm(options, profile),
            "page-hinkley" => OfPageHinkley(options, profile),
            _ => throw new FormatException($"detector '{name}': expected one of {string.Join(", ", Names)}"),
        };
        options.RequireAllUsed();

        // what does not fit together shows when the detector is built, and had better show now
        _ = chosen.Create();
        return new DetectorSpec(text, name, chosen);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static AdwinOptions OfAdwin(SpecOptions options, Profile profile)
    {
        var standard = new AdwinOptions();
        var direction = DirectionOf(options, standard.Direction);
        return profile == Profile.Moa && direction == Direction.Down
            ? throw new FormatException("adwin: direction=down: the profile moa reports rises only: expected up, both")
            : new AdwinOptions
            {
                Profile = profile,
                Direction = direction,
                Delta = options.Number("delta", standard.Delta, 1e-12, 0.999),
                OnDrift = options.Choice<AfterDrift>("onDrift"),
            };
    }

    private static DdmOptions OfDdm(SpecOptions options, Profile profile)
    {
        var standard = new DdmOptions();
        return new DdmOptions
        {
            Profile = profile,
            Direction = DirectionOf(options, standard.Direction),
            MinCount = options.Whole("minCount", standard.MinCount, 2, 1_000_000),
            WarningLevel = options.Number("warningLevel", standard.WarningLevel, 0.1, 100),
            DriftLevel = options.Number("driftLevel", standard.DriftLevel, 0.1, 100),
        };
    }

    private static PageHinkleyOptions OfPageHinkley(SpecOptions options, Profile profile)
    {
        var standard = new PageHinkleyOptions();
        return new PageHinkleyOptions
        {
            Profile = profile,
            Direction = DirectionOf(options, standard.Direction),
            Tolerance = options.Number("tolerance", standard.Tolerance, 0, double.MaxValue),
            Threshold = options.Number("threshold", standard.Threshold, double.Epsilon, double.MaxValue),
            Forgetting = options.Number("forgetting", standard.Forgetting, 1e-9, 1),
            MinCount = options.Whole("minCount", standard.MinCount, 1, 1_000_000),
            Clip = options.Truth("clip"),
        };
    }

    private static Direction DirectionOf(SpecOptions options, Direction standard) => (Direction)options.Choice("direction", (Way)standard);
}
