using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Streaming.IntegrationTests;

/// <summary>A newcomer follows the README, line by line.</summary>
[Collection("kafka")]
public partial class ReadmeCommandTests(KafkaCluster cluster)
{
    private readonly string _id = "r" + Guid.NewGuid().ToString("N")[..8];
    private readonly int _port = LocalKafka.FreePorts(1)[0];

    [BrokerFact]
    public async Task The_commands_that_attach_it_to_a_Kafka_give_what_the_README_says()
    {
        var lines = Commands("Attach it to your Kafka");
        Assert.Equal(5, lines.Count);
        var given = lines[0];
        Assert.StartsWith("created  " + _id + ": 4 partitions", await Output(given, lines[1]), StringComparison.Ordinal);
        Assert.Equal($"published 45312 events to {_id} (4 partitions), 0 rows skipped", (await Output(given, lines[2])).Trim().Split('\n')[^1]);
        using var run = Start(given, "exec env " + lines[3]);
        var errors = run.StandardError.ReadToEndAsync();
        var reading = run.StandardOutput.ReadToEndAsync();

        string metrics;
        var watch = Stopwatch.StartNew();
        do
        {
            Assert.True(!run.HasExited && watch.Elapsed < TimeSpan.FromSeconds(60), "no trigger after 60 s, or ended");
            metrics = await Answer(given, lines[4]);
        }
        while (!metrics.Contains("driftd_events_total{model=\"elec2\",version=\"-\"} 45312\n", StringComparison.Ordinal)
            || !metrics.Contains("driftd_triggers_total{model=\"elec2\"", StringComparison.Ordinal));

        Signals.Send(run.Id, "TERM");
        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == 0, await errors);
        Assert.Equal("", await reading);
        var triggers = Log.Read(cluster.BootstrapServers, _id + ".triggers");
        Assert.NotEmpty(triggers);
        Assert.All(triggers, static trigger =>
        {
            using var json = JsonDocument.Parse(trigger.Message.Value);
            Assert.StartsWith("concept drift: error rate", json.RootElement.GetProperty("data").GetProperty("reason").GetString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_begins_with_a_clone_is_run_by_a_script_that_takes_the_lines_from_the_README()
    {
        Assert.Equal(["git clone https://git.example.com/driftd.git driftd && cd driftd", "./run.sh"], Commands("Start it"));
        Assert.Contains(".ci/newcomer", Workflow(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_needs_an_engine_is_run_by_the_workflow()
    {
        var compose = Assert.Single(Inline("Run it in containers, on Kubernetes"), static line => line.StartsWith("docker compose", StringComparison.Ordinal));

        // built a step before
        Assert.Contains(compose.Replace(" --build", " --detach --no-build", StringComparison.Ordinal), Workflow(), StringComparison.Ordinal);
    }

    [ChartFact]
    public async Task What_installs_it_on_Kubernetes_is_taken_by_the_chart_and_its_schema()
    {
        var install = Assert.Single(Inline("Run it in containers, on Kubernetes"), static line => line.StartsWith("helm install", StringComparison.Ordinal));
        var helm = Path.Combine(Tools.Folder, "bin", "helm");

        var rendered = (await Shell.Bash(install.Replace("helm install", helm + " template", StringComparison.Ordinal), Repository.Root)).Fine();

        Assert.Contains("kind: StatefulSet", rendered, StringComparison.Ordinal);
        Assert.Contains("registry.example.com/driftd", rendered, StringComparison.Ordinal);
    }

    private async Task<string> Output(string given, string command)
    {
        using var process = Start(given, command);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}\nexit {process.ExitCode}\n{await errors}");
        return output;
    }

    // empty as long as nothing is served, which is no fault yet
    private async Task<string> Answer(string given, string command)
    {
        using var process = Start(given, command);
        process.StandardError.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    /// <summary>A line as it stands there, with this test's broker, topic, group, prefix and port in place of the ones shown.</summary>
    private Process Start(string given, string command)
    {
        var text = $"{given}\n{command}"
            .Replace("127.0.0.1:9092", cluster.BootstrapServers, StringComparison.Ordinal)
            .Replace("127.0.0.1:9464", $"127.0.0.1:{_port}", StringComparison.Ordinal)
            .Replace("--topic predictions", "--topic " + _id, StringComparison.Ordinal)
            .Replace("./run.sh", DriftdProcess.Program, StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-c", text]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        start.Environment["DRIFTD__GROUP"] = _id;
        start.Environment["DRIFTD__PREFIX"] = _id + ".";
        start.Environment["DRIFTD__LISTEN"] = $"127.0.0.1:{_port}";
        return Process.Start(start)!;
    }

    private static List<string> Commands(string heading) =>
        [.. Block().Matches(Section(heading)).SelectMany(static block => block.Groups["lines"].Value.Trim().Split('\n'))];

    private static List<string> Inline(string heading) => [.. Span().Matches(Section(heading)).Select(static span => span.Groups["text"].Value)];

    private static string Section(string heading) => Regex.Match(
        File.ReadAllText(Path.Combine(Repository.Root, "README.md")), $"^## {heading}\n(?<text>.*?)^## ", RegexOptions.Singleline | RegexOptions.Multiline).Groups["text"].Value;

    private static string Workflow() => File.ReadAllText(Path.Combine(Repository.Root, ".github/workflows/ci.yml"));

    [GeneratedRegex("`(?<text>[^`\n]+)`")]
    private static partial Regex Span();

    [GeneratedRegex("```sh\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
