namespace Streaming.Monitoring;

/// <summary>Metrics of a regression.</summary>
internal static class DistanceFigures
{
    public static double Mae(DistanceSums sums) => sums.Absolute / sums.Error.Count;

    public static double Rmse(DistanceSums sums) => Math.Sqrt(sums.Squares / sums.Error.Count);

    /// <summary>Mean of prediction less label.</summary>
    public static double Bias(DistanceSums sums) => sums.Error.Mean;

    /// <summary>1 − squared errors over squares around the mean label; where all labels are one, 1 without error, else 0; NaN of one label.</summary>
    public static double R2(DistanceSums sums) => sums.Error.Count < 2 ? double.NaN : Explained(sums.Squares, sums);

    public static double ExplainedVariance(DistanceSums sums) => Explained(sums.Error.M2, sums);

    /// <summary>Root mean squared error of always saying this number.</summary>
    public static double RmseOfConstant(DistanceSums sums, double number) =>
        Math.Sqrt((sums.Label.M2 / sums.Label.Count) + ((sums.Label.Mean - number) * (sums.Label.Mean - number)));

    private static double Explained(double error, DistanceSums sums) => sums.Label.M2 > 0 ? 1 - (error / sums.Label.M2) : error == 0 ? 1 : 0;
}
