using Microsoft.Extensions.Configuration;

namespace Streaming.Host;

/// <summary>Values from one place, each with the words that say where it stands.</summary>
internal sealed class Layer : ConfigurationProvider, IConfigurationSource
{
    private const string EnvironmentPrefix = "DRIFTD__";

    private readonly Dictionary<string, string> _places = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Keys in the order in which they were given.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>Problems that keep a value from being read at all.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The variables <c>DRIFTD__SECTION__KEY</c>. In client properties an underscore stands for a dot, which shells do not allow in names.</summary>
    public static Layer Environment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var layer = new Layer();
        foreach (var (name, value) in variables.OrderBy(static variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var key = name[EnvironmentPrefix.Length..].Replace("__", ".", StringComparison.Ordinal);
            layer.Add(IsClientProperty(key) ? key.Replace('_', '.') : key, value, "environment variable " + name);
        }

        return layer;
    }

    /// <summary>What the command line sets, by key.</summary>
    public static Layer CommandLine(IEnumerable<KeyValuePair<string, string?>> options)
    {
        var layer = new Layer();
        foreach (var (key, value) in options)
        {
            if (value is not null)
            {
                layer.Add(key, value, "option " + OptionOf(key));
            }
        }

        return layer;
    }

    /// <summary>Where a value of this layer stands.</summary>
    public string Place(string key) => _places[key];

    /// <summary>Adds a value.</summary>
    public void Add(string key, string value, string place)
    {
        key = IsClientProperty(key) ? key.ToLowerInvariant() : key;
        if (!_places.TryAdd(key, place))
        {
            Problems.Add($"{place}: {key}: is already set by {_places[key]}");
            return;
        }

        Keys.Add(key);
        Data[key] = value;
    }

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    private static bool IsClientProperty(string key) => key.StartsWith(Settings.ClientProperties, StringComparison.OrdinalIgnoreCase);

    private static string OptionOf(string key) => key == "topics"
        ? "--topic" : "--" + string.Concat(key.Select(static c => char.IsUpper(c) ? "-" + char.ToLowerInvariant(c) : c.ToString()));
}
