using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>How much more the mean of a stream varies from round to round than independent values would: long-run over pooled variance.</summary>
/// <remarks>Both are averages over about the last 64 rounds. Long-run: (mᵢ − mᵢ₋₁)² nᵢ nᵢ₋₁ / (nᵢ + nᵢ₋₁) over neighbouring rounds, the difference
/// form that a lasting change of the mean disturbs only once. The ratio is an upper bound: a few rounds know it badly.</remarks>
internal sealed class Dependence
{
    private const double Keep = 63.0 / 64;

    // relative variance of a mean of squared differences of neighbours, times their number: 2 for the squares and 1 for the overlap
    private const double VarianceOfSquares = 3;

    private Element _previous;
    private double _longRun;
    private double _longRunWeight;
    private double _count;
    private double _sum;
    private double _squares;

    /// <summary>At least 1.</summary>
    public double Ratio
    {
        get
        {
            var mean = _count > 0 ? _sum / _count : 0;
            var variance = _count > 0 ? (_squares / _count) - (mean * mean) : 0;
            return _longRunWeight > 0 && variance > 1e-12 ? UpperBound(_longRun / _longRunWeight / variance, _longRunWeight) : 1;
        }
    }

    /// <summary>An estimate from so many squared differences plus two of its standard errors, at least 1.</summary>
    public static double UpperBound(double ratio, double differences) =>
        Math.Max(1, ratio * (1 + (2 * Math.Sqrt(VarianceOfSquares / differences))));

    public void Save(ref StateWriter writer)
    {
        _previous.Save(ref writer);
        writer.Write(_longRun);
        writer.Write(_longRunWeight);
        writer.Write(_count);
        writer.Write(_sum);
        writer.Write(_squares);
    }

    public void Load(ref StateReader reader)
    {
        _previous = Element.Load(ref reader);
        (_longRun, _longRunWeight) = (reader.Double(), reader.Double());
        (_count, _sum, _squares) = (reader.Double(), reader.Double(), reader.Double());
    }

    public void Add(in Element round)
    {
        if (_previous.Count > 0)
        {
            var difference = round.Mean - _previous.Mean;
            var weight = (double)round.Count * _previous.Count / (round.Count + _previous.Count);
            _longRun = (_longRun * Keep) + (difference * difference * weight);
            _longRunWeight = (_longRunWeight * Keep) + 1;
        }

        _count = (_count * Keep) + round.Count;
        _sum = (_sum * Keep) + (round.Count * round.Mean);
        _squares = (_squares * Keep) + round.M2 + (round.Count * round.Mean * round.Mean);
        _previous = round;
    }
}
