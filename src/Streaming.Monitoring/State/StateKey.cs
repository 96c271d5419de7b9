using System.Buffers;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>What a record of state is about.</summary>
public enum StateKind : byte
{
    /// <summary>Memory of a model version on a partition (DETECT), or of a model (DECIDE).</summary>
    Monitor = 1,

    /// <summary>End of the last pane of a model version that was written.</summary>
    Cursor = 2,

    /// <summary>How far a partition had come, and from where it is to be replayed.</summary>
    Position = 3,

    /// <summary>Predictions and labels that were taken into the join, in order (DETECT).</summary>
    Join = 4,

    /// <summary>In which order the records of a predictions and a labels topic were taken (DETECT).</summary>
    Order = 5,
}

/// <summary>Key of a record of state.</summary>
/// <param name="TopicId">Incarnation of the input topic; empty where unknown.</param>
/// <param name="Partition">Partition of the input topic.</param>
/// <param name="Kind">What the record is about.</param>
/// <param name="Model">Model name; empty for a position.</param>
/// <param name="Version">Model version; empty in DECIDE, where a model's versions are one. Of a join or an order: the offsets at which it begins.</param>
/// <param name="Part">Number of the part, where a value was split; from 0.</param>
public readonly record struct StateKey(Guid TopicId, int Partition, StateKind Kind, string Model, string Version, int Part)
{
    private const byte Layout = 1;

    /// <summary>The key as bytes: the same key gives the same bytes, for ever.</summary>
    public byte[] Encode()
    {
        var bytes = new ArrayBufferWriter<byte>(64);
        var writer = new StateWriter(bytes);
        writer.Version(Layout);
        writer.Write(TopicId);
        writer.Write(Partition);
        writer.Write((byte)Kind);
        writer.Write(Model);
        writer.Write(Version);
        writer.Write(Part);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The key that the bytes hold.</summary>
    /// <exception cref="InvalidDataException">They are no key of this version; the message says what was expected and what found.</exception>
    public static StateKey Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes);
        reader.RequireVersion(Layout);
        var (topicId, partition, kind) = (reader.Guid(), reader.Int32(), reader.Byte((byte)StateKind.Order));
        var key = new StateKey(topicId, partition, (StateKind)kind, reader.Text(), reader.Text(), reader.Int32());
        reader.RequireEnd();
        return kind == 0 || partition < 0 || key.Part < 0
            ? throw new InvalidDataException($"state key: expected a kind from 1 and numbers from 0, found kind {kind}, partition {partition}, part {key.Part}")
            : key;
    }

    /// <summary>Throws where the key is not of this partition, or of a kind that stages keep.</summary>
    internal void Require(Guid topicId, int partition)
    {
        if (TopicId != topicId || Partition != partition)
        {
            throw new InvalidDataException($"state key: expected topic {topicId}, partition {partition}, found topic {TopicId}, partition {Partition}");
        }

        if (Kind is not (StateKind.Monitor or StateKind.Cursor or StateKind.Join) || Part != 0)
        {
            throw new InvalidDataException($"state key: expected a whole monitor, cursor or join, found {Kind}, part {Part}");
        }
    }
}
