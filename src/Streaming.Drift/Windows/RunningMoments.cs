namespace Streaming.Drift;

/// <summary>Mean and variance of values that come and go, without drift over any number of updates.</summary>
/// <remarks>
/// Σ d and Σ d² of the differences d from the first value, each as an unevaluated sum of two numbers (T. J. Dekker, A floating-point technique for extending the available precision, 1971: about 106 bits), so that what was added can be
/// taken out again. One update errs by less than 2⁻¹⁰² of the greatest sum so far, so 10⁹ of them by less than 2⁻⁷² of it: the last bits stay right unless a value far out has passed through; one R times as far as the rest leaves the
/// variance a relative error of at most R² 2⁻⁷², the mean R 2⁻⁷². An empty one begins anew. Only IEEE operations, none fused: the same bits on every CPU. Values up to about 10¹⁴⁶.
/// </remarks>
public sealed class RunningMoments
{
    private const double Splitter = (1 << 27) + 1;

    private double _origin;
    private (double High, double Low) _sum;
    private (double High, double Low) _squares;

    /// <summary>Values in it.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; NaN of nothing.</summary>
    public double Mean => Count == 0 ? double.NaN : _origin + (_sum.High + _sum.Low) / Count;

    /// <summary>Sum of squared differences from the mean, at least 0.</summary>
    public double M2
    {
        get
        {
            if (Count == 0)
            {
                return 0;
            }

            // (Σd)² / n in two parts, since it may be nearly all of Σd²
            var square = Product(_sum.High, _sum.High);
            square = Plus(square, 2 * _sum.High * _sum.Low);
            var quotient = square.High / Count;
            var back = Product(quotient, Count);
            var rest = (square.High - back.High - back.Low + square.Low) / Count;
            return Math.Max(0, Plus(Plus(_squares, -quotient), -rest).High);
        }
    }

    /// <summary>M2 / n; NaN of nothing.</summary>
    public double Variance => Count == 0 ? double.NaN : M2 / Count;

    /// <summary>Puts one finite value in.</summary>
    public void Add(double value)
    {
        _origin = Count == 0 ? value : _origin;
        Change(value, 1);
    }

    /// <summary>Takes out a value that was put in.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void Remove(double value)
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("There is no value to take out.");
        }

        Change(value, -1);
        if (Count == 0)
        {
            (_origin, _sum, _squares) = (0, default, default);
        }
    }

    /// <summary>Writes count and sums.</summary>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write(Count);
        writer.Write(_origin);
        writer.Write(_sum.High);
        writer.Write(_sum.Low);
        writer.Write(_squares.High);
        writer.Write(_squares.Low);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Count, _origin) = (reader.Int64(), reader.Double());
        _sum = (reader.Double(), reader.Double());
        _squares = (reader.Double(), reader.Double());
    }

    private void Change(double value, int sign)
    {
        // d itself may need two numbers
        var d = Sum(value, -_origin);
        var square = Product(d.High, d.High);
        square = Plus(square, 2 * d.High * d.Low);
        Count += sign;
        _sum = Plus(Plus(_sum, sign * d.High), sign * d.Low);
        _squares = Plus(Plus(_squares, sign * square.High), sign * square.Low);
    }

    private static (double High, double Low) Plus((double High, double Low) a, double b)
    {
        var sum = Sum(a.High, b);
        var low = sum.Low + a.Low;
        var high = sum.High + low;
        return (high, low - (high - sum.High));
    }

    /// <summary>a + b exactly (D. E. Knuth).</summary>
    private static (double High, double Low) Sum(double a, double b)
    {
        var sum = a + b;
        var part = sum - a;
        return (sum, (a - (sum - part)) + (b - part));
    }

    /// <summary>a b exactly (G. W. Veltkamp, T. J. Dekker).</summary>
    private static (double High, double Low) Product(double a, double b)
    {
        var product = a * b;
        var (aHigh, bHigh) = (High(a), High(b));
        var (aLow, bLow) = (a - aHigh, b - bHigh);
        return (product, ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow);

        static double High(double x)
        {
            var scaled = Splitter * x;
            return scaled - (scaled - x);
        }
    }
}
