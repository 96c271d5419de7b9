using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Streaming.Host;
using Streaming.Kafka;

namespace Streaming.Tests.Web;

public class OpenMetricsTests
{
    [Fact]
    public void A_counter_is_named_without_total_a_quote_is_escaped_and_the_end_is_marked()
    {
        using var meter = new Meter("test");
        using var text = new PrometheusText([meter]);
        meter.CreateObservableCounter("app.events", () => 3L, null, "Events \"taken\".");
        meter.CreateObservableGauge("app.lag", () => 1L, null, "Lag.");
        var output = new ArrayBufferWriter<byte>();
        text.Write(output, openMetrics: true);

        var lines = Encoding.UTF8.GetString(output.WrittenSpan).Split('\n').Where(line => !line.Contains("driftd_series_dropped", StringComparison.Ordinal));

        Assert.Equal(
            [
                "# HELP app_events Events \\\"taken\\\".", "# TYPE app_events counter", "app_events_total 3", "# HELP app_lag Lag.", "# TYPE app_lag gauge", "app_lag 1",
                "# EOF", "",
            ],
            lines);
    }

    [Theory]
    [InlineData(true, "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1")]
    [InlineData(true, "application/openmetrics-text")]
    [InlineData(false, "application/openmetrics-text;version=2.0.0,text/plain;q=0.1")]
    [InlineData(false, "application/openmetrics-text;q=0.2,text/plain;q=0.5")]
    [InlineData(false, "application/openmetrics-text;q=0")]
    [InlineData(false, "text/plain")]
    [InlineData(false, "*/*")]
    [InlineData(false, "not a / list; of")]
    [InlineData(false, "")]
    public void What_the_reader_prefers_is_written(bool expected, string accept) => Assert.Equal(expected, PrometheusText.PrefersOpenMetrics([accept]));

    [Fact]
    public async Task The_server_answers_each_reader_in_the_format_asked_for()
    {
        using var telemetry = new Telemetry();
        await using var server = await WebServer.StartAsync("127.0.0.1:0", telemetry, () => true, () => true);
        using var client = new HttpClient();

        var plain = await client.GetAsync(new Uri(server.Url, "/metrics"));
        client.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text; version=1.0.0");
        var open = await client.GetAsync(new Uri(server.Url, "/metrics"));

        Assert.Equal(PrometheusText.ContentType, plain.Content.Headers.ContentType!.ToString());
        Assert.Equal(PrometheusText.OpenMetricsType, open.Content.Headers.ContentType!.ToString());
        Assert.DoesNotContain("# EOF", await plain.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", await open.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
