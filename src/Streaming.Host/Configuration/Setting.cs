using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Streaming.Host;

/// <summary>One key of the configuration.</summary>
/// <param name="Key">Its name; sections are separated by dots.</param>
/// <param name="Must">What its value must be, with the range.</param>
/// <param name="Show">The value of options as it would be written; null where there is none.</param>
/// <param name="Set">Options with this value; null where the text is no such value.</param>
internal sealed record Setting(string Key, string Must, Func<DriftdOptions, string?> Show, Func<DriftdOptions, string, DriftdOptions?> Set)
{
    /// <summary>What holds where nothing is set.</summary>
    public string Default => Show(new DriftdOptions()) is { Length: > 0 } text ? text : "none";

    /// <summary>A text that passes a check.</summary>
    public static Setting Text(
        string key, string must, Func<string, bool> check, Func<DriftdOptions, string?> get, Func<DriftdOptions, string, DriftdOptions> set) =>
        new(key, must, get, (options, text) => check(text) ? set(options, text) : null);

    /// <summary>One of the names of an enumeration, written in camel case.</summary>
    public static Setting Choice<T>(string key, Func<DriftdOptions, T> get, Func<DriftdOptions, T, DriftdOptions> set)
        where T : struct, Enum =>
        new(key, "must be " + OneOf([.. Enum.GetValues<T>().Select(Name)]), options => Name(get(options)), (options, text) =>
        {
            var found = Enum.GetValues<T>().Where(value => Name(value) == text).ToList();
            return found.Count == 1 ? set(options, found[0]) : null;
        });

    /// <summary>true or false.</summary>
    public static Setting Flag(string key, Func<DriftdOptions, bool> get, Func<DriftdOptions, bool, DriftdOptions> set) =>
        new(key, "must be true or false", options => get(options) ? "true" : "false", (options, text) => text switch
        {
            "true" => set(options, true),
            "false" => set(options, false),
            _ => null,
        });

    /// <summary>A whole number within the range that the option declares.</summary>
    public static Setting Number<T>(string key, string option, Func<DriftdOptions, long> get, Func<DriftdOptions, long, DriftdOptions> set)
    {
        var range = RangeOf<T>(option);
        var (least, most) = (Convert.ToInt64(range.Minimum), Convert.ToInt64(range.Maximum));
        return new(key, $"must be a whole number from {least} to {most}", options => get(options).ToString(), (options, text) =>
            long.TryParse(text, NumberStyles.None, null, out var value) && value >= least && value <= most ? set(options, value) : null);
    }

    /// <summary>A number within the range that the option declares.</summary>
    public static Setting Real<T>(string key, string option, Func<DriftdOptions, double> get, Func<DriftdOptions, double, DriftdOptions> set)
    {
        var range = RangeOf<T>(option);
        var (least, most) = (Convert.ToDouble(range.Minimum), Convert.ToDouble(range.Maximum));
        return new(key, $"must be a number from {least} to {most}", options => get(options).ToString("R"), (options, text) =>
            double.TryParse(text, NumberStyles.Float, null, out var value) && value >= least && value <= most ? set(options, value) : null);
    }

    /// <summary>A duration within the range that the option declares.</summary>
    public static Setting Duration<T>(string key, string option, Func<DriftdOptions, TimeSpan> get, Func<DriftdOptions, TimeSpan, DriftdOptions> set)
    {
        var range = RangeOf<T>(option);
        return Duration(key, TimeSpan.Parse((string)range.Minimum), TimeSpan.Parse((string)range.Maximum), get, set);
    }

    /// <summary>A duration from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Setting Duration(
        string key, TimeSpan least, TimeSpan most, Func<DriftdOptions, TimeSpan> get, Func<DriftdOptions, TimeSpan, DriftdOptions> set) =>
        new(key, $"must be a duration from {Durations.Text(least)} to {Durations.Text(most)}, written as 250ms, 5s, 10m, 24h or 7d",
            options => Durations.Text(get(options)),
            (options, text) => Durations.Parse(text) is { } value && value >= least && value <= most ? set(options, value) : null);

    /// <summary>Names in a sentence: a, b or c.</summary>
    public static string OneOf(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(names.Count - 1))} or {names[^1]}";

    private static string Name<T>(T value)
        where T : struct, Enum => char.ToLowerInvariant(value.ToString()[0]) + value.ToString()[1..];

    private static RangeAttribute RangeOf<T>(string option) => typeof(T).GetProperty(option)!.GetCustomAttribute<RangeAttribute>()!;
}
