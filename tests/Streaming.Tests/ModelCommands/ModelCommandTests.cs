using System.Text;
using FsCheck.Xunit;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class ModelCommandTests
{
    private static readonly ModelCommand Outcome = new()
    {
        Kind = CommandKind.Outcome,
        Id = "i1",
        Model = "fraud",
        Version = "8",
        Trigger = "t1",
        Outcome = TrainingOutcome.Deployed,
        Why = "run 7",
        Time = 1_795_305_600_000,
    };

    [Fact]
    public void It_is_a_CloudEvent() => Assert.Equal(
        """{"specversion":"1.0","id":"i1","source":"/driftd/commands","type":"drift.outcome.v1","subject":"fraud","time":"2026-11-22T00:00:00.000Z","datacontenttype":"application/json","data":{"model":"fraud","version":"8","trigger":"t1","outcome":"deployed","why":"run 7"}}""",
        Encoding.UTF8.GetString(Outcome.Encode()));

    [Fact]
    public void What_was_written_is_read()
    {
        ModelCommand[] commands =
        [
            Outcome, Outcome with { Version = null, Trigger = null, Outcome = TrainingOutcome.Failed }, Outcome with { Kind = CommandKind.Relearn, Outcome = null },
            Outcome with { Kind = CommandKind.Approval, Outcome = null, Version = null },
        ];

        Assert.All(commands, static command => Assert.Equal(command, ModelCommand.Decode(command.Encode())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"id":"i","type":"drift.trigger.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""")]
    [InlineData("""{"id":"","type":"drift.relearn.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""")]
    [InlineData("""{"id":"i","type":"drift.relearn.v1","time":"2026-11-22T00:00:00Z","data":{"model":null}}""")]
    [InlineData("""{"id":"i","type":"drift.relearn.v1","time":"yesterday","data":{"model":"m"}}""")]
    [InlineData("""{"id":"i","type":"drift.approval.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""")]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m"}}""")]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m","outcome":"17"}}""")]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m","outcome":"lost"}}""")]
    [InlineData("""{"id":"i","type":"drift.outcome.v1","time":"2026-11-22T00:00:00Z","data":{"model":"m","outcome":3}}""")]
    [InlineData("""{"id":"i","type":"drift.relearn.v1","time":"2026-11-22T00:00:00Z","data":"m"}""")]
    public void What_is_no_command_is_refused(string text) => Assert.Null(ModelCommand.Decode(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Texts_and_records_have_a_length_limit()
    {
        Assert.NotNull(ModelCommand.Decode((Outcome with { Why = new string('w', 1_000) }).Encode()));
        Assert.Null(ModelCommand.Decode((Outcome with { Why = new string('w', 1_001) }).Encode()));
        Assert.Null(ModelCommand.Decode(new byte[ModelCommand.MaxBytes + 1]));
    }

    [Property]
    public bool Any_bytes_are_read_or_refused_without_an_error(byte[] bytes) => ModelCommand.Decode(bytes) is null or { Id.Length: > 0 };
}
