namespace Streaming.Drift;

/// <summary>Mean of the newest values against the least and the greatest such mean so far, within Hoeffding's bound.</summary>
internal sealed class RateWindow(int capacity, double confidence)
{
    private readonly SlidingWindow _window = new(capacity);
    private double _sum;
    private double _least = double.PositiveInfinity;
    private double _most = double.NegativeInfinity;

    /// <summary>How far a mean may lie from the best one by chance: √(ln(1/δ)/(2 n)).</summary>
    public double Bound { get; } = Math.Sqrt(DeterministicMath.Log(1 / confidence) / (2.0 * capacity));

    public bool IsFull => _window.IsFull;

    /// <summary>Takes a value and says which directions have moved further than chance would.</summary>
    public Direction Add(double value)
    {
        _sum += value - (_window.Add(value, out var left) ? left : 0);
        if (!_window.IsFull)
        {
            return Direction.None;
        }

        var mean = _sum / capacity;
        (_least, _most) = (Math.Min(_least, mean), Math.Max(_most, mean));
        return (mean - _least > Bound ? Direction.Up : Direction.None) | (_most - mean > Bound ? Direction.Down : Direction.None);
    }

    /// <summary>The evidence of a direction; of the further one where both or neither are named.</summary>
    public Evidence Explain(Direction way, long count, bool alarm)
    {
        var mean = _sum / Math.Max(1, _window.Count);
        if (!_window.IsFull)
        {
            return new Evidence(0, Bound, mean, mean, count, 0, Direction.None);
        }

        var up = way is Direction.Up or Direction.Down ? way == Direction.Up : mean - _least >= _most - mean;
        var before = up ? _least : _most;
        return new Evidence(
            Math.Abs(mean - before), Bound, before, mean, count, alarm ? capacity : 0, !alarm ? Direction.None : up ? Direction.Up : Direction.Down);
    }

    public void Clear()
    {
        _window.Clear();
        (_sum, _least, _most) = (0, double.PositiveInfinity, double.NegativeInfinity);
    }

    public void Save(ref StateWriter writer)
    {
        writer.Write(_sum);
        writer.Write(_least);
        writer.Write(_most);
        _window.Save(ref writer);
    }

    public void Load(ref StateReader reader)
    {
        (_sum, _least, _most) = (reader.Double(), reader.Double(), reader.Double());
        _window.Load(ref reader);
    }
}
