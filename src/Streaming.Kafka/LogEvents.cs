using Microsoft.Extensions.Logging;

namespace Streaming.Kafka;

/// <summary>Ids of log lines, so that alerts and searches need not go by words. A number keeps its meaning for ever; one that is given up is not given again.</summary>
public static class LogEvents
{
    /// <summary>The process starts, with what it attaches to.</summary>
    public static readonly EventId Starts = new(100, nameof(Starts));

    /// <summary>What it may take of memory.</summary>
    public static readonly EventId Memory = new(101, nameof(Memory));

    /// <summary>Brokers are reached without encryption.</summary>
    public static readonly EventId NotEncrypted = new(102, nameof(NotEncrypted));

    /// <summary>The stop was asked for.</summary>
    public static readonly EventId Stopping = new(103, nameof(Stopping));

    /// <summary>A fault of driftd itself.</summary>
    public static readonly EventId OwnFault = new(104, nameof(OwnFault));

    /// <summary>State of assigned partitions was read back.</summary>
    public static readonly EventId Restored = new(200, nameof(Restored));

    /// <summary>A partition is where it was before the restart.</summary>
    public static readonly EventId Replayed = new(201, nameof(Replayed));

    /// <summary>A stage has stopped.</summary>
    public static readonly EventId Stopped = new(202, nameof(Stopped));

    /// <summary>Partitions went to another member, all committed.</summary>
    public static readonly EventId Revoked = new(203, nameof(Revoked));

    /// <summary>Partitions were lost; what was not committed is fed again.</summary>
    public static readonly EventId PartitionsLost = new(204, nameof(PartitionsLost));

    /// <summary>State is being read.</summary>
    public static readonly EventId ReadingState = new(205, nameof(ReadingState));

    /// <summary>One lost broker may take acknowledged records with it.</summary>
    public static readonly EventId NotDurable = new(206, nameof(NotDurable));

    /// <summary>Whether it may was not to be learnt.</summary>
    public static readonly EventId DurabilityNotKnown = new(207, nameof(DurabilityNotKnown));

    /// <summary>There is an offset, but no state.</summary>
    public static readonly EventId NoSavedState = new(210, nameof(NoSavedState));

    /// <summary>Someone moved the group's offset.</summary>
    public static readonly EventId OffsetMoved = new(211, nameof(OffsetMoved));

    /// <summary>The topic has grown a partition.</summary>
    public static readonly EventId PartitionAdded = new(212, nameof(PartitionAdded));

    /// <summary>An offset is no longer in the log.</summary>
    public static readonly EventId OffsetMissing = new(213, nameof(OffsetMissing));

    /// <summary>Something fails and is tried again.</summary>
    public static readonly EventId Failing = new(220, nameof(Failing));

    /// <summary>It works again.</summary>
    public static readonly EventId WorksAgain = new(221, nameof(WorksAgain));

    /// <summary>It still fails, for another reason.</summary>
    public static readonly EventId StillFailing = new(227, nameof(StillFailing));

    /// <summary>A producer was replaced after a slow commit.</summary>
    public static readonly EventId ProducerReplaced = new(222, nameof(ProducerReplaced));

    /// <summary>A transaction could not be aborted.</summary>
    public static readonly EventId AbortFailed = new(223, nameof(AbortFailed));

    /// <summary>What a producer says of itself.</summary>
    public static readonly EventId ProducerSays = new(224, nameof(ProducerSays));

    /// <summary>A group could not be left in order.</summary>
    public static readonly EventId NotClosed = new(225, nameof(NotClosed));

    /// <summary>Records became dead letters.</summary>
    public static readonly EventId DeadLetters = new(228, nameof(DeadLetters));

    /// <summary>A trigger was published.</summary>
    public static readonly EventId Triggered = new(229, nameof(Triggered));

    /// <summary>A group has no offsets.</summary>
    public static readonly EventId NoOffsets = new(226, nameof(NoOffsets));

    /// <summary>The first records of a topic are all dead letters.</summary>
    public static readonly EventId NothingUsable = new(230, nameof(NothingUsable));

    /// <summary>Keys of predictions and labels lie by different rules.</summary>
    public static readonly EventId KeysDiffer = new(231, nameof(KeysDiffer));

    /// <summary>Many labels find no prediction.</summary>
    public static readonly EventId LabelsUnmatched = new(232, nameof(LabelsUnmatched));

    /// <summary>Triggers are being handed over.</summary>
    public static readonly EventId Watching = new(300, nameof(Watching));

    /// <summary>Triggers were deleted before they were handed over.</summary>
    public static readonly EventId TriggersMissed = new(301, nameof(TriggersMissed));

    /// <summary>A record of the trigger topic is no trigger.</summary>
    public static readonly EventId NoTrigger = new(302, nameof(NoTrigger));

    /// <summary>A receiver has taken a trigger.</summary>
    public static readonly EventId HandedOver = new(303, nameof(HandedOver));

    /// <summary>A receiver has not taken a trigger.</summary>
    public static readonly EventId NotTaken = new(304, nameof(NotTaken));

    /// <summary>The stop came while a trigger was handed over.</summary>
    public static readonly EventId HandoverStopped = new(305, nameof(HandoverStopped));

    /// <summary>A new certificate is served.</summary>
    public static readonly EventId CertificateNew = new(400, nameof(CertificateNew));

    /// <summary>A new certificate cannot be used.</summary>
    public static readonly EventId CertificateKept = new(401, nameof(CertificateKept));

    /// <summary>A reader did not take its answer in time.</summary>
    public static readonly EventId AnswerNotTaken = new(402, nameof(AnswerNotTaken));

    /// <summary>A request failed.</summary>
    public static readonly EventId RequestFailed = new(403, nameof(RequestFailed));

    /// <summary>A reader had no token that may read.</summary>
    public static readonly EventId ReadRefused = new(404, nameof(ReadRefused));
}
