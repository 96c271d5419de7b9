using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class RejectedShapeTests
{
    private const string Good = """{"model":"m","features":{"age":30,"income":5,"zip":1}}""";

    [Theory]
    [InlineData("""{"model":"m","features":{"income":"n/a","zip":1}}""")]
    [InlineData("""{"model":"m","features":{"x":1,"y":1,"age":"oops"}}""")]
    [InlineData("""{"model":"m","features":{"zip":"oops","age":1}}""")]
    public void An_event_that_is_refused_moves_no_value_of_those_after_it(string refused) => Assert.Equal(Panes("{"), Panes(refused));

    private static List<string> Panes(string refused)
    {
        var stage = new DetectStage(new MonitoringOptions());
        stage.Assign("in", 0, Guid.Empty);
        List<OutputRecord> output = [];
        for (var i = 0; i < 600; i++)
        {
            var text = i == 20 ? refused : Good.Replace("30", (20 + (i % 40)).ToString(), StringComparison.Ordinal);
            stage.Process("in", 0, [new LogRecord(i, 1_795_305_600_000 + i, null, Encoding.UTF8.GetBytes(text))], output);
        }

        stage.Flush("in", 0, output, FlushReason.End);
        return [.. output.Where(static record => record.Topic == OutputTopic.Panes).Select(static record => Convert.ToHexString(record.Value!))];
    }
}
