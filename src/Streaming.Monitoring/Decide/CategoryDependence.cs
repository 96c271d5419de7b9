using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>How much more the shares of categories vary from round to round than independent values would.</summary>
/// <remarks>
/// The design effect of J. N. K. Rao, A. J. Scott (JASA 76, 1981, first order) by which a chi-square of dependent values is divided: here the
/// chi-square between neighbouring rounds over what independent values would give, both averaged over about the last 64 rounds. The mean rank of the
/// categories (<see cref="Dependence"/>) would miss movements that leave it in place.
/// </remarks>
internal sealed class CategoryDependence
{
    private const double Keep = 63.0 / 64;

    // rarer categories say little and swing widely
    private const double SmallestShare = 0.005;

    private readonly double[] _previous = new double[Expectation.Commonest + 1];
    private int _previousCells;
    private long _previousCount;
    private double _chiSquare;
    private double _freedom;
    private double _rounds;

    /// <summary>An upper bound, at least 1.</summary>
    public double Ratio => _freedom > 0 ? Dependence.UpperBound(_chiSquare / _freedom, _rounds) : 1;

    /// <summary>Takes a round: what was expected of its partitions, and what came.</summary>
    public void Add(ReadOnlySpan<double> expected, ReadOnlySpan<long> counts, long count)
    {
        Span<double> residuals = stackalloc double[expected.Length];
        var (chiSquare, freedom) = (0.0, 0.0);
        for (var cell = 0; cell < expected.Length; cell++)
        {
            residuals[cell] = ((double)counts[cell] / count) - expected[cell];
            if (expected[cell] >= SmallestShare)
            {
                var difference = residuals[cell] - _previous[cell];
                chiSquare += difference * difference / expected[cell];
                freedom += 1 - expected[cell];
            }
        }

        if (_previousCount > 0 && _previousCells == expected.Length)
        {
            _chiSquare = (_chiSquare * Keep) + (chiSquare * ((double)count * _previousCount / (count + _previousCount)));
            _freedom = (_freedom * Keep) + freedom;
            _rounds = (_rounds * Keep) + 1;
        }

        residuals.CopyTo(_previous);
        (_previousCells, _previousCount) = (expected.Length, count);
    }

    /// <summary>The next round has no neighbour: categories are told apart anew.</summary>
    public void Separate() => _previousCount = 0;

    /// <summary>Writes the averages and the newest round.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        foreach (var residual in _previous)
        {
            writer.Write(residual);
        }

        writer.Write(_previousCells);
        writer.Write(_previousCount);
        writer.Write(_chiSquare);
        writer.Write(_freedom);
        writer.Write(_rounds);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        for (var cell = 0; cell < _previous.Length; cell++)
        {
            _previous[cell] = reader.Double();
        }

        (_previousCells, _previousCount) = (reader.Int32(), reader.Int64());
        (_chiSquare, _freedom, _rounds) = (reader.Double(), reader.Double(), reader.Double());
    }
}
