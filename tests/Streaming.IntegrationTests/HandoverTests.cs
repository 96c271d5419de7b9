using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Streaming.Drift;
using Streaming.Monitoring;

namespace Streaming.IntegrationTests;

/// <summary>Triggers on their way to a pipeline that is slow, fails and comes back.</summary>
[Collection("kafka")]
public sealed class HandoverTests(KafkaCluster kafka) : IAsyncLifetime
{
    private const int Models = 5;
    private const int TriggersPerModel = 6;
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly string _prefix = $"handover-{Guid.NewGuid().ToString("N")[..8]}.";
    private readonly string _folder = Directory.CreateTempSubdirectory("handover").FullName;

    public Task InitializeAsync() => KafkaCluster.Missing is null ? kafka.Create(_prefix + "triggers", 3) : Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [BrokerFact]
    public async Task A_command_that_fails_hangs_and_is_killed_still_gets_every_trigger_in_order()
    {
        var taken = Path.Combine(_folder, "taken");

        // the first attempt at every third trigger fails, that at every fifth hangs
        var script = $"""
            cat > /dev/null; n=$DRIFTD_VERSION; m="{_folder}/$DRIFTD_TRIGGER_ID"
            echo "$DRIFTD_TRIGGER_ID" >> {_folder}/tried
            if [ ! -e "$m" ]; then touch "$m"; [ $((n % 3)) = 0 ] && exit 1; [ $((n % 5)) = 0 ] && sleep 60; fi
            echo "$DRIFTD_MODEL $DRIFTD_TRIGGER_ID" >> {taken}
            """;
        var expected = Publish();
        var watch = Watch("--exec", script, "--timeout", "1s", "--from", "earliest");
        await Until.True(() => Lines(taken).Length >= 5, () => $"five are taken: {string.Join('\n', watch.Errors)}");
        await watch.DisposeAsync();

        await using (var second = Watch("--exec", script, "--timeout", "1s", "--from", "earliest"))
        {
            await Until.True(() => Lines(taken).Distinct().Count() == expected.Count, () => $"all are taken, {Lines(taken).Distinct().Count()} are: {string.Join('\n', second.Errors.TakeLast(5))}");
            Assert.Equal(0, (await second.Stop()).ExitCode);
        }

        foreach (var model in Lines(taken).Distinct().Select(static line => line.Split(' ')).GroupBy(static line => line[1]))
        {
            Assert.Equal(expected.Where(trigger => trigger.Model == "model " + model.Key).Select(static trigger => trigger.Id), model.Select(static line => line[2]));
        }

        var tried = Lines(Path.Combine(_folder, "tried")).Length;
        Assert.InRange(tried, expected.Count + 1, 10 * expected.Count);

        await using var third = Watch("--exec", $"echo $DRIFTD_TRIGGER_ID >> {_folder}/tried; echo $DRIFTD_MODEL $DRIFTD_TRIGGER_ID >> {taken}");
        Publish(number: 1000, each: 1);
        await Until.True(() => Lines(taken).Distinct().Count() == expected.Count + Models, "the new ones are taken");
        Assert.Equal(tried + Models, Lines(Path.Combine(_folder, "tried")).Length);
    }

