using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streaming.Kafka;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>G9: a broker dies, and its disk with it.</summary>
[Collection("network")]
[Trait("Faults", "S6")]
[Trait("Form", FullForm.Only)]
public class LostBrokerTests(ITestOutputHelper print)
{
    [BrokerFact]
    public async Task Acknowledged_data_survives_the_loss_of_one_of_three_brokers_with_its_disk()
    {
        using var kafka = await LocalKafka.Start(new() { Nodes = 3 });
        using var scene = await Scene.Create(KafkaCluster.Of(kafka), 6);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 9, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        var (process, longest) = (fleet.Start("a"), TimeSpan.Zero);
        await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 10_000, "events flow");

        // one after the other: what only the first had copies of must have reached its replacement when the second goes
        foreach (var node in (int[])[0, 1])
        {
            await InSync(scene);
            kafka.Lose(node);
            var (watch, mark) = (Stopwatch.StartNew(), process.Sum("driftd_commits_total", "stage=\"detect\""));
            await fleet.Until(() => process.Live() && process.Ready() && process.Sum("driftd_commits_total", "stage=\"detect\"") > mark + 20, "it commits through the other two");
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
            if (node == 0)
            {
                await kafka.Replace(node);
            }
        }

        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        await fleet.StopAll();
        print.WriteLine($"S6: two of three brokers lost with their disks, the first replaced in between; 20 commits at most {longest.TotalSeconds:0.0} s after a loss");
        await auditor.Check("S6", live, produced, ("brokers lost with their disks", 2));
        Assert.Empty(fleet.Said("acknowledged records may be lost"));
    }

    /// <summary>Waits until all three brokers have all that is acknowledged, the topics of offsets and transactions too.</summary>
    private static async Task InSync(Scene scene)
    {
        using var admin = scene.Cluster.Admin();
        string[] topics = [scene.Topic, .. scene.Topics.Written.Distinct(), "__consumer_offsets", "__transaction_state"];
        await Until.True(
            () => admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(topics)).GetAwaiter().GetResult().TopicDescriptions
                .SelectMany(static topic => topic.Partitions).All(static partition => partition.Replicas.Count == 3 && partition.ISR.Count == 3),
            "all partitions have three replicas in sync", TimeSpan.FromMinutes(2));
    }
}
