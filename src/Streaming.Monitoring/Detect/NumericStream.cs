using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A stream of numbers: moments as they come, and u-values once the reference is complete.</summary>
internal sealed class NumericStream(string name, TimeSpan learnFor, NumericReference? reference) : IPaneStream
{
    private readonly long[] _histogram = new long[NumericReference.Bins];
    private double[] _column = [];
    private double[] _present = [];
    private double[] _u = [];
    private LearningSample? _learning = reference is null ? new LearningSample() : null;
    private NumericReference? _reference = reference;
    private double _blockVariance;
    private bool _referenceIsNew = reference is not null;
    private MomentSummary _raw;
    private MomentSummary _uMoments;
    private long _missing;
    private long _outside;

    public string Name => name;

    /// <summary>Sets the value of a row; NaN is none.</summary>
    public void Set(int row, double value) => _column[row] = value;

    public void SetMissing(int row) => _column[row] = double.NaN;

    /// <summary>The u-value of one number; NaN while the reference is being learnt.</summary>
    public double U(double value) => _reference is null ? double.NaN : _reference.U(value);

    public void Resize(int rows)
    {
        var old = _column.Length;
        Array.Resize(ref _column, rows);
        _column.AsSpan(old).Fill(double.NaN);
        _present = new double[rows];
        _u = new double[rows];
    }

    public void Reduce(int rows, long elapsed)
    {
        var present = Present(_column.AsSpan(0, rows));
        _missing += rows - present.Length;
        _raw = _raw.Merge(Moments.Summary(present));
        if (_reference is not null)
        {
            var u = _u.AsSpan(0, present.Length);
            _reference.U(present, u);
            _uMoments = _uMoments.Merge(Moments.Summary(u));
            Histogram.Add(u, _histogram);
            _outside += Outside(present, _reference.Min, _reference.Max);
            return;
        }

        foreach (var value in present)
        {
            _learning!.Add(value);
        }

        if (LearningRule.Complete(_learning!.Observed, elapsed, learnFor))
        {
            CompleteReference();
        }
    }

    public StreamPane Take()
    {
        var pane = new StreamPane(name, StreamKind.Numeric)
        {
            Count = _raw.Count,
            Missing = _missing,
            Mean = _raw.Mean,
            M2 = _raw.M2,
            Min = _raw.Min,
            Max = _raw.Max,
            U = new Element(_uMoments.Count, _uMoments.Mean, _uMoments.M2),
            Histogram = _uMoments.Count > 0 ? (long[])_histogram.Clone() : null,
            OutOfRange = _outside,
            Reference = _referenceIsNew ? Describe() : null,
        };
        (_raw, _uMoments, _missing, _outside, _referenceIsNew) = (default, default, 0, 0, false);
        Array.Clear(_histogram);
        return pane;
    }

    public void Save(ref StateWriter writer, int rows)
    {
        writer.Version(1);
        writer.Write(_column.AsSpan(0, rows));
        writer.Count(_missing);
        _raw.Save(ref writer);
        _uMoments.Save(ref writer);
        if (_uMoments.Count > 0)
        {
            writer.Count(_outside);
            foreach (var count in _histogram)
            {
                writer.Count(count);
            }
        }

        writer.Write(_reference is not null);
        if (_reference is null)
        {
            _learning!.Save(ref writer);
            return;
        }

        writer.Write(_referenceIsNew);
        writer.Write(_blockVariance);
        _reference.Save(ref writer);
    }

    public void Load(ref StateReader reader, int rows)
    {
        reader.RequireVersion(1);
        reader.Rows(_column.AsSpan(0, rows));
        (_missing, _raw, _uMoments) = (reader.Count(), MomentSummary.Load(ref reader), MomentSummary.Load(ref reader));
        _outside = _uMoments.Count > 0 ? reader.Count() : 0;
        for (var bin = 0; bin < _histogram.Length && _uMoments.Count > 0; bin++)
        {
            _histogram[bin] = reader.Count();
        }

        (_learning, _reference, _referenceIsNew) = (null, null, false);
        if (!reader.Bool())
        {
            _learning = new LearningSample();
            _learning.Load(ref reader);
            return;
        }

        (_referenceIsNew, _blockVariance, _reference) = (reader.Bool(), reader.Double(), NumericReference.Load(ref reader));
    }

    private static long Outside(ReadOnlySpan<double> values, double least, double largest)
    {
        var (low, high, counts) = (Vector256.Create(least), Vector256.Create(largest), Vector256<long>.Zero);
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var block in blocks)
        {
            // a comparison that holds is −1 in each lane
            counts -= (Vector256.LessThan(block, low) | Vector256.GreaterThan(block, high)).AsInt64();
        }

        var count = Vector256.Sum(counts);
        foreach (var value in values[(blocks.Length * Vector256<double>.Count)..])
        {
            count += Convert.ToInt64((value < least) | (value > largest));
        }

        return count;
    }

    private ReadOnlySpan<double> Present(ReadOnlySpan<double> column)
    {
        if (!Moments.HasNaN(column))
        {
            return column;
        }

        var count = 0;
        foreach (var value in column)
        {
            // branch-free: a missing value is written and then overwritten by the next
            _present[count] = value;
            count += double.IsNaN(value) ? 0 : 1;
        }

        return _present.AsSpan(0, count);
    }

    private void CompleteReference()
    {
        var inOrder = _learning!.Values.ToArray();
        _reference = NumericReference.Build(_learning.Values, _learning.Observed);
        if (learnFor > TimeSpan.Zero)
        {
            var u = new double[inOrder.Length];
            _reference.U(inOrder, u);
            _blockVariance = LearningRule.BlockVariance(u);
        }

        (_learning, _referenceIsNew) = (null, true);
    }

    private StreamReference Describe() =>
        new(_reference!.Count, _reference.Mean, _blockVariance, _reference.Shares.ToArray(), null, 0);
}
