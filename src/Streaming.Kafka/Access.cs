using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>Kafka refuses this client, or a secret cannot be read: someone has to mend it, and it may be mended while the process runs.</summary>
/// <param name="reason">One line for the operator.</param>
internal sealed class AccessRefusedException(string reason) : IOException(reason);

/// <summary>Why brokers refuse the clients of one membership, as their connections say.</summary>
internal sealed class Access
{
    private volatile string? _refused;

    /// <summary>What was said last; null where nothing was, or where an answer came since.</summary>
    public string? Refused => _refused;

    /// <summary>Takes what a client says of its connections. Any thread may.</summary>
    public void Note(Error error)
    {
        if (error.Code is ErrorCode.Local_Authentication or ErrorCode.Local_Ssl)
        {
            _refused = Text(error);
        }
    }

    /// <summary>The brokers have answered.</summary>
    public void Answered() => _refused = null;

    /// <summary>Ends a wait that cannot come to an end.</summary>
    /// <exception cref="AccessRefusedException">The brokers refuse this client.</exception>
    public void ThrowIfRefused()
    {
        if (_refused is { } reason)
        {
            throw new AccessRefusedException(reason);
        }
    }

    /// <summary>An error in one line, the same each time it happens.</summary>
    public static string Text(Error error)
    {
        // how long an attempt took is of no use to the operator
        var after = error.Reason.IndexOf(" (after ", StringComparison.Ordinal);
        var reason = after < 0 ? error.Reason : error.Reason[..after];
        return $"{string.Join(' ', reason.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))} ({error.Code})";
    }
}

/// <summary>Lets one stage at a time ask for access, and after a refusal no stage within more than a second: accounts lock themselves, and logs fill.</summary>
public sealed class AccessGate(TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.2);

    private readonly Lock _turn = new();
    private long? _refusedAt;

    /// <summary>Does what asks the brokers, when its turn has come.</summary>
    /// <exception cref="AccessRefusedException">They refuse.</exception>
    internal T Ask<T>(Patience patience, Func<T> ask)
    {
        while (!_turn.TryEnter())
        {
            patience.Wait(TimeSpan.FromMilliseconds(50));
        }

        try
        {
            if (_refusedAt is { } at && clock.GetElapsedTime(at) is var since && since < Pause)
            {
                patience.Wait(Pause - since);
            }

            _refusedAt = null;
            return ask();
        }
        catch (AccessRefusedException)
        {
            _refusedAt = clock.GetTimestamp();
            throw;
        }
        finally
        {
            _turn.Exit();
        }
    }
}
