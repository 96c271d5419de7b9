using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Labels against predictions of one model version at one moment.</summary>
public sealed record VersionPerformance(string Model, string Version)
{
    /// <summary>Metrics per window; those that are not defined are left out.</summary>
    public IReadOnlyList<PerformanceFigure> Figures { get; init; } = [];

    /// <summary>Against what needs no model.</summary>
    public IReadOnlyList<BaselineStanding> Baselines { get; init; } = [];

    /// <summary>Quantiles of the time from prediction to label since the version began.</summary>
    public IReadOnlyList<LabelDelay> Delays { get; init; } = [];

    /// <summary>Labels per event since the version began.</summary>
    public double Coverage { get; init; }

    /// <summary>Labels per event of the current window, those included whose events came before it.</summary>
    public double CurrentCoverage { get; init; }

    /// <summary>What moved since the reference, as the current window shows it.</summary>
    public WhatMoved Moved { get; init; } = WhatMoved.Nothing;
}

/// <summary>A metric over a window: current, cumulative or reference.</summary>
public readonly record struct PerformanceFigure(string Metric, string Window, double Value);

/// <summary>A model against a baseline in the current window: Stable = better, Warning = not shown to be better, Drift = shown to be worse.</summary>
public readonly record struct BaselineStanding(string Baseline, DriftLevel Level);

/// <summary>Seconds that a share of the labels of a class (or of all) did not exceed.</summary>
public readonly record struct LabelDelay(string Class, double Quantile, double Seconds);