    [BrokerFact]
    public async Task A_web_address_that_fails_and_is_slow_gets_every_trigger_signed_and_one_at_a_time_per_model()
    {
        using var pipeline = new Pipeline();
        var expected = Publish();
        string[] arguments = ["--webhook", pipeline.Address, "--timeout", "1s", "--from", "earliest"];
        var watch = Watch(arguments);
        await Until.True(() => pipeline.Taken.Count >= 5, () => $"five are taken: {string.Join('\n', watch.Errors)}", TimeSpan.FromSeconds(30));
        await watch.DisposeAsync();

        await using var second = Watch(arguments);
        await Until.True(() => pipeline.Taken.Distinct().Count() == expected.Count, () => $"all are taken, {pipeline.Taken.Distinct().Count()} are");
        Assert.Equal(0, (await second.Stop()).ExitCode);

        Assert.Equal(expected.Select(static trigger => trigger.Id).Order(), pipeline.Taken.Distinct().Order());
        Assert.Equal((0, 0), (pipeline.Unsigned, pipeline.AtOnce));
        Assert.True(pipeline.Failures > 0 && pipeline.Slow > 0, $"{pipeline.Failures} failures, {pipeline.Slow} slow answers");
        Assert.DoesNotContain(second.Errors, static line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [BrokerFact]
    public async Task A_first_start_begins_at_the_next_trigger_and_keeps_its_place_without_one()
    {
        Publish(each: 1);
        var taken = Path.Combine(_folder, "taken");
        await using (var first = Watch("--exec", $"echo x >> {taken}"))
        {
            await Until.True(() => Committed() == 3, "its place in all partitions is committed");
            Assert.Equal(0, (await first.Stop()).ExitCode);
        }

        Publish(number: 100, each: 1);
        await using var second = Watch("--exec", $"echo $DRIFTD_VERSION >> {taken}");
        await Until.True(() => Lines(taken).Length == Models, "those published while it was down are taken");
        Assert.All(Lines(taken), static line => Assert.True(int.Parse(line) >= 100));
    }

    private DriftdProcess Watch(params string[] arguments) => new(
        new Dictionary<string, string> { ["DRIFTD_WEBHOOK_SECRET"] = Secret },
        ["triggers", "watch", "--bootstrap-servers", kafka.BootstrapServers, "--prefix", _prefix, "--as", _prefix + "watch", .. arguments]);

    private int Committed()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = _prefix + "watch" }).Build();
        return consumer.Committed(Enumerable.Range(0, 3).Select(partition => new TopicPartition(_prefix + "triggers", partition)), TimeSpan.FromSeconds(10))
            .Count(static found => found.Offset.Value >= 0);
    }

    private List<(string Model, string Id)> Publish(int number = 1, int each = TriggersPerModel)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        var published = new List<(string, string)>();
        for (var i = 0; i < each * Models; i++)
        {
            var (model, id) = ($"model {i % Models}", $"{number + i:x8}{Guid.NewGuid():N}");
            producer.Produce(new TopicPartition(_prefix + "triggers", i % Models % 3), new Message<byte[], byte[]>
            {
                Key = Encoding.UTF8.GetBytes(model),
                Value = TriggerOf(model, (number + i).ToString(), id),
            });
            published.Add((model, id));
        }

        producer.Flush();
        return published;
    }

    private static byte[] TriggerOf(string model, string version, string id) => new RetrainTrigger
    {
        Id = id,
        Signal = new DriftSignal
        {
            Id = "s",
            Group = "g",
            Model = model,
            Version = version,
            Stream = "error",
            Detector = "adwin",
            Level = DriftLevel.Drift,
            PreviousLevel = DriftLevel.Stable,
            Evidence = default,
            DetectedAt = 2,
            ChangedAt = 1,
            ChangeRounds = 1,
            RecordTime = 2,
            MayTrigger = true,
        },
        Reason = "concept drift",
        Summary = "the error rose",
        Moved = new WhatMoved(Moved.Unknown, Moved.Unknown, []),
        Evidence = [],
        FreshData = [],
        Contributors = [],
        ConfigHash = "c",
        CooldownUntil = 3,
    }.ToRecord().Value!;

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];

    /// <summary>A web address that fails at first, then is slow, then takes.</summary>
    private sealed class Pipeline : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly ConcurrentDictionary<string, int> _attempts = new();
        private readonly ConcurrentDictionary<string, int> _underWay = new();
        private int _unsigned;
        private int _failures;
        private int _slow;
        private int _atOnce;

        public Pipeline()
        {
            var random = new Random(1);
            for (var left = 50; !_listener.IsListening; left--)
            {
                Address = $"http://127.0.0.1:{random.Next(20_000, 30_000)}/";
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add(Address);
                try
                {
                    _listener.Start();
                }
                catch (HttpListenerException) when (left > 0)
                {
                    // the port is taken
                }
            }

            _ = Serve();
        }

        public string Address { get; private set; } = "";

        public ConcurrentQueue<string> Taken { get; } = new();

        public int Unsigned => _unsigned;

        public int Failures => _failures;

        public int Slow => _slow;

        public int AtOnce => _atOnce;

        public void Dispose() => _listener.Close();

        private async Task Serve()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                _ = Task.Run(() => Answer(context));
            }
        }

        private async Task Answer(HttpListenerContext context)
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var (id, time) = (context.Request.Headers["webhook-id"]!, context.Request.Headers["webhook-timestamp"]!);
            byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{time}."), .. body.ToArray()];
            if (context.Request.Headers["webhook-signature"] != "v1," + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)))
            {
                Interlocked.Increment(ref _unsigned);
            }

            var model = System.Text.Json.JsonElement.Parse(body.ToArray()).GetProperty("subject").GetString()!;
            var attempt = _attempts.AddOrUpdate(id, 1, static (_, count) => count + 1);
            if (attempt == 1 && id[7] is ('0' or '5' or 'a'))
            {
                // longer than the watcher waits: it will come again
                Interlocked.Increment(ref _slow);
                await Task.Delay(2_000);
            }
            else if (attempt == 1 && id[7] is ('3' or '6' or '9'))
            {
                Interlocked.Increment(ref _failures);
                context.Response.StatusCode = 500;
            }
            else
            {
                // those that gave up waiting are still being answered: only attempts that are answered at once must not overlap
                if (_underWay.AddOrUpdate(model, 1, static (_, count) => count + 1) > 1)
                {
                    Interlocked.Increment(ref _atOnce);
                }

                // long enough for another attempt at the same model to be seen
                await Task.Delay(50);
                Taken.Enqueue(id);
                _underWay.AddOrUpdate(model, 0, static (_, count) => count - 1);
            }

            context.Response.Close();
        }
    }
}
