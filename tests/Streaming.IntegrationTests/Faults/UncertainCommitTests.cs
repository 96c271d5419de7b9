using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Streaming.IntegrationTests;

/// <summary>S7: a commit after which nobody can say what is still under way.</summary>
[Collection("network")]
[Trait("Faults", "S7")]
[Trait("Form", FullForm.Only)]
public partial class UncertainCommitTests(ITestOutputHelper print)
{
    [BrokerFact]
    public async Task A_commit_whose_connection_ended_replaces_the_producer_however_soon_it_succeeds()
    {
        await using var kafka = await ProxiedKafka.Start();
        using var scene = await Scene.Create(kafka.Cluster, 4, lines: [kafka.Bootstrap]);
        using var live = new LiveReader(scene);
        using var feed = new Feed(scene, 1_000_000, seed: 71, perSecond: 1_000);
        await using var fleet = new Fleet(scene);
        var (process, proxy) = (fleet.Start("a"), kafka.Proxies[0]);
        await fleet.Until(() => process.Ready() && process.Sum("driftd_events_total") > 5_000, "events flow");
        var before = Recycles(process);

        var hold = proxy.HoldBack(static piece => piece.Request == Request.EndTxn && piece.Mentions("-detect-"));
        await fleet.Until(() => hold.Count > 0, "a commit is under way");
        proxy.Cut();
        hold.Release();
        await fleet.Until(() => Recycles(process) > before, "the producer is replaced");

        await fleet.Until(() => process.Sum("driftd_events_total") > 40_000, "the drift has come");
        feed.Enough();
        var produced = await feed.Published;
        var auditor = new Auditor(scene, print);
        await auditor.Quiet(fleet);
        var (replaced, said) = (Recycles(process) - before, fleet.Said("may have been sent twice"));
        await fleet.StopAll();
        print.WriteLine("S7: " + string.Join('\n', said));
        await auditor.Check("S7", live, produced, ("connections cut in a commit", hold.Count), ("producers replaced", replaced));

        // soon enough for nothing but the end of the connection to be the reason
        Assert.Contains(said, static line => double.Parse(Took().Match(line).Groups[1].Value, CultureInfo.InvariantCulture) < 5);
    }

    private static double Recycles(DriftdProcess process) => process.Sum("driftd_producer_recycles_total", "stage=\"detect\"");

    [GeneratedRegex(@"took ([\d.]+) s")]
    private static partial Regex Took();
}
