namespace Streaming.Drift;

/// <summary>What a detector may be fed.</summary>
public enum DetectorInput : byte
{
    /// <summary>Any finite numbers.</summary>
    Numbers,

    /// <summary>Numbers in [0, 1]: its bound is made for them.</summary>
    Shares,

    /// <summary>1 for wrong, 0 for right.</summary>
    Errors,
}

/// <summary>Says of an options record which detector it belongs to, what that sees and where it is published.</summary>
/// <param name="name">Its name in a <see cref="DetectorSpec"/>.</param>
/// <param name="input">What it may be fed.</param>
/// <param name="sees">What it reports.</param>
/// <param name="source">Paper.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DetectorAttribute(string name, DetectorInput input, string sees, string source) : Attribute
{
    /// <summary>Its name in a <see cref="DetectorSpec"/>.</summary>
    public string Name { get; } = name;

    /// <summary>What it may be fed.</summary>
    public DetectorInput Input { get; } = input;

    /// <summary>What it reports.</summary>
    public string Sees { get; } = sees;

    /// <summary>Paper.</summary>
    public string Source { get; } = source;

    /// <summary>What the profiles moa and river change; empty where all are the same.</summary>
    public string Profiles { get; init; } = "";
}

/// <summary>The unit of an option.</summary>
/// <param name="name">As one writes it after a number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(string name) : Attribute
{
    /// <summary>As one writes it after a number.</summary>
    public string Name { get; } = name;
}
