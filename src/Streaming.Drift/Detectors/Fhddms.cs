using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Fhddms"/> can be told.</summary>
[Detector("fhddms", DetectorInput.Errors, "the same over a short and a long window: large changes soon, small ones at all", "Pesaranghader et al., Machine Learning 107, 2018")]
public sealed record FhddmsOptions : DetectorOptions
{
    /// <summary>FHDDMS watches for rises unless told otherwise.</summary>
    public FhddmsOptions() => Direction = Direction.Up;

    /// <summary>Newest values whose error rate is compared in the long window.</summary>
    /// <value>2 to 100,000 values. Default 100.</value>
    [Range(2, 100_000), Unit("values")]
    public int Window { get; init; } = 100;

    /// <summary>Newest values whose error rate is compared in the short window.</summary>
    /// <value>1 to 100,000 values, fewer than the long window. Default 25.</value>
    [Range(1, 100_000), Unit("values")]
    public int ShortWindow { get; init; } = 25;

    /// <summary>Chance of a drift by accident, at each comparison (δ).</summary>
    /// <value>Above 0, below 1. Default 0.000001.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double Confidence { get; init; } = 1e-6;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(ShortWindow < Window, "shortWindow", ShortWindow, $"must be below window = {Window}");
        return new Fhddms(this);
    }
}

/// <summary>Stacking fast Hoeffding drift detection method: FHDDM over two windows at once.</summary>
/// <remarks>
/// A. Pesaranghader, H. Viktor, E. Paquet, Reservoir of Diverse Adaptive Learners and Stacking Fast Hoeffding Drift Detection Methods for Evolving Data
/// Streams, Machine Learning 107, 2018: drift where either window shows one. Both begin to judge when the long one is full. Values are 1 for
/// wrong and 0 for right. There is no warning level.
/// </remarks>
public sealed class Fhddms : IDriftDetector
{
    private readonly Direction _direction;
    private readonly RateWindow _long;
    private readonly RateWindow _short;
    private long _count;
    private Evidence _evidence;

    internal Fhddms(FhddmsOptions options)
    {
        _direction = options.Direction;
        (_long, _short) = (new RateWindow(options.Window, options.Confidence), new RateWindow(options.ShortWindow, options.Confidence));
    }

    /// <inheritdoc/>
    public DriftLevel Level { get; private set; }

    /// <inheritdoc/>
    public ref readonly Evidence Evidence => ref _evidence;

    /// <inheritdoc/>
    public DriftLevel Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return Level;
        }

        if (Level == DriftLevel.Drift)
        {
            _count = 0;
            _long.Clear();
            _short.Clear();
        }

        _count++;
        var (slow, fast) = (_long.Add(value) & _direction, _short.Add(value) & _direction);
        if (!_long.IsFull)
        {
            return Level = DriftLevel.Learning;
        }

        var way = slow | fast;
        _evidence = fast != Direction.None
            ? _short.Explain(fast, _count, alarm: true)
            : _long.Explain(slow != Direction.None ? slow : _direction, _count, slow != Direction.None);
        return Level = way != Direction.None ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
        _long.Save(ref writer);
        _short.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _count = reader.Int64();
        _long.Load(ref reader);
        _short.Load(ref reader);
    }
}
