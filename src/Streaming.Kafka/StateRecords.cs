using Streaming.Monitoring;

namespace Streaming.Kafka;

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

    /// <summary>The values of one input partition: parts joined, checked, decompressed.</summary>
    /// <exception cref="InvalidDataException">A record is damaged; it names key and offset.</exception>
    public IEnumerable<(StateKey Key, byte[] Value, int Parts)> Values(Func<StateKey, bool> wanted, StateEnvelope envelope)
    {
        var parts = new List<(byte[] Key, byte[] Value)>();
        foreach (var group in _records.Where(record => wanted(record.Key)).GroupBy(static record => record.Key with { Part = 0 }))
        {
            parts.Clear();
            parts.AddRange(group.Select(static record => (record.Value.Key, record.Value.Value)));
            byte[] value;
            try
            {
                value = envelope.Unpack(parts);
            }
            catch (InvalidDataException exception)
            {
                throw new InvalidDataException($"offset {group.First().Value.Offset} ({Name(group.Key)}): {exception.Message}", exception);
            }

            yield return (group.Key, value, parts.Count);
        }
    }

    private static string Name(StateKey key) => key.Model.Length > 0 ? $"{key.Kind} of model {key.Model} version {key.Version}" : key.Kind.ToString();

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
