using System.CommandLine;

namespace Streaming.Host;

/// <summary>The options of the commands that work with a Kafka: each stands above its key in driftd.yaml.</summary>
internal sealed class AttachOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = "Configuration file. Default: ./driftd.yaml where it is there.",
        HelpName = "FILE",
    };

    private readonly List<(string Key, Option<string[]> Option)> _keys =
    [
        ("topics", Of("--topic", "Topic with prediction events; may be given several times.", "TOPIC")),
        ("bootstrapServers", Of("--bootstrap-servers", "Brokers to begin with, host:port separated by commas.", "SERVERS")),
        ("group", Of("--group", "Consumer group. Default: driftd.", "GROUP")),
        ("prefix", Of("--prefix", "Begins the names of the topics that driftd writes. Default: drift.", "PREFIX")),
        ("listen", Of("--listen", "Where /metrics and /health are served. Default: 127.0.0.1:9464.", "HOST:PORT")),
        ("roles", Of("--roles", "Stages that run in this process. Default: detect,decide.", "ROLES")),
        ("logFormat", Of("--log-format", "text or json. Default: text.", "FORMAT")),
    ];

    /// <summary>Gives a command these options, or those of them that it names.</summary>
    public void AddTo(Command command, params string[] keys)
    {
        command.Options.Add(_config);
        foreach (var (key, option) in _keys)
        {
            if (keys.Length == 0 || keys.Contains(key))
            {
                command.Options.Add(option);
            }
        }
    }

    /// <summary>Whether the command line itself says this key.</summary>
    public bool IsGiven(ParseResult parsed, string key) => parsed.GetResult(_keys.First(named => named.Key == key).Option) is { Implicit: false };

    /// <summary>The configuration under what the command line says.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Every problem, one a line.</exception>
    public Configuration Read(ParseResult parsed, Needs needs) => Configuration.Read(
        parsed.GetValue(_config),
        _keys.Select(key => new KeyValuePair<string, string?>(
            key.Key, parsed.GetResult(key.Option) is { Implicit: false } ? string.Join(',', parsed.GetValue(key.Option) ?? []) : null)),
        needs);

    private static Option<string[]> Of(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
    };
}
