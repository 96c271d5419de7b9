using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Streaming.Host;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Benchmarks;

/// <summary>What a scraper takes from the loop: one thread in DETECT, in turns alone and beside a thread that writes the metrics again and again.</summary>
internal sealed class ScrapeEffect : IDisposable
{
    private const int Distinct = 20_000;
    private const int Features = 8;
    private const int Batch = 512;
    private const double PhaseSeconds = 5;
    private const string Topic = "predictions";

    private static readonly TimeSpan Publishing = TimeSpan.FromMilliseconds(250);

    private readonly Telemetry _telemetry = new();
    private readonly PrometheusText _text;
    private readonly StageSnapshot _snapshot;
    private readonly DetectStage _stage = new(new MonitoringOptions { LearnFor = TimeSpan.Zero });
    private readonly LogRecord[] _records = Records();
    private readonly List<OutputRecord> _output = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private long _offset;
    private int _scrapes;

    public ScrapeEffect(StageSnapshot snapshot)
    {
        (_snapshot, _text) = (snapshot, new PrometheusText([_telemetry.Meter]));
        _stage.Assign(Topic, 0, Guid.Empty);
    }

    public void Dispose()
    {
        _text.Dispose();
        _telemetry.Dispose();
    }

    /// <summary>Runs pairs of phases and says what each gave, and the median ratio.</summary>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="every">Seconds between two scrapes.</param>
    public string Run(int pairs, double every)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"""
            DETECT over events of {Features} features on one thread; metrics of the loop's snapshot written on another, every {every:0.#} s. Phases of {PhaseSeconds:0} s in turns.

            | pair | events/s alone | events/s beside a scraper | ratio | scrapes |
            |--:|--:|--:|--:|--:|

            """));
        Phase(null);
        var ratios = new List<double>();
        for (var pair = 1; pair <= pairs; pair++)
        {
            // who begins takes turns, so that a machine that warms up favours neither
            var first = Phase(pair % 2 == 0 ? every : null);
            var second = Phase(pair % 2 == 0 ? null : every);
            var (alone, beside) = pair % 2 == 0 ? (second, first) : (first, second);
            ratios.Add(beside / alone);
            text.AppendLine(CultureInfo.InvariantCulture, $"| {pair} | {alone:0} | {beside:0} | {beside / alone:0.000} | {_scrapes} |");
            _scrapes = 0;
        }

        var ordered = ratios.Order().ToList();
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"Median ratio {ordered[pairs / 2]:0.000}, least {ordered[0]:0.000}, largest {ordered[^1]:0.000}; {Environment.ProcessorCount} processors, {_buffer.WrittenCount} bytes a scrape.");
        return text.ToString();
    }

    /// <summary>Events per second of one phase.</summary>
    private double Phase(double? every)
    {
        using var over = new ManualResetEventSlim();
        var scraper = every is { } seconds ? new Thread(() => Scrape(seconds, over)) { IsBackground = true } : null;
        scraper?.Start();
        var (begin, published, events) = (Stopwatch.GetTimestamp(), 0L, 0L);
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < PhaseSeconds)
        {
            events += Process();
            if (Stopwatch.GetElapsedTime(published) >= Publishing)
            {
                published = Stopwatch.GetTimestamp();
                _telemetry.Publish(StageRole.Decide, new WorkerSnapshot { Stage = _snapshot });
                _telemetry.Publish(StageRole.Detect, new WorkerSnapshot { Stage = _stage.Snapshot() });
            }
        }

        var rate = events / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        over.Set();
        scraper?.Join();
        return rate;
    }

    private void Scrape(double seconds, ManualResetEventSlim over)
    {
        do
        {
            _buffer.ResetWrittenCount();
            _text.Write(_buffer);
            _scrapes++;
        }
        while (!over.Wait(TimeSpan.FromSeconds(seconds)));
    }

    private int Process()
    {
        var from = (int)(_offset % Distinct) / Batch * Batch;
        var batch = _records.AsSpan(from, Math.Min(Batch, Distinct - from));
        for (var i = 0; i < batch.Length; i++)
        {
            batch[i] = batch[i] with { Offset = _offset++ };
        }

        _stage.Process(Topic, 0, batch, _output);
        _output.Clear();
        return batch.Length;
    }

    private static LogRecord[] Records()
    {
        var random = new SplitMix64(1);
        return [.. Enumerable.Range(0, Distinct).Select(i =>
        {
            var features = string.Join(',', Enumerable.Range(0, Features).Select(feature => string.Create(CultureInfo.InvariantCulture, $"\"f{feature}\":{random.Uniform():0.####}")));
            return new LogRecord(i, i, null, Encoding.UTF8.GetBytes($$"""{"model":"m{{i % 10}}","version":"1","features":{{{features}}},"prediction":0.5}"""));
        })];
    }
}
