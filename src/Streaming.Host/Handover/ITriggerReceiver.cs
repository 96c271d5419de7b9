namespace Streaming.Host;

/// <summary>What takes triggers: a command or a web address.</summary>
internal interface ITriggerReceiver
{
    /// <summary>Hands over one trigger. Blocks; several may be under way at once.</summary>
    /// <returns>Null where the receiver has it for good, else why not: it will be tried again.</returns>
    /// <exception cref="OperationCanceledException">The stop was asked for: whether the receiver has it is not known.</exception>
    Refusal? Deliver(Trigger trigger, CancellationToken stop);
}

/// <summary>Why a trigger was not taken.</summary>
/// <param name="Reason">For the operator, one line.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone; null where it does not say.</param>
internal sealed record Refusal(string Reason, TimeSpan? RetryAfter = null);
