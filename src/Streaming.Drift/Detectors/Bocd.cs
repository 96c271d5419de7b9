using System.ComponentModel.DataAnnotations;

namespace Streaming.Drift;

/// <summary>What <see cref="Bocd"/> takes the values of one concept for.</summary>
public enum BocdModel : byte
{
    /// <summary>Normal with unknown mean and variance.</summary>
    Gaussian,

    /// <summary>1 or 0 with an unknown rate of ones.</summary>
    Bernoulli,
}

/// <summary>What <see cref="Bocd"/> can be told.</summary>
[Detector("bocd", DetectorInput.Numbers, "a change of mean or spread (Gaussian) or of the rate (Bernoulli), by its probability; warns first", "Adams, MacKay, arXiv 0710.3742, 2007")]
public sealed record BocdOptions : DetectorOptions
{
    /// <summary>What the values of one concept are taken for.</summary>
    /// <value>Gaussian or Bernoulli. Default: Gaussian.</value>
    public BocdModel Model { get; init; }

    /// <summary>Chance of a change at each value.</summary>
    /// <value>Above 0, below 1. Default 0.0001.</value>
    [Range(1e-12, 0.999999), Unit("probability")]
    public double Hazard { get; init; } = 0.0001;

    /// <summary>Probability of a change since the concept began from which a warning is given.</summary>
    /// <value>Above 0, below 1. Default 0.5.</value>
    [Range(1e-6, 0.999999999), Unit("probability")]
    public double WarningLevel { get; init; } = 0.5;

    /// <summary>Probability of a change since the concept began from which a drift is reported.</summary>
    /// <value>Above 0, below 1, at least the warning level. Default 0.99.</value>
    [Range(1e-6, 0.999999999), Unit("probability")]
    public double DriftLevel { get; init; } = 0.99;

    /// <summary>Run lengths kept: the least probable one makes room.</summary>
    /// <value>2 to 10,000 run lengths. Default 100.</value>
    [Range(2, 10_000), Unit("run lengths")]
    public int Runs { get; init; } = 100;

    /// <summary>First values, from which the Gaussian model learns what scale to expect.</summary>
    /// <value>2 to 1,000,000 values. Default 30.</value>
    [Range(2, 1_000_000), Unit("values")]
    public int MinCount { get; init; } = 30;

    /// <inheritdoc/>
    public override IDriftDetector Create()
    {
        Validate();
        Require(DriftLevel >= WarningLevel, "driftLevel", DriftLevel, $"must be at least warningLevel = {WarningLevel}");
        return new Bocd(this);
    }
}

/// <summary>Bayesian online changepoint detection: the probability that the concept has changed since it began.</summary>
/// <remarks>
/// R. P. Adams, D. J. C. MacKay, Bayesian Online Changepoint Detection, arXiv 0710.3742, 2007, equations 3 and 7, with a constant hazard. Gaussian: normal-gamma
/// prior (κ 0.01, α 1, mean and scale from the first values of the stream); Bernoulli: Beta(1, 1). At most <see cref="BocdOptions.Runs"/> run
/// lengths are kept, that of the whole concept always. After a drift the most probable run becomes the concept, and the change is dated from its
/// beginning. 0/1 values need the Bernoulli model: under the Gaussian one a run of equal bits has hardly any spread, and the next other bit is a
/// change. As long as the first values are all equal the Gaussian model goes on learning.
/// </remarks>
public sealed class Bocd : IDriftDetector
{
    private const double PriorCount = 0.01;

    private readonly BocdOptions _options;
    private readonly double[] _weights;
    private readonly Element[] _runs;

    // Γ(n/2 + 3/2) / Γ(n/2 + 1) for the run of each place, carried along: Γ(a + 1)/Γ(a + 1/2) = a / (Γ(a + 1/2)/Γ(a))
    private readonly double[] _gammas;
    private int _held;
    private Baseline _baseline;
    private Evidence _evidence;

    internal Bocd(BocdOptions options)
    {
        _options = options;
        (_weights, _runs, _gammas) = (new double[options.Runs + 1], new Element[options.Runs + 1], new double[options.Runs + 1]);
        Begin(0);
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
            KeepMostProbable();
        }

        if (_options.Model == BocdModel.Gaussian && _baseline.Learn(value, _options.MinCount))
        {
            return Level = DriftLevel.Learning;
        }

        if (!Weigh(value))
        {
            // a value that no run can explain at all: nothing is known but that the concept has ended
            Begin(0);
        }

