using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary>How a command writes its results.</summary>
internal enum OutputForm : byte
{
    /// <summary>One JSON object a line, for programs.</summary>
    Json,

    /// <summary>A table, for people.</summary>
    Table,
}

/// <summary>Arguments and options that the commands on files share.</summary>
internal static class FileOptions
{
    /// <summary>A file to read.</summary>
    public static Argument<string> File(string name, string what) => new(name)
    {
        Description = what + " CSV with a header line, or JSON lines; .gz is unpacked; - is standard input.",
    };

    /// <summary>Whether the first bad row ends the command.</summary>
    public static Option<bool> Strict() => new("--strict")
    {
        Description = "Stop at the first row that cannot be used (exit code 1). Default: name the first ten, count all, go on.",
    };

    /// <summary>Form of the results.</summary>
    public static Option<string> Output() => new("--output")
    {
        Description = "json (one object a line) or table. Default json.",
        HelpName = "json|table",
        DefaultValueFactory = static _ => "json",
    };

    /// <summary>The column that is looked at.</summary>
    public static Option<string> Column() => new("--column")
    {
        Description = "The column with the numbers: a name of the header, or a property of the JSON objects (or of their features).",
        HelpName = "NAME",
        Required = true,
    };

    /// <summary>Which implementation is followed.</summary>
    public static Option<string> Profile() => new("--profile")
    {
        Description = "Whose behaviour detectors follow where implementations differ: default (the papers, faults of others mended), "
            + "moa (MOA 2024.07), river (River 0.26). Default default.",
        HelpName = "default|moa|river",
        DefaultValueFactory = static _ => "default",
    };

    /// <summary>The value of an enumeration that a user wrote.</summary>
    /// <exception cref="ValidationException">There is none of this name.</exception>
    public static T Choice<T>(string option, string text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        throw new ValidationException($"{option} {text}: expected {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
    }

    /// <summary>Refuses a number outside its range.</summary>
    /// <exception cref="ValidationException">It lies outside.</exception>
    public static T InRange<T>(string option, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ValidationException($"{option} {value}: expected {least} to {most}");

    /// <summary>Adds runnable examples to the end of a description.</summary>
    public static string WithExamples(string description, params ReadOnlySpan<string> examples) =>
        description + Environment.NewLine + Environment.NewLine + "Examples:" + Environment.NewLine + "  " + string.Join(Environment.NewLine + "  ", examples!);
}
