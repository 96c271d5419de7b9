using YamlDotNet.RepresentationModel;

namespace Streaming.IntegrationTests;

/// <summary>The broker that test.sh takes from a Docker engine, with a program in place of the engine that writes down what it is told.</summary>
public sealed class DockerKafkaTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("docker").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_the_broker_of_the_compose_file_it_is_waited_for_and_it_is_removed()
    {
        var run = await Sourced("start_docker_kafka && echo \"at $KAFKA_BOOTSTRAP_SERVERS\"", listed: "exit $(( $(grep -c exec \"$0.said\") < 3 ))");

        var at = Assert.Single(run.Fine().Trim().Split('\n'));
        Assert.Matches(@"^at 127\.0\.0\.1:2\d{4}$", at);
        var (said, port) = (File.ReadAllLines(Path.Combine(_folder, "docker.said")), at.Split(':')[1]);
        Assert.StartsWith("run --detach --name driftd-test-", said[0], StringComparison.Ordinal);
        Assert.Equal(3, said.Count(static line => line.StartsWith("exec driftd-test-", StringComparison.Ordinal)));
        Assert.StartsWith("rm --force driftd-test-", said[^1], StringComparison.Ordinal);

        var kafka = Compose();
        Assert.EndsWith(" " + ((YamlScalarNode)kafka["image"]).Value, said[0], StringComparison.Ordinal);
        Assert.Contains($" --publish 127.0.0.1:{port}:9092 ", said[0], StringComparison.Ordinal);
        foreach (var (name, value) in ((YamlMappingNode)kafka["environment"]).Children)
        {
            var expected = value.ToString().Replace("HOST://127.0.0.1:9092", "HOST://127.0.0.1:" + port, StringComparison.Ordinal);
            Assert.Contains($" --env {name}={expected} ", said[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_engine_that_cannot_start_it_is_no_fault_of_the_tests()
    {
        var run = await Sourced("start_docker_kafka || echo \"without: ${KAFKA_BOOTSTRAP_SERVERS:-none}\"", ran: "echo 'no such image' >&2; exit 125");

        Assert.Equal("without: none", run.Fine().Trim());
        Assert.Contains("no such image", run.Error, StringComparison.Ordinal);
    }

    private async Task<Ran> Sourced(string line, string ran = "exit 0", string listed = "exit 0")
    {
        var docker = Path.Combine(_folder, "docker");
        await File.WriteAllTextAsync(docker, $"#!/bin/bash\necho \"$*\" >> \"$0.said\"\ncase $1 in run) {ran} ;; exec) {listed} ;; esac\n");
        (await Shell.Bash($"chmod +x '{docker}'")).Fine();
        return await Shell.Bash(
            $"source .ci/setup.sh; {line}", Tools.Root, new Dictionary<string, string>
            {
                ["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}",
                ["KAFKA_BOOTSTRAP_SERVERS"] = "",
            });
    }

    private static YamlMappingNode Compose()
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(Path.Combine(Tools.Root, "docker", "compose.yaml"));
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents[0].RootNode["services"]["kafka"];
    }
}
