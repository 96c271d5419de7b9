using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Fhddm"/> can be told.</summary>
[Detector("fhddm", DetectorInput.Errors, "an error rate of the newest values above the best one seen", "Pesaranghader, Viktor, ECML PKDD 2016")]
public sealed record FhddmOptions : DetectorOptions
{
    /// <summary>FHDDM watches for rises unless told otherwise.</summary>
    public FhddmOptions() => Direction = Direction.Up;

    /// <summary>Newest values whose error rate is compared (n).</summary>
    /// <value>2 to 100,000 values. Default 100.</value>
    [Range(2, 100_000), Unit("values")]
    public int Window { get; init; } = 100;

    /// <summary>Chance of a drift by accident, at each comparison (δ).</summary>
    /// <value>Above 0, below 1. Default 0.000001.</value>
    [Range(1e-300, 0.999999), Unit("probability")]
    public double Confidence { get; init; } = 1e-6;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        return new Fhddm(this);
    }
}

/// <summary>Fast Hoeffding drift detection method: the newest error rate against the best one.</summary>
/// <remarks>
/// A. Pesaranghader, H. L. Viktor, Fast Hoeffding Drift Detection Method for Evolving Data Streams, ECML PKDD 2016: drift where the window's error rate
/// passes the least one so far by more than √(ln(1/δ)/(2 n)). Values are 1 for wrong and 0 for right. A fall is a rise of 1 − x. There is no
/// warning level. The change is dated from the window's first value.
/// </remarks>
public sealed class Fhddm : IDriftDetector
{
    private readonly Direction _direction;
    private readonly RateWindow _window;
    private long _count;
    private Evidence _evidence;

    internal Fhddm(FhddmOptions options) => (_direction, _window) = (options.Direction, new RateWindow(options.Window, options.Confidence));

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
            _window.Clear();
        }

        _count++;
        var way = _window.Add(value) & _direction;
        _evidence = _window.Explain(way != Direction.None ? way : _direction, _count, way != Direction.None);
        return Level = !_window.IsFull ? DriftLevel.Learning : way != Direction.None ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        writer.Write(_count);
        _window.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _count = reader.Int64();
        _window.Load(ref reader);
    }
}
