using System.Text;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests;

public sealed class CommandReceiverTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void It_gets_the_event_on_standard_input_and_the_rest_as_variables()
    {
        var trigger = Of("""{"id":"t1","data":{"reason":"größer"}}""", "m; rm -rf $HOME `id`");

        Assert.Null(new CommandReceiver($"cat > {_file}; printf '\\n%s|%s|%s|%s' \"$DRIFTD_TRIGGER_ID\" \"$DRIFTD_MODEL\" \"$DRIFTD_VERSION\" \"$DRIFTD_REASON\" >> {_file}", Timeout)
            .Deliver(trigger, CancellationToken.None));

        Assert.Equal("""{"id":"t1","data":{"reason":"größer"}}""" + "\nt1|m; rm -rf $HOME `id`|7|error rate 0.1 → 0.2", File.ReadAllText(_file));
    }

    [Fact]
    public void It_can_go_on_with_a_trace_of_the_id_of_the_trigger()
    {
        var trigger = Of("{}") with { Id = "7f6b31c20ef0ea46df6a65b2eb1f1440" };

        Assert.Null(new CommandReceiver($"cat > /dev/null; printf %s \"$TRACEPARENT\" > {_file}", Timeout).Deliver(trigger, CancellationToken.None));

        Assert.Equal("00-7f6b31c20ef0ea46df6a65b2eb1f1440-df6a65b2eb1f1440-01", File.ReadAllText(_file));
    }

    [Fact]
    public void Another_exit_code_is_a_refusal_with_the_last_thing_that_was_said() =>
        Assert.Equal(
            "the command ended with exit code 3: no room in the queue",
            new CommandReceiver("cat > /dev/null; echo begin; echo 'no room in the queue' >&2; exit 3", Timeout).Deliver(Of("{}"), CancellationToken.None)!.Reason);

    [Fact]
    public void A_command_that_never_reads_its_input_may_succeed() =>
        Assert.Null(new CommandReceiver("exit 0", Timeout).Deliver(Of(new string(' ', 1_000_000)), CancellationToken.None));

    [Fact]
    public void A_command_that_hangs_is_ended_with_all_that_it_started()
    {
        var refusal = new CommandReceiver($"sleep 600 & echo $! > {_file}; wait", TimeSpan.FromSeconds(0.3)).Deliver(Of("{}"), CancellationToken.None);

        Assert.Equal("the command was ended after 0.3 s", refusal!.Reason);
        Assert.True(SpinWait.SpinUntil(() => HasEnded(File.ReadAllText(_file).Trim()), Timeout));
    }

    [Fact]
    public void A_stop_ends_the_command_and_leaves_open_whether_it_was_taken()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        Assert.Throws<OperationCanceledException>(() => new CommandReceiver("sleep 600", Timeout).Deliver(Of("{}"), stop.Token));
    }

    public void Dispose() => File.Delete(_file);

    // one that nobody has asked about yet is a zombie
    private static bool HasEnded(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static Trigger Of(string json, string model = "m") =>
        new(new TriggerRecord(0, 1, Encoding.UTF8.GetBytes(json)), "t1", model, "7", "error rate 0.1 → 0.2");
}
