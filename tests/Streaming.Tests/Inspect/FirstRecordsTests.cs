using System.Text;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class FirstRecordsTests
{
    [Fact]
    public void A_topic_whose_first_100_records_are_all_dead_letters_is_told_with_its_keys_and_their_types()
    {
        var (stage, output) = Stage();

        Feed(stage, output, 99, Flat);
        Assert.Empty(stage.Snapshot().Unusable);
        Feed(stage, output, 1, Flat);

        var unusable = Assert.Single(stage.Snapshot().Unusable);
        Assert.Equal(
            new UnusableTopic(Events.Topic, "neither_features_nor_prediction 100; JSON object 100", "/user (text), /order/amount (number)"), unusable);
        Feed(stage, output, 300, Flat);
        Assert.Single(stage.Snapshot().Unusable);
    }

    [Fact]
    public void One_record_that_can_be_used_is_enough_to_say_nothing()
    {
        var (stage, output) = Stage();

        Feed(stage, output, 1, """{"prediction":1}""");
        Feed(stage, output, 300, Flat);

        Assert.Empty(stage.Snapshot().Unusable);
    }

    [Fact]
    public void What_is_no_JSON_is_told_by_its_format()
    {
        var (stage, output) = Stage();

        Feed(stage, output, 100, "a,b,c");

        Assert.Equal(new UnusableTopic(Events.Topic, "broken_json 100; text that is no JSON: cannot be read 100", "none"), Assert.Single(stage.Snapshot().Unusable));
    }

    private const string Flat = """{"user":"canary","order":{"amount":3}}""";

    private static (DetectStage, List<OutputRecord>) Stage()
    {
        var stage = new DetectStage(new MonitoringOptions());
        stage.Assign(Events.Topic, 0, Guid.Empty);
        return (stage, []);
    }

    private static void Feed(DetectStage stage, List<OutputRecord> output, int count, string json) => stage.Process(
        Events.Topic, 0, [.. Enumerable.Range(0, count).Select(i => new LogRecord(output.Count + i, Events.Start, null, Encoding.UTF8.GetBytes(json)))], output);
}
