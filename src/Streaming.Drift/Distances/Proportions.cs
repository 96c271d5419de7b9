namespace Streaming.Drift;

/// <summary>How often something was the case in two samples.</summary>
/// <param name="Before">Times in the reference.</param>
/// <param name="Reference">Values of the reference.</param>
/// <param name="After">Times in what is compared with it.</param>
/// <param name="Current">Values of what is compared with it.</param>
public readonly record struct Proportions(long Before, long Reference, long After, long Current)
{
    /// <summary>Share after less share before; NaN where one side is empty.</summary>
    public double Difference => Reference == 0 || Current == 0 ? double.NaN : (double)After / Current - (double)Before / Reference;

    /// <summary>Counts the values above a bound. NaN and infinities are left out and counted.</summary>
    internal static Proportions OfSamples(PreparedReference reference, ReadOnlySpan<double> current, double above, out int ignored)
    {
        var finite = Bins.Finite(current, out ignored);
        ignored += reference.Ignored;
        return new Proportions(Above(reference.Values, above), reference.Count, Above(finite, above), finite.Length);

        static long Above(ReadOnlySpan<double> values, double above)
        {
            Span<long> counts = stackalloc long[2];
            Bins.Count(values, [Math.BitIncrement(above)], counts);
            return counts[1];
        }
    }

    /// <summary>Throws where the counts are none.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Before);
        ArgumentOutOfRangeException.ThrowIfNegative(After);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Before, Reference);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(After, Current);
    }
}
