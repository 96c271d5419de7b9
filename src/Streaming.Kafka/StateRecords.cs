using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A piece of state as it lies in the log.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Value">Its bytes, whole and decompressed; none where it is damaged.</param>
/// <param name="Parts">Records that hold it.</param>
/// <param name="Offset">Offset of the first of them.</param>
/// <param name="Bytes">Bytes of their values.</param>
/// <param name="Problem">What is wrong with it; null where nothing is.</param>
internal readonly record struct StatePiece(StateKey Key, byte[] Value, int Parts, long Offset, long Bytes, string? Problem)
{
    /// <summary>What makes it of no use, with its place and its name.</summary>
    public InvalidDataException Unreadable(string problem) => new($"offset {Offset} ({StateRecords.Name(Key)}): {problem}");
}

/// <summary>What a partition of a state topic holds: the newest record of each key, tombstones gone.</summary>
internal sealed class StateRecords
{
    private readonly SortedDictionary<StateKey, (byte[] Key, byte[] Value, long Offset)> _records = new(Comparer<StateKey>.Create(Compare));

    public long Bytes { get; private set; }

    public void Take(byte[] key, byte[]? value, long offset)
    {
        var decoded = StateKey.Decode(key);
        if (_records.Remove(decoded, out var old))
        {
            Bytes -= old.Value.Length;
        }

        if (value is not null)
        {
            _records[decoded] = (key, value, offset);
            Bytes += value.Length;
        }
    }

    /// <summary>Keys of the records that are alive, as bytes.</summary>
    public IEnumerable<(StateKey Key, byte[] Bytes)> Keys => _records.Select(static record => (record.Key, record.Value.Key));

    /// <summary>The values of one input partition: parts joined, checked, decompressed.</summary>
    /// <exception cref="InvalidDataException">A record is damaged; it names key and offset.</exception>
    public IEnumerable<StatePiece> Values(Func<StateKey, bool> wanted, StateEnvelope envelope)
    {
        foreach (var piece in Pieces(wanted, envelope))
        {
            yield return piece.Problem is null ? piece : throw piece.Unreadable(piece.Problem);
        }
    }

    /// <summary>The same, a damaged one with what is wrong with it.</summary>
    public IEnumerable<StatePiece> Pieces(Func<StateKey, bool> wanted, StateEnvelope envelope)
    {
        var parts = new List<(byte[] Key, byte[] Value)>();
        foreach (var group in _records.Where(record => wanted(record.Key)).GroupBy(static record => record.Key with { Part = 0 }))
        {
            parts.Clear();
            parts.AddRange(group.Select(static record => (record.Value.Key, record.Value.Value)));
            var piece = new StatePiece(group.Key, [], parts.Count, group.First().Value.Offset, parts.Sum(static part => (long)part.Value.Length), null);
            try
            {
                piece = piece with { Value = envelope.Unpack(parts) };
            }
            catch (InvalidDataException exception)
            {
                piece = piece with { Problem = exception.Message };
            }

            yield return piece;
        }
    }

    /// <summary>What a record is about, for people.</summary>
    public static string Name(StateKey key) => key.Model.Length > 0 ? $"{key.Kind} of model {key.Model} version {key.Version}" : key.Kind.ToString();

    private static int Compare(StateKey a, StateKey b)
    {
        var topic = a.TopicId.CompareTo(b.TopicId);
        var partition = topic != 0 ? topic : a.Partition.CompareTo(b.Partition);
        var kind = partition != 0 ? partition : a.Kind.CompareTo(b.Kind);
        var model = kind != 0 ? kind : string.CompareOrdinal(a.Model, b.Model);
        var version = model != 0 ? model : string.CompareOrdinal(a.Version, b.Version);
        return version != 0 ? version : a.Part.CompareTo(b.Part);
    }
}
