using System.Globalization;

namespace Streaming.Host;

/// <summary>What a cell holds.</summary>
internal enum CellKind : byte
{
    /// <summary>Nothing: empty in CSV, null or absent in JSON.</summary>
    Missing,

    /// <summary>A number; it may be infinite or NaN.</summary>
    Number,

    /// <summary>Text that is no number.</summary>
    Text,

    /// <summary>true or false in JSON.</summary>
    Truth,

    /// <summary>An object or array in JSON.</summary>
    Nested,
}

/// <summary>One cell of a row.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Text">As it stands in the file.</param>
/// <param name="Number">Its value where it is a number; 1 or 0 where it is true or false.</param>
internal readonly record struct Cell(CellKind Kind, string Text, double Number = double.NaN)
{
    /// <summary>A cell of CSV.</summary>
    public static Cell OfText(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? new Cell(CellKind.Number, text, number)
        : string.IsNullOrWhiteSpace(text) ? new Cell(CellKind.Missing, "")
        : new Cell(CellKind.Text, text);
}

/// <summary>Rows of a file, read one after the other in memory that does not grow with the file.</summary>
internal interface IRows
{
    /// <summary>The columns known so far, in the order of the file.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Whether all columns are known before the first row.</summary>
    bool ColumnsAreKnown { get; }

    /// <summary>Where the row that was read stands.</summary>
    Place Place { get; }

    /// <summary>A cell of the row that was read.</summary>
    Cell this[int column] { get; }

    /// <summary>Reads the next row that can be read; the ones that cannot are reported. False at the end.</summary>
    bool Read();

    /// <summary>Number of a column; −1 where it is not known (yet).</summary>
    int IndexOf(string column);
}

/// <summary>Where a row stands.</summary>
/// <param name="Row">Rows before it; the header is none.</param>
/// <param name="Line">Its line in the file, from 1.</param>
internal readonly record struct Place(long Row, long Line);
