using System.Globalization;

namespace Streaming.Host;

/// <summary>Durations as people write them: <c>250ms</c>, <c>5s</c>, <c>10m</c>, <c>24h</c>, <c>7d</c>.</summary>
internal static class Durations
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("ms", TimeSpan.FromMilliseconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
    ];

    /// <summary>The duration; null where the text is none. Zero needs no unit.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        foreach (var (unit, length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && uint.TryParse(text[..^unit.Length], NumberStyles.None, null, out var count))
            {
                return count <= TimeSpan.MaxValue.Ticks / length.Ticks ? length * count : null;
            }
        }

        return null;
    }

    /// <summary>The shortest exact way to write it.</summary>
    public static string Text(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var (unit, length) = Units.OrderByDescending(static unit => unit.Length).First(unit => duration.Ticks % unit.Length.Ticks == 0);
        return (duration.Ticks / length.Ticks).ToString() + unit;
    }
}
