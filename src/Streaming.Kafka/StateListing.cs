using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A piece of saved state.</summary>
/// <param name="StateTopic">Topic that holds it.</param>
/// <param name="Partition">Partition of both the state topic and the input topic.</param>
/// <param name="Offset">Offset of its first record.</param>
/// <param name="Key">What it is about.</param>
/// <param name="Topic">Name of the input topic; null where nothing tells it.</param>
/// <param name="IsFormer">The input topic was deleted; one of the same name may be there.</param>
/// <param name="Bytes">Bytes in the log, compressed.</param>
/// <param name="Value">The state itself.</param>
/// <param name="Summary">What a monitor's state begins with; null for other kinds.</param>
/// <param name="Committed">Of a position: offset after the last record whose outputs are committed.</param>
/// <param name="ReplayFrom">Of a position: first record that a restart feeds again.</param>
public sealed record StateEntry(
    string StateTopic, int Partition, long Offset, StateKey Key, string? Topic, bool IsFormer, long Bytes, byte[] Value, StateSummary? Summary, long? Committed,
    long? ReplayFrom);

/// <summary>A record of state that cannot be read.</summary>
/// <param name="StateTopic">Topic that holds it.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="About">What its key says it is about.</param>
/// <param name="Problem">What was expected and what was found.</param>
public sealed record DamagedState(string StateTopic, int Partition, long Offset, string About, string Problem);

/// <summary>All that is saved, both stages, and what of it cannot be read.</summary>
/// <param name="Entries">In the order of topic, partition, kind, model, version.</param>
/// <param name="Damaged">Records that a start would refuse.</param>
public sealed record StateListing(IReadOnlyList<StateEntry> Entries, IReadOnlyList<DamagedState> Damaged);
