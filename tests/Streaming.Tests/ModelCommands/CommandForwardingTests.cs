using Streaming.Monitoring;

namespace Streaming.Tests;

public class CommandForwardingTests
{
    private const string Commands = "drift.commands";

    [Fact]
    public void Commands_before_the_committed_offset_are_not_passed_on_again()
    {
        var stage = new DetectStage(new MonitoringOptions(), Commands);
        stage.Assign(Commands, 0, Guid.Empty);
        stage.BeginReplay(Commands, 0, 2);
        List<OutputRecord> output = [];

        stage.Process(Commands, 0, [Record(0), Record(1), Record(2), Record(3)], output);

        Assert.Equal([Command(2).Encode(), Command(3).Encode()], output.Select(static record => record.Value));
    }

    [Fact]
    public void What_was_passed_on_is_forgotten_with_the_partition()
    {
        var stage = new DetectStage(new MonitoringOptions(), Commands);
        stage.Assign(Commands, 0, Guid.Empty);
        stage.BeginReplay(Commands, 0, 2);
        stage.Revoke(Commands, 0);
        stage.Assign(Commands, 0, Guid.Empty);
        List<OutputRecord> output = [];

        stage.Process(Commands, 0, [Record(0)], output);

        Assert.Single(output);
    }

    private static LogRecord Record(int offset) => new(offset, 0, null, Command(offset).Encode());

    private static ModelCommand Command(int id) => new() { Kind = CommandKind.Relearn, Id = $"c{id}", Model = "fraud", Why = "test", Time = 1_795_305_600_000 };
}
