using Confluent.Kafka;

namespace Streaming.Kafka;

/// <summary>What a Kafka error calls for.</summary>
public enum Fault : byte
{
    /// <summary>Wait and try the same again.</summary>
    Retry,

    /// <summary>Roll the transaction back; memory and outputs are kept and sent again.</summary>
    Abort,

    /// <summary>The producer is of no more use; whether it committed must be looked up.</summary>
    Recycle,

    /// <summary>End the process: nothing here can mend it.</summary>
    Fatal,
}

/// <summary>Which Kafka error retries, which aborts, which ends the process.</summary>
public static class Faults
{
    /// <summary>What an exception of the client calls for.</summary>
    public static Fault Classify(KafkaException exception) => exception switch
    {
        _ when EndsProcess(exception.Error.Code) => Fault.Fatal,
        KafkaTxnRequiresAbortException => Fault.Abort,
        KafkaRetriableException => Fault.Recycle,
        _ when exception.Error.IsFatal => Fault.Recycle,
        _ => Fault.Recycle,
    };

    /// <summary>Whether an error says that a newer producer, or the broker itself after a time-out, has taken over the transactional id.</summary>
    public static bool IsFenced(ErrorCode code) => code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    /// <summary>Whether an error says that a right is missing; it may be granted while the process waits.</summary>
    public static bool IsDenied(ErrorCode code) => code is
        ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
        or ErrorCode.ClusterAuthorizationFailed;

    /// <summary>Errors that no waiting mends without someone changing the configuration, or that say another member has taken over.</summary>
    public static bool EndsProcess(ErrorCode code) => code is
        ErrorCode.InvalidTransactionTimeout or ErrorCode.UnsupportedVersion
        or ErrorCode.Local_InvalidArg or ErrorCode.Local_UnsupportedFeature or ErrorCode.FencedInstanceId;
}

/// <summary>The worker cannot go on; the message is for the operator.</summary>
public sealed class WorkerFailedException : Exception
{
    /// <summary>With a reason for the operator.</summary>
    public WorkerFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and what lies behind it.</summary>
    public WorkerFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Without a reason.</summary>
    public WorkerFailedException()
    {
    }
}

/// <summary>Partitions were lost, or may have been: what was not committed is no longer ours.</summary>
internal sealed class OwnershipLostException(string message) : Exception(message);
