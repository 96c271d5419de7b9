using Streaming.Drift;

namespace Streaming.Host;

/// <summary>One applicant for a loan: standard normal traits, of which everything visible is a function.</summary>
/// <remarks>
/// A trait is fresh for each applicant, or remembers the one before on the same partition (AR(1), variance 1), or moves with the time of day. So
/// the score before its logistic curve is standard normal wherever no cycle moves it, and the share of applicants trusted is known exactly.
/// </remarks>
internal sealed class Applicant
{
    /// <summary>Share of applicants that the model expects to repay, where no cycle moves them.</summary>
    public const double TrustedShare = 0.7;

    /// <summary>How strongly a trait of a sticky scenario remembers its predecessor.</summary>
    public const double Memory = 0.9;

    // the normal quantile of TrustedShare
    private const double Doubtful = 0.524400512708041;

    // mean of a trait over the day moves by this much both ways, each trait with its own phase
    private const double DailySwing = 0.5;

    private static readonly string[] Employments = ["unemployed", "salaried", "self-employed", "retired"];
    private static readonly double[] EmploymentEdges = [-1.3, 0.7, 1.2];
    private static readonly string[] Purposes = ["car", "home", "study", "business", "medical", "other"];
    private static readonly double[] PurposeEdges = [-0.6, 0.1, 0.6, 1.1, 1.7];
    private static readonly string[] Regions = ["north", "east", "south", "west", "capital", "coast", "abroad"];
    private static readonly double[] RegionEdges = [-1.0, -0.5, 0, 0.5, 1.1, 2.1];

    // weights of the traits in the score; their squares add up to 1
    private static readonly double[] Weights = [-0.5, 0.4, -0.3, 0.6, 0.37416573867739417, 0, 0, 0];

    private readonly double[] _traits = new double[Weights.Length];
    private readonly double[] _remembered = new double[Weights.Length];
    private bool _first = true;

    public double Income => Exp(10.4 + (0.5 * _traits[0]));

    public double Amount => Exp(9 + (0.7 * _traits[1]));

    public double Age => Math.Clamp(43 + (12 * _traits[2]), 18, 95);

    public double DebtRatio => Logistic(_traits[3] - 0.8);

    public string Employment => Of(Employments, EmploymentEdges, _traits[5]);

    public string Purpose => Of(Purposes, PurposeEdges, _traits[6]);

    public string Region => Of(Regions, RegionEdges, _traits[7]);

    /// <summary>What the model says: the probability of a default.</summary>
    public double Score
    {
        get
        {
            var score = -Doubtful;
            for (var i = 0; i < Weights.Length; i++)
            {
                score += Weights[i] * _traits[i];
            }

            return Logistic(2 * score);
        }
    }

    /// <summary>Makes the next applicant of this partition.</summary>
    /// <param name="random">Where the traits come from.</param>
    /// <param name="kind">Whether they remember or move with the day.</param>
    /// <param name="dayTime">Time of day, 0 to 1.</param>
    public void Draw(SplitMix64 random, ScenarioKind kind, double dayTime)
    {
        for (var i = 0; i < _traits.Length; i++)
        {
            var fresh = random.Normal();
            if (kind == ScenarioKind.Sticky && !_first)
            {
                fresh = (Memory * _remembered[i]) + (Math.Sqrt(1 - (Memory * Memory)) * fresh);
            }

            _remembered[i] = fresh;
            _traits[i] = kind == ScenarioKind.Seasonal ? fresh + (DailySwing * Wave(dayTime + ((double)i / _traits.Length))) : fresh;
        }

        _first = false;
    }

    /// <summary>A smooth wave of period 1 and height 1, of additions and multiplications alone: the same bits everywhere.</summary>
    internal static double Wave(double phase)
    {
        // two parabolas per period, corrected towards the sine; error below 0.0012 (Capens 2006)
        var x = phase - Math.Floor(phase);
        var parabola = x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x);
        return (0.225 * ((parabola * Math.Abs(parabola)) - parabola)) + parabola;
    }

    private static double Exp(double x) => DeterministicMath.Exp(x);

    private static double Logistic(double x) => 1 / (1 + Exp(-x));

    private static string Of(string[] names, double[] edges, double trait)
    {
        var i = 0;
        while (i < edges.Length && trait >= edges[i])
        {
            i++;
        }

        return names[i];
    }
}
