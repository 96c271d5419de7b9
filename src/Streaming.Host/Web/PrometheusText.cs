using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Net.Http.Headers;

namespace Streaming.Host;

/// <summary>The instruments of some meters as Prometheus reads them: text format 0.0.4, or OpenMetrics 1.0.</summary>
/// <remarks>
/// Observable instruments are read when the text is written; histograms are added up in between, on the thread that records.
/// A family holds a bounded number of series. What does not fit is left out, and counted in <c>driftd_series_dropped_total</c>.
/// </remarks>
internal sealed class PrometheusText : IDisposable
{
    /// <summary>What the text calls itself over HTTP.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What it calls itself where OpenMetrics was asked for.</summary>
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>Series a family may hold unless told otherwise.</summary>
    public const int DefaultMaxSeries = 20_000;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, IMetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly LabelText _labels = new();
    private readonly Meter[] _meters;
    private readonly int _maxSeries;
    private readonly ObservedFamily _dropped = new(
        "driftd_series_dropped_total",
        "Series left out of a scrape, and values of a histogram not recorded, because their family was full.",
        adds: true, int.MaxValue);

    /// <summary>Listens to these meters and to no others of the same name.</summary>
    public PrometheusText(IReadOnlyList<Meter> meters, int maxSeries = DefaultMaxSeries)
    {
        (_meters, _maxSeries) = ([.. meters], maxSeries);
        _families.Add(_dropped.Name, _dropped);
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Measure(value, tags, family));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Measure(value, tags, family));
        _listener.Start();
    }

    /// <summary>Reads all instruments and appends the text.</summary>
    public void Write(IBufferWriter<byte> output, bool openMetrics = false)
    {
        lock (_lock)
        {
            foreach (var family in _families.Values)
            {
                family.Begin();
            }

            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
            {
                if (family != _dropped)
                {
                    _dropped.Measure(family.Dropped, _labels.Format([new("family", family.Name)]));
                }
            }

            var text = new TextBuffer(output, openMetrics);
            foreach (var family in _families.Values)
            {
                family.Write(ref text);
            }

            text.End();
        }
    }

    /// <summary>Whether an Accept header prefers OpenMetrics 1.0 to plain text.</summary>
    public static bool PrefersOpenMetrics(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types))
        {
            return false;
        }

        var open = types.Where(static type => type.MediaType == "application/openmetrics-text" && Version(type) is null or "1.0.0" or "0.0.1").Max(Quality);
        var plain = types.Where(static type => type.MediaType == "text/plain").Max(Quality);
        return open > 0 && open >= (plain ?? 0);

        static double? Quality(MediaTypeHeaderValue type) => type.Quality ?? 1;
        static string? Version(MediaTypeHeaderValue type) =>
            type.Parameters.FirstOrDefault(static parameter => parameter.Name == "version")?.GetUnescapedValue().Value;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family)
    {
        if (family is HistogramFamily histogram)
        {
            histogram.Record(value, tags);
        }
        else
        {
            // observable instruments report only inside Write, on its thread, so the buffer of the labels is free
            ((ObservedFamily)family!).Measure(value, _labels.Format(tags));
        }
    }

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!_meters.Contains(instrument.Meter))
        {
            return;
        }

        var help = instrument.Description ?? instrument.Name;
        IMetricFamily family = instrument switch
        {
            ObservableCounter<long> or ObservableCounter<double> =>
                new ObservedFamily(MetricName.Of(instrument, isCounter: true), help, adds: true, _maxSeries),
            ObservableGauge<long> or ObservableGauge<double> =>
                new ObservedFamily(MetricName.Of(instrument, isCounter: false), help, adds: false, _maxSeries),
            Histogram<double> { Advice.HistogramBucketBoundaries: { } boundaries } =>
                new HistogramFamily(MetricName.Of(instrument, isCounter: false), help, boundaries, _maxSeries),
            _ => throw new NotSupportedException(
                $"instrument {instrument.Name}: only observable counters and gauges of long or double are written, "
                + "and histograms of double with advised boundaries"),
        };
        lock (_lock)
        {
            if (!_families.TryAdd(family.Name, family))
            {
                throw new InvalidOperationException($"instrument {instrument.Name}: another one is already written as {family.Name}");
            }
        }

        listener.EnableMeasurementEvents(instrument, family);
    }
}
