using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>Instruments of labels against predictions; they read the newest snapshot of DECIDE.</summary>
internal static class PerformanceInstruments
{
    public static void Declare(Meter meter, Func<StageSnapshot> latest)
    {
        Gauge("driftd.performance", "A metric of labels against predictions.", static p => p.Figures.Select(f =>
            new Measurement<double>(f.Value, Tags(p, ("metric", f.Metric), ("window", f.Window)))));
        Gauge("driftd.baseline_level", "The model against what needs none: 0 learning, 1 better, 2 not shown to be better, 3 worse.", static p =>
            p.Baselines.Select(b => new Measurement<double>((int)b.Level, Tags(p, ("baseline", b.Baseline)))));
        Gauge("driftd.label_coverage", "Labels per event.", static p =>
        [
            new Measurement<double>(p.Coverage, Tags(p, ("window", "cumulative"))),
            new Measurement<double>(p.CurrentCoverage, Tags(p, ("window", "current"))),
        ]);
        Gauge("driftd.label_delay", "Time from prediction to label that a share of the labels did not exceed.", static p => p.Delays.Select(d =>
            new Measurement<double>(
                d.Seconds, Tags(p, ("class", d.Class), ("share", d.Quantile.ToString(CultureInfo.InvariantCulture))))), "s");
        Gauge("driftd.moved", "Whether it moved since the reference: 0 not known, 1 no, 2 yes.", static p =>
        [
            new Measurement<double>((int)p.Moved.Inputs, Tags(p, ("of", "inputs"))),
            new Measurement<double>((int)p.Moved.LabelsGivenInputs, Tags(p, ("of", "labelsGivenInputs"))),
        ]);

        void Gauge(string name, string description, Func<VersionPerformance, IEnumerable<Measurement<double>>> read, string? unit = null) =>
            meter.CreateObservableGauge(name, () => latest().Performance.SelectMany(read), unit, description);
    }

    private static TagList Tags(VersionPerformance performance, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var tags = new TagList { { "model", performance.Model }, { "version", performance.Version } };
        foreach (var (name, value) in more)
        {
            tags.Add(name, value);
        }

        return tags;
    }
}
