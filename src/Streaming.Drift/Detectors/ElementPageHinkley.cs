using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="ElementPageHinkley"/> can be told.</summary>
public sealed record ElementPageHinkleyOptions
{
    /// <summary>Movement away from the mean that is tolerated before it counts (δ).</summary>
    /// <value>Unit of the input, at least 0. Default 0.01.</value>
    [Range(0, double.MaxValue)]
    public double Tolerance { get; init; } = 0.01;

    /// <summary>Sum of movements beyond which a change is reported (λ).</summary>
    /// <value>Unit of the input times values, above 0. Default 50.</value>
    [Range(double.Epsilon, double.MaxValue)]
    public double Threshold { get; init; } = 50;

    /// <summary>Elements before the first judgement.</summary>
    /// <value>2 to 1,000. Default 8.</value>
    [Range(2, 1_000)]
    public int MinElements { get; init; } = 8;

    /// <summary>Which movement is reported.</summary>
    /// <value>Up or Down. Default Up.</value>
    public Direction Direction { get; init; } = Direction.Up;
}

/// <summary>Page–Hinkley test over elements: reports a lasting rise, or fall, of the mean.</summary>
/// <remarks>
/// E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954, with the sum held at zero. An element of n values counts n times. The threshold
/// grows with the long-run over the pooled variance, so that a stream whose neighbours stick together alarms no more often.
/// </remarks>
public sealed class ElementPageHinkley : IElementDetector
{
    private readonly ElementPageHinkleyOptions _options;
    private readonly double _sign;
    private long _elements;
    private Element _all;
    private Element _last;
    private double _moves;
    private double _longestMove;
    private double _sum;
    private double _meanBefore;
    private long _age;
    private Evidence _evidence;

    /// <summary>Builds the detector.</summary>
    /// <exception cref="ValidationException">An option lies outside its range.</exception>
    public ElementPageHinkley(ElementPageHinkleyOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (options.Direction is not (Direction.Up or Direction.Down))
        {
            throw new ValidationException($"direction = {options.Direction}: must be up or down");
        }

        (_options, _sign) = (options, options.Direction == Direction.Up ? 1 : -1);
    }

    /// <inheritdoc/>
    public DriftLevel Level { get; private set; }

    /// <inheritdoc/>
    public ref readonly Evidence Evidence => ref _evidence;

    /// <inheritdoc/>
    public double Estimate => _all.Mean;

    /// <inheritdoc/>
    public long ChangeElements { get; private set; }

    /// <inheritdoc/>
    public DriftLevel Update(in Element element)
    {
        if (Level == DriftLevel.Drift)
        {
            (_elements, _all, _last, _moves, _longestMove, _sum, _age) = (0, default, default, 0, 0, 0, 0);
        }

        Add(element);
        var movement = element.Count * ((_sign * (element.Mean - _all.Mean)) - _options.Tolerance);
        _sum = Math.Max(0, _sum + movement);
        if (_sum == 0)
        {
            (ChangeElements, _age, _meanBefore) = (0, 0, _all.Mean);
        }
        else
        {
            (ChangeElements, _age) = (ChangeElements + 1, _age + element.Count);
        }

        var threshold = _options.Threshold * Ratio();
        var after = _age > 0 ? _all.Mean + ((_all.Mean - _meanBefore) * ((double)(_all.Count - _age) / _age)) : _all.Mean;
        _evidence = new Evidence(
            _sum, threshold, _age > 0 ? _meanBefore : _all.Mean, after, _all.Count, _age, _age > 0 ? _options.Direction : Direction.None);
        return Level = _elements < _options.MinElements ? DriftLevel.Learning : _sum > threshold ? DriftLevel.Drift : DriftLevel.Stable;
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Write((byte)Level);
        writer.Write(_elements);
        _all.Save(ref writer);
        _last.Save(ref writer);
        writer.Write(_moves);
        writer.Write(_longestMove);
        writer.Write(_sum);
        writer.Write(_meanBefore);
        writer.Write(_age);
        writer.Write(ChangeElements);
        _evidence.Save(ref writer);
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        (Level, _elements) = ((DriftLevel)reader.Byte(), reader.Int64());
        (_all, _last) = (Element.Load(ref reader), Element.Load(ref reader));
        (_moves, _longestMove, _sum, _meanBefore) = (reader.Double(), reader.Double(), reader.Double(), reader.Double());
        (_age, ChangeElements) = (reader.Int64(), reader.Int64());
        _evidence = Drift.Evidence.Load(ref reader);
    }

    private void Add(in Element element)
    {
        if (_elements++ > 0)
        {
            var difference = element.Mean - _last.Mean;
            var move = difference * difference * ((double)element.Count * _last.Count / (element.Count + _last.Count));
            _moves += move;
            _longestMove = Math.Max(_longestMove, move);
        }

        _all = _all.Merge(element);
        _last = element;
    }

    private double Ratio()
    {
        var variance = _all.M2 / _all.Count;
        return _elements > 2 && variance > 0 ? Math.Max(1, (_moves - _longestMove) / (_elements - 2) / variance) : 1;
    }
}
