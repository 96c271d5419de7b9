using System.ComponentModel.DataAnnotations;
using System.Text;
using Streaming.Host;
using Streaming.Monitoring;

namespace Streaming.Tests;

public class EventRowsTests
{
    private static readonly EventRoles Fraud = new() { Model = "fraud", Version = "7" };

    [Fact]
    public void A_row_becomes_the_event_that_the_documentation_shows()
    {
        var events = Read("id,time,amount,country,age,prediction,label\n9f2c,2026-11-22T10:00:00Z,12.50,DE,,0.83,1\n", Fraud, out _);

        Assert.Equal(
            ["""{"id":"9f2c","model":"fraud","version":"7","time":"2026-11-22T10:00:00Z","features":{"amount":12.50,"country":"DE","age":null},"prediction":0.83,"label":1}"""],
            events.Select(found => found.Json));
        Assert.Equal(("9f2c", 1_795_341_600_000L), (Encoding.UTF8.GetString(events[0].Id!), events[0].Time));
    }

    [Theory]
    [InlineData("2026-11-22T10:00:00.250+01:00", "\"2026-11-22T10:00:00.250+01:00\"")]
    [InlineData("2026-11-22 09:00:00.25Z", "\"2026-11-22T09:00:00.25+00:00\"")]
    [InlineData("1795338000250", "1795338000250")]
    public void Times_are_RFC_3339_or_milliseconds(string time, string written)
    {
        var found = Assert.Single(Read($"time,x\n{time},1\n", Fraud, out _));

        Assert.Contains($"\"time\":{written}", found.Json);
        Assert.Equal(1_795_338_000_250, found.Time);
    }

    [Theory]
    [InlineData("007", "7")]
    [InlineData("-0.5", "-0.5")]
    [InlineData("+3", "3")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("1e-3", "0.001")]
    [InlineData("0.1000000000000000055", "0.1000000000000000055")]
    [InlineData("12-3", "\"12-3\"")]
    [InlineData("true", "\"true\"")]
    [InlineData("\"a \"\"b\"\" \\ ü\"", "\"a \\\"b\\\" \\\\ ü\"")]
    public void Numbers_stay_numbers_and_all_else_is_text(string cell, string written) =>
        Assert.Contains($"{{\"x\":{written}}}", Assert.Single(Read($"id,x\na,{cell}\n", Fraud, out _)).Json);

    [Fact]
    public void Roles_go_to_the_columns_named()
    {
        var roles = new EventRoles { Model = "m", Id = "txn", Time = "at", Prediction = "score", Label = "truth" };

        Assert.Equal(
            """{"id":"1","model":"m","time":5,"features":{"id":9,"label":0},"prediction":"yes","label":"no"}""",
            Assert.Single(Read("id,txn,at,score,truth,label\n9,1,5,yes,no,0\n", roles, out _)).Json);
    }

    [Fact]
    public void Columns_may_name_model_version_and_partition_row_by_row()
    {
        var events = Read("id,model,version,partition,x\na,fraud,1,3,0\nb,churn,2,,0\n", new EventRoles { FromColumns = true }, out _);

        Assert.Equal("""{"id":"a","model":"fraud","version":"1","features":{"x":0}}""", events[0].Json);
        Assert.Equal("""{"id":"b","model":"churn","version":"2","features":{"x":0}}""", events[1].Json);
        Assert.Equal([3, null], events.Select(found => found.Partition));
    }

    [Theory]
    [InlineData("time,x\nyesterday,1\n", "column 'time': 'yesterday' is no time: expected RFC 3339")]
    [InlineData("time,x\n2026-11-22T10:00:00,1\n", "column 'time': '2026-11-22T10:00:00' is no time")]
    [InlineData("id,x\na,NaN\n", "column 'x': 'NaN' is not finite")]
    [InlineData("id,x\na,b\uFFFDc\n", "column 'x': 'b\uFFFDc' is not UTF-8")]
    [InlineData("partition,x\n1.5,1\n", "column 'partition': '1.5' is no partition")]
    public void A_cell_that_no_event_can_hold_skips_its_row(string content, string message)
    {
        Assert.Empty(Read(content, new EventRoles { FromColumns = true }, out var error));
        Assert.Contains("row 0 (line 2), " + message, error);
    }

    [Fact]
    public void A_role_whose_column_is_missing_is_refused() =>
        Assert.Contains(
            "--label truth: standard input has no such column; it has id, x",
            Assert.Throws<ValidationException>(() => Read("id,x\na,1\n", new EventRoles { Label = "truth" }, out _)).Message);

    [Fact]
    public void Flat_JSON_lines_are_rows_too() =>
        Assert.Equal(
            """{"id":"a","model":"fraud","version":"7","features":{"x":1.5,"ok":true,"y":null},"prediction":{"good":0.7,"bad":0.3},"label":"good"}""",
            Assert.Single(Read("""{"id":"a","x":1.5,"ok":true,"y":null,"label":"good","prediction":{"good":0.7,"bad":0.3}}""", Fraud, out _)).Json);

    [Fact]
    public void Whole_events_keep_all_they_have_under_the_model_named()
    {
        const string content = """{"id":"a","model":"old","version":"3","time":5,"features":{"id":7},"latencyMs":2,"failure":"timeout","extra":[1]}""";

        Assert.Equal(
            """{"id":"a","model":"fraud","version":"7","time":5,"features":{"id":7},"latencyMs":2,"failure":"timeout","extra":[1]}""",
            Assert.Single(Read(content, Fraud, out _)).Json);
        Assert.Contains("\"version\":\"3\"", Assert.Single(Read(content, new EventRoles { Model = "fraud" }, out _)).Json);
    }

    [Fact]
    public void What_is_written_is_what_the_decoder_reads()
    {
        var csv = new StringBuilder("id,time,amount,country,age,prediction,label\n");
        foreach (var i in Enumerable.Range(0, 500))
        {
            csv.Append($"e{i},{Events.Start + i},{i * 0.37:R},\"D, \"\"E\"\"{i % 7}\",{(i % 3 == 0 ? "" : "4e1")},{i % 100 / 100.0:R},{i % 2}\n");
        }

        var output = new List<OutputRecord>();
        var pipeline = new Pipeline(new MonitoringOptions(), "t", 1, output.Add);
        foreach (var found in Read(csv.ToString(), Fraud, out _))
        {
            pipeline.Process(0, found.Time!.Value, Encoding.UTF8.GetBytes(found.Json), found.Id);
        }

        Assert.Equal(new ModelCounts("fraud", "7", 500, 500, pipeline.Snapshot().Models[0].Errors), Assert.Single(pipeline.Snapshot().Models));
        Assert.Empty(output);
    }

    private static List<(string Json, byte[]? Id, long? Time, int? Partition)> Read(string content, EventRoles roles, out string error)
    {
        using var written = new StringWriter();
        using var file = InputFile.Open("-", () => new MemoryStream(Encoding.UTF8.GetBytes(content)));
        var bad = new BadRows(file.Name, written, strict: false);
        using var events = new EventRows(file, file.Rows(bad), roles, bad);
        var read = new List<(string, byte[]?, long?, int?)>();
        while (events.Read())
        {
            read.Add((Encoding.UTF8.GetString(events.Json), events.Id, events.Time, events.Partition));
        }

        error = written.ToString();
        return read;
    }
}
