using System.ComponentModel.DataAnnotations;

namespace Streaming.Host;

/// <summary>The numbers of one column. Cells without a finite number are reported and passed over.</summary>
internal sealed class NumberColumn
{
    private const int ShownColumns = 30;

    private readonly IRows _rows;
    private readonly string _file;
    private readonly string _column;
    private readonly BadRows _bad;
    private int _index;

    /// <summary>Finds the column.</summary>
    /// <exception cref="ValidationException">There is none of this name; the message names those that are there.</exception>
    public NumberColumn(InputFile file, IRows rows, string column, BadRows bad)
    {
        (_rows, _file, _column, _bad) = (rows, file.Name, column, bad);
        _index = rows.IndexOf(column);
        if (_index < 0 && rows.ColumnsAreKnown)
        {
            throw Absent("--column", column, _file, rows.Columns);
        }
    }

    /// <summary>Where the value that was read stands.</summary>
    public Place Place => _rows.Place;

    /// <summary>What to say where a column does not exist.</summary>
    public static ValidationException Absent(string option, string column, string file, IReadOnlyList<string> columns)
    {
        var found = string.Join(", ", columns.Take(ShownColumns)) + (columns.Count > ShownColumns ? ", …" : "");
        return new ValidationException($"{option} {column}: {file} has no such column; it has {found}");
    }

    /// <summary>What to say of a cell that is no finite number.</summary>
    public static string Problem(Cell cell) => cell.Kind switch
    {
        CellKind.Missing => "is missing",
        CellKind.Number => $"{BadRows.Shown(cell.Text)} is not finite",
        _ => $"{BadRows.Shown(cell.Text)} is no number",
    };

    /// <summary>Reads the next number; false at the end.</summary>
    public bool Read(out double value)
    {
        while (_rows.Read())
        {
            _index = _index < 0 ? _rows.IndexOf(_column) : _index;
            var cell = _index < 0 ? new Cell(CellKind.Missing, "") : _rows[_index];
            value = cell.Number;
            if (double.IsFinite(value))
            {
                return true;
            }

            _bad.Report(_rows.Place, _column, Problem(cell));
        }

        value = double.NaN;
        return _index >= 0 || _rows.Columns.Count == 0 ? false : throw Absent("--column", _column, _file, _rows.Columns);
    }
}
