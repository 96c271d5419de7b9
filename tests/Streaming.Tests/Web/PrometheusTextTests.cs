using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Streaming.Drift;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;
using static Streaming.Tests.Scrape;

namespace Streaming.Tests.Web;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void A_counter_says_once_what_it_is_and_ends_in_total()
    {
        Count("app.events", "Events taken.", (3, "b"), (2, "a"));

        Assert.Equal(
            """
            # HELP app_events_total Events taken.
            # TYPE app_events_total counter
            app_events_total{name="a"} 2
            app_events_total{name="b"} 3

            """,
            Text());
    }

    [Theory]
    [InlineData("app.delay", "s", "app_delay_seconds")]
    [InlineData("app.memory", "By", "app_memory_bytes")]
    [InlineData("app.lag", "{record}", "app_lag_records")]
    [InlineData("app.lag_records", "{record}", "app_lag_records")]
    [InlineData("app.level-now/2", null, "app_level_now_2")]
    public void A_name_is_made_of_underscores_and_ends_in_its_unit(string name, string? unit, string expected)
    {
        _meter.CreateObservableGauge(name, () => 1L, unit, "A.");

        Assert.Equal($"# HELP {expected} A.\n# TYPE {expected} gauge\n{expected} 1\n", Text());
    }

    [Fact]
    public void A_counter_has_its_unit_before_total()
    {
        _meter.CreateObservableCounter("app.cpu", () => 1.5, "s", "A.");

        Assert.EndsWith("\napp_cpu_seconds_total 1.5\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Backslash_quote_and_newline_are_escaped_in_values_and_all_but_the_quote_in_help()
    {
        Count("app.events", "a\\b\nc \"d\"", (1, "a\\b\nc \"d\""));

        Assert.Equal(
            """
            # HELP app_events_total a\\b\nc "d"
            # TYPE app_events_total counter
            app_events_total{name="a\\b\nc \"d\""} 1

            """,
            Text());
    }

    [Theory]
    [InlineData("model.name", "model_name")]
    [InlineData("9lives", "_9lives")]
    [InlineData("__name__", "name__")]
    [InlineData("größe", "gr__e")]
    [InlineData("le", "_le")]
    public void Names_of_labels_are_made_fit(string name, string expected) =>
        Assert.Equal($"{expected}=\"x\"", new LabelText().Format([new(name, "x")]).ToString());

    [Fact]
    public void Names_of_labels_that_become_the_same_stay_apart() =>
        Assert.Equal("a_b=\"1\",a_b_=\"2\",a_b__=\"3\"", new LabelText().Format([new("a.b", 1), new("a_b", 2), new("a-b", 3)]).ToString());

    [Fact]
    public void A_label_without_a_value_is_left_out() =>
        Assert.Equal("b=\"2\"", new LabelText().Format([new("a", ""), new("b", 2), new("c", null)]).ToString());

    [Fact]
    public void Values_are_written_the_same_in_every_country()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NegativeSign) = (",", "~");
            CultureInfo.CurrentCulture = german;
            _meter.CreateObservableGauge("app.x", () => -1.5, null, "A.");
            Assert.EndsWith("\napp_x -1.5\n", Text(), StringComparison.Ordinal);
            Assert.Equal("a=\"-1.5\"", new LabelText().Format([new("a", -1.5)]).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    [InlineData(123456789012345.0, "123456789012345")]
    public void Numbers_keep_all_their_digits(double value, string expected)
    {
        _meter.CreateObservableGauge("app.x", () => value, null, "A.");

        Assert.EndsWith($"\napp_x {expected}\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_value_is_cut_but_never_inside_a_character()
    {
        var cut = new LabelText().Format([new("a", new string('x', 199) + "\U0001F600 and more")]).ToString();

        Assert.Equal($"a=\"{new string('x', 199)}\"", cut);
        Assert.Equal($"a=\"{new string('x', 200)}\"", new LabelText().Format([new("a", new string('x', 5_000))]).ToString());
    }

    [Fact]
    public void Half_a_character_becomes_a_replacement() =>
        Assert.Equal("a=\"x\uFFFDy\"", new LabelText().Format([new("a", "x\uD800y")]).ToString());

    [Fact]
    public void What_does_not_fit_is_left_out_and_counted_at_each_scrape()
    {
        Count("app.events", "A.", [.. Enumerable.Range(0, 7).Select(i => ((long)i, "n" + i))]);
        using var text = new PrometheusText([_meter], maxSeries: 5);

        Scrape.Text(text);
        var lines = Lines(text);

        Assert.Equal(5, lines.Count(line => line.StartsWith("app_events_total{", StringComparison.Ordinal)));
        Assert.Contains("driftd_series_dropped_total{family=\"app_events_total\"} 4", lines);
    }

    [Fact]
    public void A_full_family_shows_the_same_series_again_and_takes_new_ones_when_old_ones_end()
    {
        var names = new List<string> { "a", "b", "c" };
        _meter.CreateObservableGauge("app.x", () => names.Select(name => Named(1, name)), null, "A.");
        using var text = new PrometheusText([_meter], maxSeries: 2);
        Assert.Equal(["a", "b"], Shown());

        names.Reverse();
        Assert.Equal(["a", "b"], Shown());

        names.Remove("a");
        Assert.Equal(["b"], Shown());
        Assert.Equal(["b", "c"], Shown());

        IEnumerable<string> Shown() =>
            Lines(text).Where(line => line.StartsWith("app_x{", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
    }

    [Fact]
    public void Counters_that_end_as_one_series_are_added_and_of_gauges_one_stays_and_the_other_is_counted()
    {
        var same = new string('x', 200);
        Count("app.events", "A.", (1, same + "a"), (2, same + "b"));
        _meter.CreateObservableGauge("app.level", () => (Measurement<long>[])[Named(5, same + "a"), Named(6, same + "b")], null, "A.");
        using var text = new PrometheusText([_meter]);

        var lines = Lines(text);

        Assert.Contains($"app_events_total{{name=\"{same}\"}} 3", lines);
        Assert.Equal([$"app_level{{name=\"{same}\"}} 5"], lines.Where(line => line.StartsWith("app_level", StringComparison.Ordinal)));
        Assert.Contains("driftd_series_dropped_total{family=\"app_level\"} 1", lines);
        Assert.Contains("driftd_series_dropped_total{family=\"app_events_total\"} 0", lines);
    }

    [Fact]
    public void A_series_that_is_not_measured_any_more_is_gone()
    {
        var shown = true;
        _meter.CreateObservableGauge("app.x", () => shown ? (Measurement<long>[])[new(1)] : [], null, "A.");
        using var text = new PrometheusText([_meter]);
        Assert.Contains("app_x 1", Lines(text));

        shown = false;

        Assert.DoesNotContain("app_x", Scrape.Text(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_meter_of_the_same_name_is_not_read()
    {
        using var other = new Meter("test");
        other.CreateObservableGauge("app.other", () => 1L, null, "A.");

        Assert.Empty(Text());
    }

    [Fact]
    public void An_instrument_that_would_not_be_written_is_refused()
    {
        using var text = new PrometheusText([_meter]);

        var error = Assert.Throws<NotSupportedException>(() => _meter.CreateCounter<int>("app.silent"));

        Assert.Contains("app.silent", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_instruments_cannot_become_one_family()
    {
        using var text = new PrometheusText([_meter]);
        _meter.CreateObservableGauge("app.x", () => 1L);

        Assert.Throws<InvalidOperationException>(() => _meter.CreateObservableGauge("app_x", () => 1L));
    }

    [Fact]
    public void All_that_driftd_knows_is_written()
    {
        using var telemetry = new Telemetry { Bound = MemoryBound.Of(new() { BootstrapServers = "localhost:9092" }, stages: 2, maxSeries: 1_000) };
        using var process = new ProcessMetrics();
        using var text = new PrometheusText([telemetry.Meter, process.Meter]);
        var stage = new StageSnapshot
        {
            Models = [new("m", "1", 10, 9, 2)],
            DeadLetters = [new("in", "broken_json", 1)],
            PanesClosed = [new("full", 3)],
            Occurrences = [new("clamped_times", 4), new("without_key", 5)],
            Versions = [new("m", "1", 1_000, 2_000, [new("m", "1", "error", "adwin", DriftLevel.Drift, 0.2, 0.1, 0.05, 900) { Reason = LevelReason.Drift, LastDrift = 900 }], [new("error", 0.2, 0.1, 0, 0, 0)], 3)],
            Policies = [new("m", TimeSpan.FromMinutes(1), 1_500)],
            Performance =
            [
                new("m", "1")
                {
                    Figures = [new("accuracy", "current", 0.75)],
                    Baselines = [new("majority", DriftLevel.Stable)],
                    Delays = [new("fraud", 0.5, 86_400)],
                    Coverage = 0.9,
                },
            ],
            Signals = [new("m", "adwin", DriftLevel.Drift, 1)],
            Triggers = [new("m", "adwin", 1)],
            Suppressed = [new("m", "cooldown", 1)],
            Labels = new LabelCounts { Taken = 6, Joined = 5 },
            OpenPredictions = 3,
            Commands = [new("m", "deployed", 1)],
        };
        telemetry.Publish(StageRole.Detect, new WorkerSnapshot
        {
            Stage = stage,
            Lags = [new("in", 0, 7)],
            EventTimeDelay = 1.5,
            CommittedAt = DateTimeOffset.UnixEpoch,
            Ready = true,
        });
        telemetry.Publish(StageRole.Decide, new WorkerSnapshot { Stage = stage with { Occurrences = [] }, Commits = 8, Aborts = 1 });
        telemetry.RecordBatch(StageRole.Detect, TimeSpan.FromMilliseconds(2));
        telemetry.RecordCommit(StageRole.Decide, TimeSpan.FromMilliseconds(20));

        var lines = Lines(text);

        Assert.Contains("driftd_stream_level{model=\"m\",version=\"1\",stream=\"error\",detector=\"adwin\"} 3", lines);
        Assert.Contains("driftd_stream_reason{model=\"m\",version=\"1\",stream=\"error\",detector=\"adwin\",reason=\"drift\"} 1", lines);
        Assert.Contains("driftd_streams_left_out{model=\"m\",version=\"1\"} 3", lines);
        Assert.Contains("driftd_cooldown_left_seconds{model=\"m\"} 60", lines);
        Assert.Contains("driftd_last_trigger_timestamp_seconds{model=\"m\"} 1.5", lines);
        Assert.Contains("driftd_consumer_lag_records{stage=\"detect\",topic=\"in\",partition=\"0\"} 7", lines);
        Assert.Contains("driftd_performance{model=\"m\",version=\"1\",metric=\"accuracy\",window=\"current\"} 0.75", lines);
        Assert.Contains("driftd_label_delay_seconds{model=\"m\",version=\"1\",class=\"fraud\",share=\"0.5\"} 86400", lines);
        Assert.Contains("driftd_commits_total{stage=\"decide\"} 8", lines);
        Assert.Contains("driftd_clamped_times_total 4", lines);
        Assert.Contains("driftd_processing_seconds_bucket{stage=\"detect\",le=\"0.005\"} 1", lines);
        Assert.Equal(
            Names(telemetry.Meter).Count + Names(process.Meter).Count + 1,
            lines.Count(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)));
        Assert.Equal(lines.Length, lines.Distinct().Count());
    }

    private static List<string> Names(Meter meter)
    {
        var names = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == meter)
                {
                    names.Add(instrument.Name);
                }
            },
        };
        listener.Start();
        return names;
    }

    private string Text()
    {
        using var text = new PrometheusText([_meter]);
        return Scrape.Text(text);
    }

    private void Count(string name, string help, params (long Value, string Name)[] counts) =>
        _meter.CreateObservableCounter(name, () => counts.Select(count => Named(count.Value, count.Name)), null, help);

    private static Measurement<long> Named(long value, string name) => new(value, new KeyValuePair<string, object?>("name", name));
}
