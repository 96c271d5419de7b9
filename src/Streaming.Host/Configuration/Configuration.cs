using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.Extensions.Configuration;
using Streaming.Kafka;

namespace Streaming.Host;

/// <summary>The configuration in force, and where each value of it comes from: <c>driftd.yaml</c>, under the environment, under the command line.</summary>
internal sealed class Configuration
{
    private const string DefaultFile = "driftd.yaml";
    private const string NotSet = "default";

    private readonly IConfigurationRoot _values;
    private readonly List<Layer> _layers;
    private readonly List<string> _problems = [];

    private Configuration(IEnumerable<Layer> layers, Needs needs)
    {
        _layers = [.. layers];
        var builder = new ConfigurationBuilder();
        _layers.ForEach(layer => builder.Add(layer));
        _values = builder.Build();
        _problems.AddRange(_layers.SelectMany(static layer => layer.Problems));
        Options = Apply(new DriftdOptions());
        RefuseUnknown();
        _problems.AddRange(ConfigurationChecks.Of(Options, needs, PlaceOf));
        if (_problems.Count > 0)
        {
            throw new ValidationException(string.Join('\n', _problems));
        }
    }

    /// <summary>The values, all of them valid.</summary>
    public DriftdOptions Options { get; }

    /// <summary>Options from a file (<c>./driftd.yaml</c> where it is there and no other is named), the environment and the command line.</summary>
    /// <param name="file">What <c>--config</c> named.</param>
    /// <param name="commandLine">Values by key, such as <c>listen</c>; null: not given.</param>
    /// <param name="needs">What the command cannot do without.</param>
    /// <exception cref="ValidationException">Every problem, one a line.</exception>
    public static DriftdOptions Load(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine, Needs needs = Needs.Run) =>
        Read(file, commandLine, needs).Options;

    /// <summary>The same, with the place of each value.</summary>
    /// <param name="file">What <c>--config</c> named.</param>
    /// <param name="commandLine">Values by key, such as <c>listen</c>; null: not given.</param>
    /// <param name="needs">What the command cannot do without.</param>
    /// <param name="defaults">What a command takes in place of a usual default, weaker than all else.</param>
    /// <exception cref="ValidationException">Every problem, one a line.</exception>
    public static Configuration Read(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine, Needs needs, Layer? defaults = null)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(static entry => new KeyValuePair<string, string>((string)entry.Key, (string?)entry.Value ?? ""));
        file ??= File.Exists(DefaultFile) ? DefaultFile : null;
        return Of([defaults ?? new Layer(), file is null ? new Layer() : YamlFile.Read(file), Layer.Environment(variables), Layer.CommandLine(commandLine)], needs);
    }

    /// <summary>From layers, the strongest last.</summary>
    /// <exception cref="ValidationException">Every problem, one a line.</exception>
    public static Configuration Of(IEnumerable<Layer> layers, Needs needs) => new(layers, needs);

    /// <summary>All of it as YAML, each value with the place it comes from; secrets are masked.</summary>
    public string ToYaml()
    {
        var text = new StringBuilder();
        var section = "";
        foreach (var setting in Settings.All)
        {
            Line(text, ref section, setting.Key, setting.Show(Options), PlaceOf(setting.Key) ?? NotSet);
        }

        foreach (var (name, value) in Options.Kafka.Properties.OrderBy(static property => property.Key, StringComparer.Ordinal))
        {
            var key = Settings.ClientProperties + name;
            Line(text, ref section, key, KafkaProperties.Shown(name, value), PlaceOf(key) ?? NotSet);
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, ref string section, string key, string? value, string place)
    {
        // client properties have dots in their names; other keys have them between sections
        var end = key.StartsWith(Settings.ClientProperties, StringComparison.Ordinal) ? Settings.ClientProperties.Length - 1 : key.LastIndexOf('.');
        var own = end < 0 ? "" : key[..end];
        if (own != section && own.Length > 0)
        {
            var parts = own.Split('.');
            for (var depth = 0; depth < parts.Length; depth++)
            {
                text.Append(' ', 2 * depth).Append(parts[depth]).Append(":\n");
            }
        }

        section = own;
        var indent = own.Length == 0 ? 0 : 2 * own.Split('.').Length;
        var line = $"{new string(' ', indent)}{key[(end + 1)..]}:{(string.IsNullOrEmpty(value) ? "" : " " + YamlFile.Scalar(value))}";
        text.Append($"{line,-44} # {place}\n");
    }

    private DriftdOptions Apply(DriftdOptions options)
    {
        foreach (var setting in Settings.All)
        {
            if (_values[setting.Key] is not { } text)
            {
                continue;
            }

            if (setting.Set(options, text) is { } changed)
            {
                options = changed;
                continue;
            }

            _problems.Add($"{PlaceOf(setting.Key)}: {setting.Key} = {Shown(text)}: {setting.Must}; default {setting.Default}");
        }

        var properties = _layers.SelectMany(static layer => layer.Keys).Where(IsClientProperty).Distinct(StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static key => key[Settings.ClientProperties.Length..], key => _values[key]!);
        return options with { Kafka = options.Kafka with { Properties = properties } };
    }

    private void RefuseUnknown()
    {
        var known = Settings.All.Select(static setting => setting.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var layer in _layers)
        {
            foreach (var key in layer.Keys.Where(key => !known.Contains(key) && !IsClientProperty(key)))
            {
                _problems.Add($"{layer.Place(key)}: {key}: {Unknown(key)}");
            }
        }
    }

    private static string Unknown(string key)
    {
        var inside = Settings.All.Where(setting => setting.Key.StartsWith(key + ".", StringComparison.OrdinalIgnoreCase))
            .Select(setting => setting.Key[(key.Length + 1)..]).ToList();
        return inside.Count > 0
            ? $"is a section; it holds {string.Join(", ", inside)}"
            : $"there is no such key; the nearest is {Settings.Nearest(key)}";
    }

    private static bool IsClientProperty(string key) =>
        key.StartsWith(Settings.ClientProperties, StringComparison.OrdinalIgnoreCase) && key.Length > Settings.ClientProperties.Length;

    private static string Shown(string text)
    {
        var clean = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return clean.Length == 0 ? "''" : clean.Length <= 100 ? clean : clean[..100] + "…";
    }

    private string? PlaceOf(string key) => _layers.FindLast(layer => layer.TryGet(key, out _))?.Place(key);
}
