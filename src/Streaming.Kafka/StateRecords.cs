using Streaming.Monitoring;

namespace Streaming.Kafka;

/// <summary>A piece of saved state.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Value">Its bytes.</param>
/// <param name="Parts">Records that it took.</param>
/// <param name="Offset">Offset of the first of them.</param>
internal sealed record StateValue(StateKey Key, byte[] Value, int Parts, long Offset)
{
    /// <summary>What is wrong with it, with its place and its name.</summary>
    public InvalidDataException Unreadable(InvalidDataException exception) => new($"offset {Offset} ({Name}): {exception.Message}", exception);

    private string Name => Key.Model.Length > 0 ? $"{Key.Kind} of model {Key.Model} version {Key.Version}" : Key.Kind.ToString();
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

    /// <summary>The values of one input partition: parts joined, checked, decompressed.</summary>
    /// <exception cref="InvalidDataException">A record is damaged; it names key and offset.</exception>
    public IEnumerable<StateValue> Values(Func<StateKey, bool> wanted, StateEnvelope envelope)
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
                throw new StateValue(group.Key, [], 0, group.First().Value.Offset).Unreadable(exception);
            }

            yield return new StateValue(group.Key, value, parts.Count, group.First().Value.Offset);
        }
    }

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
