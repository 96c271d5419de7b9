namespace Streaming.Host;

/// <summary>All series of one name.</summary>
internal interface IMetricFamily
{
    /// <summary>Name without the endings of a histogram's lines.</summary>
    string Name { get; }

    /// <summary>What did not fit since the start.</summary>
    long Dropped { get; }

    /// <summary>A scrape begins: what is not measured until <see cref="Write"/> is gone.</summary>
    void Begin();

    /// <summary>Appends head and lines; nothing where there is no series.</summary>
    void Write(ref TextBuffer text);
}
