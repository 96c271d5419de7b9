using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>One stream of a model version on a partition: takes a column a block, gives a part of a pane.</summary>
internal interface IPaneStream
{
    /// <summary>Takes the first <paramref name="rows"/> rows of the block's column; <paramref name="elapsed"/> is the event time since learning began, ms.</summary>
    void Reduce(int rows, long elapsed);

    /// <summary>Makes room for blocks of <paramref name="rows"/> rows.</summary>
    void Resize(int rows);

    /// <summary>Marks a row as without a value.</summary>
    void SetMissing(int row);

    /// <summary>What the pane holds of this stream; begins the next pane.</summary>
    StreamPane Take();

    /// <summary>Writes all that later panes depend on, the first <paramref name="rows"/> rows of the open block as they are.</summary>
    void Save(ref StateWriter writer, int rows);

    /// <summary>Reads what <see cref="Save"/> wrote into a new stream that has room for these rows.</summary>
    void Load(ref StateReader reader, int rows);
}
