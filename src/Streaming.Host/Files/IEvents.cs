namespace Streaming.Host;

/// <summary>Prediction events of a file, one after the other, as the bytes that Kafka would hold.</summary>
internal interface IEvents : IDisposable
{
    /// <summary>Where the event that was read stands.</summary>
    Place Place { get; }

    /// <summary>Its JSON; the memory is reused.</summary>
    ReadOnlySpan<byte> Json { get; }

    /// <summary>Its id, key of its record; null where it has none.</summary>
    byte[]? Id { get; }

    /// <summary>Its time, milliseconds since 1970; null where it has none.</summary>
    long? Time { get; }

    /// <summary>The partition that it names; null where it names none.</summary>
    int? Partition { get; }

    /// <summary>Reads the next event; false at the end.</summary>
    bool Read();
}
