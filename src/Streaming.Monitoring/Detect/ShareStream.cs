using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>A stream of shares in [0, 1], one an event: how many features are missing, whether the model failed.</summary>
internal sealed class ShareStream(string name, TimeSpan learnFor) : IPaneStream
{
    private double[] _column = [];
    private long _count;
    private double _sum;
    private double _squares;
    private long _learnt;
    private double _learntSum;
    private bool _complete;
    private bool _referenceIsNew;

    public void Set(int row, double share) => _column[row] = share;

    public void SetMissing(int row) => _column[row] = double.NaN;

    public void Resize(int rows) => Array.Resize(ref _column, rows);

    public void Reduce(int rows, long elapsed)
    {
        var learning = !_complete;
        var (count, sum, squares, learntSum) = (0, _sum, _squares, _learntSum);
        foreach (var share in _column.AsSpan(0, rows))
        {
            if (double.IsNaN(share))
            {
                continue;
            }

            count++;
            sum += share;
            squares += share * share;
            learntSum += share;
        }

        (_count, _sum, _squares) = (_count + count, sum, squares);
        if (learning)
        {
            (_learnt, _learntSum) = (_learnt + count, learntSum);
        }

        if (learning && LearningRule.Complete(_learnt, elapsed, learnFor))
        {
            (_complete, _referenceIsNew) = (true, true);
        }
    }

    public void Save(ref StateWriter writer, int rows)
    {
        writer.Version(1);
        writer.Write(_column.AsSpan(0, rows));
        writer.Count(_count);
        writer.Write(_sum);
        writer.Write(_squares);
        writer.Count(_learnt);
        writer.Write(_learntSum);
        writer.Write(_complete);
        writer.Write(_referenceIsNew);
    }

    public void Load(ref StateReader reader, int rows)
    {
        reader.RequireVersion(1);
        reader.Rows(_column.AsSpan(0, rows));
        (_count, _sum, _squares) = (reader.Count(), reader.Double(), reader.Double());
        (_learnt, _learntSum, _complete, _referenceIsNew) = (reader.Count(), reader.Double(), reader.Bool(), reader.Bool());
    }

    public StreamPane Take()
    {
        var mean = _count > 0 ? _sum / _count : 0;
        var pane = new StreamPane(name, StreamKind.Share)
        {
            Count = _count,
            Mean = mean,
            M2 = Math.Max(0, _squares - (_sum * mean)),
            Reference = _referenceIsNew ? new StreamReference(_learnt, _learntSum / _learnt, 0, null, null, 0) : null,
        };
        (_count, _sum, _squares, _referenceIsNew) = (0, 0, 0, false);
        return pane;
    }
}
