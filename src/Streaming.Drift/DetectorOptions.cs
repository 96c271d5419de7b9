using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Streaming.Drift;

/// <summary>Whose behaviour a detector follows where implementations differ.</summary>
public enum Profile : byte
{
    /// <summary>Ours: the paper, with the known faults of others mended.</summary>
    Default,

    /// <summary>MOA 2024.07.0.</summary>
    Moa,

    /// <summary>River 0.26.1.</summary>
    River,
}

/// <summary>What all detectors can be told.</summary>
public abstract record DetectorOptions
{
    /// <summary>Which movements are reported.</summary>
    /// <value>Up, Down or Both. Each detector states its default.</value>
    public Direction Direction { get; init; } = Direction.Both;

    /// <summary>Whose behaviour is followed where implementations differ.</summary>
    /// <value>Default, Moa or River. Default: Default.</value>
    public Profile Profile { get; init; }

    /// <summary>Builds the detector.</summary>
    /// <exception cref="ValidationException">An option lies outside its range; the message names it, its value and the range.</exception>
    public abstract IDriftDetector Create();

    /// <summary>Throws where options do not fit together.</summary>
    /// <param name="fits">Whether they do.</param>
    /// <param name="key">The option to name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="allowed">What it must be, and why.</param>
    /// <exception cref="ValidationException">They do not.</exception>
    protected static void Require(bool fits, string key, object value, string allowed)
    {
        if (!fits)
        {
            throw new ValidationException(string.Create(CultureInfo.InvariantCulture, $"{key} = {value}: {allowed}"));
        }
    }

    /// <summary>Throws where an option lies outside its declared range.</summary>
    protected void Validate()
    {
        if (Direction is Direction.None or > Direction.Both)
        {
            throw new ValidationException($"direction = {(byte)Direction}: must be up, down or both");
        }

        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
    }
}
