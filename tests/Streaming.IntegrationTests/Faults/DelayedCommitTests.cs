using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S7: the network delivers a commit late, after the client has sent it again, in the middle of the next transaction.</summary>
[Collection("network")]
[Trait("Faults", "S7")]
[Trait("Form", FullForm.Only)]
public class DelayedCommitTests(ITestOutputHelper print)
{
    // in an answer to EndTxn: length, correlation, throttle time, error
    private const int ErrorAt = 12;

    [BrokerFact]
    public async Task A_commit_that_arrives_late_does_not_end_a_later_transaction()
    {
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 4, lines: [kafka.Bootstrap, "kafka.socket.timeout.ms: 2000"]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 400_000, seed: 7, perSecond: 2_000);
        await using var fleet = new Fleet(scene);
        var (process, rounds, proxy) = (fleet.Start("a"), FullForm.Asked ? 5 : 2, kafka.Proxies[0]);
        var (replaced, answers) = (0.0, new List<ErrorCode>());
        for (var round = 0; round < rounds; round++)
        {
            await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 5_000, "events flow");

            // the first commit of DETECT stays under way; sent again on another connection it succeeds
            Proxy.Connection? late = null;
            var recycles = process.Sum("driftd_producer_recycles_total");
            using var first = proxy.HoldBack(piece => piece.Request == Request.EndTxn && piece.Mentions("-detect-")
                && (Interlocked.CompareExchange(ref late, piece.Connection, null) ?? piece.Connection) == piece.Connection);
            await fleet.Until(() => first.Count > 0, "a commit is under way");

            // the next transaction has outputs and no offsets yet
            using var next = proxy.HoldBack(piece => piece.Request == Request.AddOffsetsToTxn && piece.Mentions("-detect-") && piece.Connection != late);
            await fleet.Until(() => next.Count > 0, "the next transaction holds outputs");
            var reply = late!.LastReply;
            first.Release();
            await fleet.Until(() => late.LastReply != reply, "the broker answers the late commit");
            answers.Add((ErrorCode)BinaryPrimitives.ReadInt16BigEndian(late.LastReply.AsSpan(ErrorAt)));
            replaced += process.Sum("driftd_producer_recycles_total") - recycles;

            // a crash now leaves what a torn transaction would have committed
            await fleet.Kill("a");
            next.Release();
            process = fleet.Start("a");
        }

        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        print.WriteLine(string.Join('\n', fleet.Said("warn:")));
        await fleet.StopAll();
        print.WriteLine($"S7: the late commits were answered with {string.Join(", ", answers)}");
        Assert.All(answers, static answer => Assert.True(Streaming.Kafka.Faults.IsFenced(answer), $"a late commit was answered with {answer}"));
        await auditor.Check("S7", live, produced, ("late commits", rounds), ("producers replaced", replaced), ("kills", fleet.Kills));
    }

    /// <summary>The control: the same delay with a client that keeps its producer, as the protocol allows.</summary>
    [BrokerFact]
    public async Task With_the_same_producer_a_commit_that_arrives_late_does_end_a_later_transaction()
    {
        await using var kafka = await ProxiedKafka.Start();
        await kafka.Cluster.Create("control", 1);
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = $"127.0.0.1:{kafka.Proxies[0].Port}",
            TransactionalId = "control",
            SocketTimeoutMs = 2_000,
        }).SetLogHandler(static (_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        producer.BeginTransaction();
        producer.Produce("control", new() { Value = "first"u8.ToArray() });

        Proxy.Connection? late = null;
        using var hold = kafka.Proxies[0].HoldBack(piece => piece.Request == Request.EndTxn
            && (Interlocked.CompareExchange(ref late, piece.Connection, null) ?? piece.Connection) == piece.Connection);
        await Task.Run(producer.CommitTransaction);
        Assert.Equal(1, hold.Count);

        // outputs without offsets: half of what the transaction is to hold
        producer.BeginTransaction();
        producer.Produce("control", new() { Value = "second"u8.ToArray() });
        producer.Flush();
        var reply = late!.LastReply;
        hold.Release();
        await Until.True(() => late.LastReply != reply, "the broker answers the late commit");
        var answer = (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(late.LastReply.AsSpan(ErrorAt));
        await Until.True(() => Committed().Count > 0, "the first transaction is read");
        await Until.True(() => answer != ErrorCode.NoError || Committed().Count == 2, "what was not committed is read");
        print.WriteLine(
            $"S7: control: the late commit was answered with {answer}; of a transaction that nobody has committed a reader sees: {string.Join(", ", Committed().Skip(1))}");
        Assert.Equal(ErrorCode.NoError, answer);
        Assert.Equal(["first", "second"], Committed());

        List<string> Committed() =>
            [.. Log.Read(kafka.Cluster.BootstrapServers, "control").Select(static record => Encoding.UTF8.GetString(record.Message.Value))];
    }
}
