namespace Streaming.IntegrationTests;

/// <summary>Whether the long forms of the fault scenarios were asked for: <c>./test.sh --faults</c>.</summary>
internal static class FullForm
{
    /// <summary>Trait of scenarios that only run when asked for.</summary>
    public const string Only = "full";

    public static bool Asked { get; } = Environment.GetEnvironmentVariable("DRIFTD_FAULTS") == "full";
}
