using System.Security.Cryptography;
using System.Text;
using Streaming.Drift;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Tests;

public sealed class StatusCommandTests : IDisposable
{
    private const string Token = "b1946ac92492d2347c6235b4d2611184";
    private const long Noon = 1_795_348_800_000;

    private readonly Telemetry _telemetry = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _telemetry.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_version_is_told_with_the_stream_that_is_nearest_to_its_threshold_the_worst_first()
    {
        await using var server = await Start();

        var run = await Driftd.RunAsync("status", "--url", server.Url.ToString(), "--output", "json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            """
            {"kind":"instance","ready":{"detect":true,"decide":false},"lagRecords":{"detect":12,"decide":0},"deadLetters":3,"versions":3}
            {"kind":"version","model":"fraud","version":"2","level":"drift","nearest":{"stream":"error","detector":"adwin","statistic":0.18,"threshold":0.06},"watched":2,"learning":{},"events":500,"labels":50,"lastTrigger":"2026-11-22T12:00:00Z","cooldownSeconds":600}
            {"kind":"version","model":"churn","version":"a \"b\"\\\n","level":"stable","nearest":{"stream":"feature:x","detector":"psi","statistic":0.1,"threshold":0.2},"watched":3,"learning":{"no_reference":1,"no_values":1},"events":7,"labels":0,"lastTrigger":null,"cooldownSeconds":0}
            {"kind":"version","model":"fraud","version":"1","level":null,"watched":0,"learning":{},"events":9,"labels":1,"lastTrigger":"2026-11-22T12:00:00Z","cooldownSeconds":600}

            """,
            run.Output);
    }

    [Fact]
    public async Task For_people_it_is_a_table()
    {
        await using var server = await Start();

        var run = await Driftd.RunAsync("status", "fraud", "--url", server.Url.ToString());

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["detect: ready, 12 records behind", "decide: not ready, 0 records behind", "3 dead letters since it began"], run.Lines.Take(3));
        Assert.Matches(@"fraud +2 +drift +error adwin +300 % +all 2 judge +500 +50 +2026-11-22T12:00:00Z +10m", run.Output);
        Assert.DoesNotContain("churn", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_said_and_gives_1()
    {
        await using var server = await Start();

        var run = await Driftd.RunAsync("status", "none", "--url", server.Url.ToString());

        Assert.Equal((1, "", $"error: {server.Url}metrics: no model none is there, of 2\n"), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task An_instance_that_wants_a_token_gets_it_from_a_file()
    {
        await using var server = await Start(new WebAccess { ReadTokens = [Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Token)))] });
        string[] ask = ["status", "--url", server.Url.ToString()];

        var without = await Driftd.RunAsync(ask);
        Assert.Equal((1, $"error: {server.Url}metrics: 401 it wants a token that may read: --token-file\n"), (without.ExitCode, without.Error));
        var wrong = await Driftd.RunAsync([.. ask, "--token-file", _folder.File("wrong", "guessed")]);
        Assert.Equal((1, $"error: {server.Url}metrics: 401 the token may not read\n"), (wrong.ExitCode, wrong.Error));
        Assert.Equal(0, (await Driftd.RunAsync([.. ask, "--token-file", _folder.File("right", Token + "\n")])).ExitCode);
    }

    [Fact]
    public async Task Nobody_there_gives_1_and_wrong_usage_gives_2()
    {
        var nobody = await Driftd.RunAsync("status", "--url", "http://127.0.0.1:1");
        Assert.Equal(1, nobody.ExitCode);
        Assert.StartsWith("error: http://127.0.0.1:1/metrics: ", nobody.Error, StringComparison.Ordinal);

        var elsewhere = await Driftd.RunAsync("status", "--url", "http://driftd.example", "--token-file", _folder.File("token", Token));
        Assert.Equal((2, "error: --token-file: a token is sent over https, or on this machine, not to http://driftd.example\n"), (elsewhere.ExitCode, elsewhere.Error));
        Assert.Equal(2, (await Driftd.RunAsync("status", "--output", "xml")).ExitCode);
        Assert.Equal(2, (await Driftd.RunAsync("status", "--url", "foo")).ExitCode);
    }

    [Theory]
    [InlineData("<html>\n", "a line without a value")]
    [InlineData("driftd_ready{stage=\"detect\n", "a label that does not end")]
    [InlineData("driftd_ready{stage} 1\n", "labels that do not end")]
    [InlineData("driftd_ready one\n", "a value that is no number")]
    public void Another_text_is_refused(string text, string why) =>
        Assert.Equal(why, Assert.Throws<FormatException>(() => MetricsPage.Parse(text, InstanceStatus.Names)).Message);

    private Task<WebServer> Start(WebAccess? access = null)
    {
        _telemetry.Publish(StageRole.Detect, new WorkerSnapshot
        {
            Stage = new DetectStage(new MonitoringOptions()).Snapshot() with
            {
                Models = [new("fraud", "1", 9, 1, 0), new("fraud", "2", 500, 50, 9), new("churn", "a \"b\"\\\n", 7, 0, 0)],
                DeadLetters = [new("t", "broken_json", 2), new("t", "too_big", 1)],
            },
            Lags = [new("t", 0, 5), new("t", 1, 7)],
        });
        _telemetry.Publish(StageRole.Decide, new WorkerSnapshot
        {
            Stage = new DecideStage(new MonitoringOptions()).Snapshot() with
            {
                Policies = [new("fraud", TimeSpan.FromMinutes(10), Noon)],
                Versions =
                [
                    new("fraud", "2", 1, 1, [Standing("fraud", "2", "error", "adwin", DriftLevel.Drift, 0.18, 0.06), Standing("fraud", "2", "feature:x", "psi", DriftLevel.Stable, 0.1, 0.2)], [], 0),
                    new(
                        "churn", "a \"b\"\\\n", 1, 1,
                        [
                            Standing("churn", "a \"b\"\\\n", "feature:x", "psi", DriftLevel.Stable, 0.1, 0.2),
                            Standing("churn", "a \"b\"\\\n", "feature:y", "psi", DriftLevel.Learning, double.NaN, 0) with { Reason = LevelReason.NoReference },
                            Standing("churn", "a \"b\"\\\n", "error", "adwin", DriftLevel.Learning, 0, 0) with { Reason = LevelReason.NoValues },
                        ],
                        [], 0),
                ],
            },
            Lags = [new("drift.panes", 0, 0)],
        });
        _telemetry.Watch(StageRole.Detect, static () => true);
        _telemetry.Watch(StageRole.Decide, static () => false);
        return WebServer.StartAsync("127.0.0.1:0", _telemetry, static () => true, static () => true, access: access);
    }

    private static StreamStanding Standing(string model, string version, string stream, string detector, DriftLevel level, double statistic, double threshold) =>
        new(model, version, stream, detector, level, 1, statistic, threshold, 1) { Reason = level == DriftLevel.Drift ? LevelReason.Drift : LevelReason.Below };
}
