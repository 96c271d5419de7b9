using System.Globalization;

namespace Streaming.Drift;

/// <summary>The <c>key=value</c> pairs of a <see cref="DistanceSpec"/> or <see cref="DetectorSpec"/>, each read once under its range.</summary>
internal sealed class SpecOptions
{
    private readonly string _of;
    private readonly Dictionary<string, string> _values = [];
    private readonly List<string> _known = [];

    public SpecOptions(string of, string pairs)
    {
        _of = of;
        foreach (var pair in pairs.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=');
            if (equals < 1)
            {
                throw new FormatException($"{of}: expected key=value, found '{pair}'");
            }

            var key = pair[..equals].Trim();
            if (!_values.TryAdd(key, pair[(equals + 1)..].Trim()))
            {
                throw new FormatException($"{of}: '{key}' stands there twice");
            }
        }
    }

    /// <summary>A whole number in a range.</summary>
    public int Whole(string key, int standard, int least, int most) =>
        Text(key) is not { } text ? standard
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw Wrong(key, text, $"a whole number from {least} to {most}");

    /// <summary>A number in a range.</summary>
    public double Number(string key, double standard, double least, double most) =>
        Text(key) is not { } text ? standard
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw Wrong(key, text, Range(least, most));

    /// <summary><c>true</c> or <c>false</c>; null where it is not given.</summary>
    public bool? Truth(string key) =>
        Text(key) is not { } text ? null
        : bool.TryParse(text, out var value) ? value
        : throw Wrong(key, text, "true, false");

    /// <summary>One name of an enumeration, in small letters.</summary>
    public T Choice<T>(string key, T standard)
        where T : struct, Enum => Choice<T>(key) ?? standard;

    /// <summary>One name of an enumeration, in small letters; null where it is not given.</summary>
    public T? Choice<T>(string key)
        where T : struct, Enum => (T?)Choice(key, typeof(T));

    /// <summary>One name of an enumeration, in small letters; null where it is not given.</summary>
    public object? Choice(string key, Type type)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        foreach (var name in Enum.GetNames(type))
        {
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
            {
                return Enum.Parse(type, name);
            }
        }

        throw Wrong(key, text, string.Join(", ", Enum.GetNames(type)).ToLowerInvariant());
    }

    /// <summary>Refuses keys that nobody asked for.</summary>
    public void RequireAllUsed()
    {
        foreach (var (key, value) in _values)
        {
            if (!_known.Contains(key))
            {
                throw Wrong(key, value, $"one of the keys {string.Join(", ", _known)}");
            }
        }
    }

    private static string Range(double least, double most) =>
        most < double.MaxValue ? $"a number from {least} to {most}"
        : least == double.Epsilon ? "a number above 0"
        : $"a number of at least {least}";

    private string? Text(string key)
    {
        _known.Add(key);
        return _values.GetValueOrDefault(key);
    }

    private FormatException Wrong(string key, string value, string allowed) => new($"{_of}: {key}={value}: expected {allowed}");
}