        return Level = Judge();
    }

    /// <inheritdoc/>
    public void Save(ref StateWriter writer)
    {
        writer.Begin(Level, _evidence);
        _baseline.Save(ref writer);
        writer.Write(_held);
        for (var i = 0; i < _held; i++)
        {
            writer.Write(_weights[i]);
            writer.Write(_gammas[i]);
            _runs[i].Save(ref writer);
        }
    }

    /// <inheritdoc/>
    public void Load(ref StateReader reader)
    {
        Level = reader.Begin(out _evidence);
        _baseline = Baseline.Load(ref reader);
        _held = reader.Int32(1, _options.Runs);
        for (var i = 0; i < _held; i++)
        {
            (_weights[i], _gammas[i], _runs[i]) = (reader.Double(), reader.Double(), Element.Load(ref reader));
        }
    }

    private void Begin(int at)
    {
        // Γ(3/2) / Γ(1) = √π / 2
        (_weights[at], _runs[at], _gammas[at]) = (1, default, 0.88622692545275801365);
        _held = at + 1;
    }

    /// <summary>Probability of the value under one run.</summary>
    private double Predict(in Element run, double gamma, double value)
    {
        if (_options.Model == BocdModel.Bernoulli)
        {
            var rate = (1 + (run.Mean * run.Count)) / (2 + run.Count);
            return value > 0 ? rate : 1 - rate;
        }

        // Student's t with 2 α degrees of freedom
        var (count, difference) = (PriorCount + run.Count, run.Mean - _baseline.Mean);
        var mean = ((PriorCount * _baseline.Mean) + (run.Count * run.Mean)) / count;
        var alpha = 1 + (run.Count / 2.0);
        var beta = (_baseline.Deviation * _baseline.Deviation) + (run.M2 / 2) + (PriorCount * run.Count * difference * difference / (2 * count));
        var spread = 2 * beta * (count + 1) / count;
        var away = value - mean;
        return gamma / Math.Sqrt(Math.PI * spread) * DeterministicMath.Exp(-(alpha + 0.5) * DeterministicMath.Log(1 + (away * away / spread)));
    }

    /// <summary>One step of the recursion; false where every run gives the value the probability 0.</summary>
    private bool Weigh(double value)
    {
        if (_options.Model == BocdModel.Bernoulli)
        {
            value = value > 0 ? 1 : 0;
        }

        // the newest run begins at this value, so that it too has seen it
        var element = new Element(1, value, 0);
        var (changed, total) = (0.0, 0.0);
        for (var i = 0; i < _held; i++)
        {
            changed += _weights[i] * _options.Hazard;
            var alpha = 1 + (_runs[i].Count / 2.0);
            _weights[i] *= (1 - _options.Hazard) * Predict(_runs[i], _gammas[i], value);
            total += _weights[i];
            (_runs[i], _gammas[i]) = (_runs[i].Merge(element), alpha / _gammas[i]);
        }

        var gamma = 0.88622692545275801365;
        (_weights[_held], _runs[_held], _gammas[_held]) = (changed * Predict(default, gamma, value), element, 1 / gamma);
        total += _weights[_held++];
        if (!(total > 0) || !double.IsFinite(total))
        {
            return false;
        }

        for (var i = 0; i < _held; i++)
        {
            _weights[i] /= total;
        }

        if (_held > _options.Runs)
        {
            DropLeastProbable();
        }

        return true;
    }

    private void DropLeastProbable()
    {
        var least = 1;
        for (var i = 2; i < _held; i++)
        {
            least = _weights[i] < _weights[least] ? i : least;
        }

        Move(least + 1, least);
    }

    private void Move(int from, int to)
    {
        _weights.AsSpan(from.._held).CopyTo(_weights.AsSpan(to));
        _runs.AsSpan(from.._held).CopyTo(_runs.AsSpan(to));
        _gammas.AsSpan(from.._held).CopyTo(_gammas.AsSpan(to));
        _held -= from - to;
    }

    private int MostProbable(int from)
    {
        var most = from;
        for (var i = from + 1; i < _held; i++)
        {
            most = _weights[i] > _weights[most] ? i : most;
        }

        return most;
    }

    private void KeepMostProbable()
    {
        var kept = MostProbable(_held > 1 ? 1 : 0);
        (_weights[0], _runs[0], _gammas[0], _held) = (1, _runs[kept], _gammas[kept], 1);
    }

    private DriftLevel Judge()
    {
        var whole = _runs[0];
        var probability = 1 - _weights[0];
        var newest = _runs[MostProbable(_held > 1 ? 1 : 0)];
        var older = whole.Count - newest.Count;
        var before = older > 0 ? ((whole.Mean * whole.Count) - (newest.Mean * newest.Count)) / older : whole.Mean;
        var way = newest.Mean > before ? Direction.Up : Direction.Down;
        var level = older == 0 || (way & _options.Direction) == 0 ? DriftLevel.Stable
            : probability > _options.DriftLevel ? DriftLevel.Drift
            : probability > _options.WarningLevel ? DriftLevel.Warning
            : DriftLevel.Stable;
        var suspected = level > DriftLevel.Stable;
        _evidence = new Evidence(
            probability, _options.DriftLevel, suspected ? before : whole.Mean, suspected ? newest.Mean : whole.Mean, whole.Count,
            suspected ? newest.Count : 0, suspected ? way : Direction.None);
        return level;
    }
}
