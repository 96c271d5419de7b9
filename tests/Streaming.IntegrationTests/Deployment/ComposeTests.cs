using System.Text.RegularExpressions;
using Streaming.Host;
using YamlDotNet.RepresentationModel;

namespace Streaming.IntegrationTests;

/// <summary>A test that needs docker compose; skipped, with the way to enable it, where it is absent. No engine has to run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ComposeFactAttribute : FactAttribute
{
    private static readonly bool IsThere = Shell.Has("docker") && Shell.Run("docker", ["compose", "version"]).GetAwaiter().GetResult().ExitCode == 0;

    public ComposeFactAttribute() => Skip = IsThere ? null : "needs docker with its plugin compose";
}

/// <summary>docker/compose.yaml, as far as it goes without a Docker engine.</summary>
public class ComposeTests
{
    private static readonly string Folder = Path.Combine(Tools.Root, "docker");
    private static readonly Dictionary<string, YamlMappingNode> Services = Read();

    [Fact]
    public void Every_image_is_pinned_and_every_port_is_open_on_loopback_only()
    {
        Assert.Equal(["alertmanager", "driftd", "grafana", "kafka", "prometheus", "publisher", "topics"], Services.Keys.Order(StringComparer.Ordinal));
        Assert.All(Services.Values, static service => Assert.Matches(@"^(driftd:local|[a-z]+/[a-z]+:v?\d+\.\d+\.\d+)$", Text(service, "image")));
        Assert.All(Services.Values.SelectMany(static service => List(service, "ports")), static port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void No_password_stands_in_it()
    {
        var passwords = Services.Values.SelectMany(static service => Map(service, "environment")).Where(static pair => Regex.IsMatch(pair.Key, "PASSWORD|SECRET|TOKEN")).ToList();

        Assert.NotEmpty(passwords);
        Assert.All(passwords, static pair => Assert.Matches(@"^\$\{[A-Z_]+:\?.+\}$", pair.Value));
    }

    [Fact]
    public void What_runs_driftd_has_no_rights_and_a_command_that_driftd_knows()
    {
        var ours = Services.Where(static pair => Text(pair.Value, "image") == "driftd:local").ToList();

        Assert.Equal(3, ours.Count);
        Assert.All(ours, static pair =>
        {
            Assert.Equal(("true", "ALL", "no-new-privileges:true"), (Text(pair.Value, "read_only"), List(pair.Value, "cap_drop").Single(), List(pair.Value, "security_opt").Single()));
            Assert.Empty(Program.Root().Parse(List(pair.Value, "command") is { Count: > 0 } command ? command : ["run"]).Errors);
            Assert.All(Map(pair.Value, "environment").Keys, static key => Assert.True(
                key.StartsWith("DRIFTD__KAFKA__", StringComparison.Ordinal) || Settings.All.Any(setting => "DRIFTD__" + setting.Key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant() == key), key));
        });
    }

    [Fact]
    public void Every_file_and_folder_that_it_mounts_is_there()
    {
        var mounts = Services.Values.SelectMany(static service => List(service, "volumes")).ToList();

        Assert.NotEmpty(mounts);
        Assert.All(mounts, static mount => Assert.EndsWith(":ro", mount, StringComparison.Ordinal));
        Assert.All(mounts, static mount => Assert.True(Path.Exists(Path.Combine(Folder, mount.Split(':')[0])), mount));
    }

    [ComposeFact]
    public async Task Compose_takes_it() =>
        (await Shell.Run("docker", ["compose", "-f", Path.Combine(Folder, "compose.yaml"), "config", "--quiet"], variables: new Dictionary<string, string> { ["GRAFANA_PASSWORD"] = "canary" })).Fine();

    private static Dictionary<string, YamlMappingNode> Read()
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(Path.Combine(Folder, "compose.yaml"));
        yaml.Load(text);
        var services = (YamlMappingNode)yaml.Documents[0].RootNode["services"];
        return services.Children.ToDictionary(static pair => ((YamlScalarNode)pair.Key).Value!, static pair => Merged((YamlMappingNode)pair.Value));
    }

    // the parser knows anchors, but not the merge key
    private static YamlMappingNode Merged(YamlMappingNode service)
    {
        var merged = new YamlMappingNode(service.Children.Where(static pair => pair.Key.ToString() != "<<"));
        if (service.Children.TryGetValue("<<", out var template))
        {
            foreach (var (key, value) in ((YamlMappingNode)template).Children)
            {
                merged.Children.TryAdd(key, value);
            }
        }

        return merged;
    }

    private static string Text(YamlMappingNode service, string key) => service.Children.TryGetValue(key, out var value) ? value.ToString() : "";

    private static List<string> List(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var value) ? [.. ((YamlSequenceNode)value).Select(static item => item.ToString())] : [];

    private static Dictionary<string, string> Map(YamlMappingNode service, string key) => service.Children.TryGetValue(key, out var value)
        ? ((YamlMappingNode)value).Children.ToDictionary(static pair => pair.Key.ToString(), static pair => pair.Value.ToString()) : [];
}
