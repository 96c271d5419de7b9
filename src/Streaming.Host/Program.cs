using System.CommandLine;

namespace Streaming.Host;

/// <summary>The contents page of <c>driftd</c>.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => CommandLine.RunAsync(
        new RootCommand("driftd watches what models publish to Kafka, decides when the world has changed, and asks for retraining.")
        {
            RunCommand.Create(),
            TopicsCommand.Create(),
            ConfigCommand.Create(),
        },
        arguments);
}
