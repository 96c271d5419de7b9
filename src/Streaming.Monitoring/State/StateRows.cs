using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Reads rows of a block that is open.</summary>
internal static class StateRows
{
    /// <summary>Reads exactly as many numbers as there are rows.</summary>
    public static void Rows(this ref StateReader reader, Span<double> rows)
    {
        if (reader.Doubles(rows) is var found && found != rows.Length)
        {
            throw reader.Broken($"{rows.Length} rows", found.ToString());
        }
    }
}
