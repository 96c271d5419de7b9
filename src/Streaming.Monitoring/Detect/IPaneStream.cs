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
}
