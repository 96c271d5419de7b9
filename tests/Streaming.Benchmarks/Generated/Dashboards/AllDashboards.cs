namespace Streaming.Benchmarks;

/// <summary>The dashboards that are committed.</summary>
internal static class AllDashboards
{
    /// <summary>Where they lie in the repository.</summary>
    public const string Folder = "docker/grafana/dashboards";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Dashboard> All => [FleetDashboard.Create(), ModelDashboard.Create(), OperationsDashboard.Create(), RetrainingDashboard.Create()];
}
