namespace Streaming.Drift;

/// <summary>How far two samples lie apart.</summary>
/// <param name="Distance">Name of the distance, as in <see cref="DistanceSpec"/>.</param>
/// <param name="Statistic">The distance; NaN where one of the samples holds no finite value.</param>
/// <param name="PValue">Probability of at least this distance without drift; none where the distance has no such law.</param>
/// <param name="Ignored">Values of both samples left out because they were NaN or infinite.</param>
public readonly record struct DistanceResult(string Distance, double Statistic, double? PValue = null, int Ignored = 0);
