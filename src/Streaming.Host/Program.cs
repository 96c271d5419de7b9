using System.CommandLine;

namespace Streaming.Host;

/// <summary>The contents page of <c>driftd</c>.</summary>
internal static class Program
{
    /// <summary>All commands.</summary>
    public static RootCommand Root() => ShortHelp.On(new RootCommand("driftd watches what models publish to Kafka, decides when the world has changed, and asks for retraining.\n\nBegin with:\n  driftd demo\n  driftd run --help")
    {
        DemoCommand.Create(),
        RunCommand.Create(),
        DetectCommand.Create(),
        DetectorsCommand.Create(),
        CompareCommand.Create(),
        DistancesCommand.Create(),
        ReplayCommand.Create(),
        PublishCommand.Create(),
        ReferenceCommand.Create(),
        TopicsCommand.Create(),
        TriggersCommand.Create(),
        OutcomeCommand.Create(),
        RelearnCommand.Create(),
        InspectCommand.Create(),
        StatusCommand.Create(),
        HealthCommand.Create(),
        StateCommand.Create(),
        ConfigCommand.Create(),
    });

    private static Task<int> Main(string[] arguments) => CommandLine.RunAsync(Root(), arguments);
}
