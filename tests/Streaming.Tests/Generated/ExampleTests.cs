using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Streaming.Host;
using YamlDotNet.RepresentationModel;

namespace Streaming.Tests.Generated;

/// <summary>docker/examples against the trigger that the README shows and the commands that driftd knows.</summary>
public partial class ExampleTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docker/examples");
    private static readonly JsonElement Trigger = JsonElement.Parse(
        Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md")), "```json trigger\n(?<text>.*?)```", RegexOptions.Singleline).Groups["text"].Value);

    [Fact]
    public void The_sensor_of_Argo_waits_for_the_event_source_and_reads_what_a_trigger_has()
    {
        var (source, sensor) = (Documents("argo-events.yaml")[0], Documents("argo-events.yaml")[1]);
        var dependency = Assert.Single(Items(sensor, "spec", "dependencies"));
        Assert.Equal(("EventSource", "Sensor"), (Text(source, "kind"), Text(sensor, "kind")));
        Assert.Equal(Text(source, "metadata", "name"), Text(dependency, "eventSourceName"));
        Assert.Equal("drift.triggers", Text(source, "spec", "kafka", Text(dependency, "eventName"), "topic"));

        var workflow = Node(Assert.Single(Items(sensor, "spec", "triggers")), "template", "argoWorkflow");
        var parameters = Items(workflow, "parameters");
        foreach (var parameter in parameters)
        {
            Assert.Equal(Text(dependency, "name"), Text(parameter, "src", "dependencyName"));
            Assert.StartsWith("body.", Text(parameter, "src", "dataKey"), StringComparison.Ordinal);
            Follow(Trigger, Text(parameter, "src", "dataKey")["body.".Length..]);
        }

        // each argument of the workflow is filled in, and its name with the id is one that Kubernetes takes
        var arguments = Items(workflow, "source", "resource", "spec", "arguments", "parameters").Count;
        Assert.Equal(
            Enumerable.Range(0, arguments).Select(static i => $"spec.arguments.parameters.{i}.value").Prepend("metadata.name"), parameters.Select(static parameter => Text(parameter, "dest")));
        Assert.Equal("append", Text(parameters[0], "operation"));
        Assert.Matches("^[a-z0-9-]{1,63}$", Text(workflow, "source", "resource", "metadata", "name") + Trigger.GetProperty("id").GetString());
    }

    [Fact]
    public void The_workflow_of_GitHub_reads_what_is_posted_and_no_text_of_an_event_stands_in_a_script()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "github-actions.yml"));
        var workflow = Assert.Single(Documents("github-actions.yml"));
        var type = Assert.Single(Items(workflow, "on", "repository_dispatch", "types")).ToString();

        Assert.Contains($"event_type: \\\"{type}\\\", client_payload: {{trigger: .}}", text, StringComparison.Ordinal);
        var paths = Payload().Matches(text).Select(static match => match.Groups["path"].Value).ToList();
        Assert.Equal(4, paths.Count);
        Assert.All(paths, static path => Follow(Trigger, path));
        Assert.All(
            Items(workflow, "jobs", "retrain", "steps").OfType<YamlMappingNode>().Where(static step => step.Children.ContainsKey("run")),
            static step => Assert.DoesNotContain("${{", Text(step, "run"), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_command_of_driftd_in_them_is_one_that_it_knows()
    {
        var commands = Directory.EnumerateFiles(Folder).SelectMany(File.ReadLines).SelectMany(line => Command().Matches(line)).Select(static match => match.Groups["command"].Value).ToList();

        Assert.True(commands.Count >= 5, string.Join('\n', commands));
        Assert.All(commands, static command => Assert.Empty(Program.Root().Parse(command).Errors));
    }

    [Fact]
    public void The_DAG_of_Airflow_is_Python_and_reads_what_a_trigger_has()
    {
        var dag = Path.Combine(Folder, "airflow_dag.py");
        var text = File.ReadAllText(dag);
        Assert.All(Key().Matches(text).Select(static key => key.Groups["name"].Value).Distinct(), static name => Assert.Contains($"\"{name}\":", Trigger.GetRawText(), StringComparison.Ordinal));
        Assert.Contains("apply_function=\"airflow_dag.value\"", text, StringComparison.Ordinal);

        // where there is no Python the rest is checked all the same
        var start = new ProcessStartInfo("/bin/sh", ["-c", "command -v python3 > /dev/null || exit 0; python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' \"$0\"", dag]) { RedirectStandardError = true };
        using var python = Process.Start(start)!;
        var errors = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, errors);
    }

    /// <summary>What a dotted path leads to; it must lead somewhere.</summary>
    private static void Follow(JsonElement json, string path)
    {
        foreach (var name in path.Split('.'))
        {
            Assert.True(json.TryGetProperty(name, out json), path);
        }
    }

    private static List<YamlMappingNode> Documents(string file)
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(Path.Combine(Folder, file));
        yaml.Load(text);
        return [.. yaml.Documents.Select(static document => (YamlMappingNode)document.RootNode)];
    }

    private static YamlNode Node(YamlNode node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node[name];
        }

        return node;
    }

    private static string Text(YamlNode node, params ReadOnlySpan<string> path) => ((YamlScalarNode)Node(node, path)).Value!;

    private static List<YamlNode> Items(YamlNode node, params ReadOnlySpan<string> path) => [.. ((YamlSequenceNode)Node(node, path)).Children];

    [GeneratedRegex(@"github\.event\.client_payload\.trigger\.(?<path>[\w.]+)")]
    private static partial Regex Payload();

    [GeneratedRegex(@"(?<!\S)driftd (?<command>(outcome|triggers) [^#]*?)(?: \\)?$")]
    private static partial Regex Command();

    [GeneratedRegex(@"\[""(?<name>(?!payload)\w+)""\]")]
    private static partial Regex Key();
}
