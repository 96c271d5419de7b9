using System.ComponentModel.DataAnnotations;

namespace Streaming.Host;

/// <summary>The numbers of some columns, row by row. Rows without a finite number in each are reported and passed over.</summary>
internal sealed class NumberRows
{
    private readonly IRows _rows;
    private readonly string _file;
    private readonly IReadOnlyList<string> _columns;
    private readonly BadRows _bad;
    private readonly int[] _indices;

    /// <summary>Finds the columns.</summary>
    /// <exception cref="ValidationException">One is not there; the message names those that are.</exception>
    public NumberRows(InputFile file, IRows rows, IReadOnlyList<string> columns, BadRows bad)
    {
        (_rows, _file, _columns, _bad) = (rows, file.Name, columns, bad);
        _indices = [.. columns.Select(rows.IndexOf)];
        if (rows.ColumnsAreKnown)
        {
            RequireAll();
        }
    }

    /// <summary>Adds the numbers of the next row; false at the end.</summary>
    public bool Read(List<double> values)
    {
        while (_rows.Read())
        {
            if (Add(values))
            {
                return true;
            }
        }

        if (_rows.Columns.Count > 0)
        {
            RequireAll();
        }

        return false;
    }

    private bool Add(List<double> values)
    {
        var before = values.Count;
        for (var i = 0; i < _columns.Count; i++)
        {
            _indices[i] = _indices[i] < 0 ? _rows.IndexOf(_columns[i]) : _indices[i];
            var cell = _indices[i] < 0 ? new Cell(CellKind.Missing, "") : _rows[_indices[i]];
            if (!double.IsFinite(cell.Number))
            {
                _bad.Report(_rows.Place, _columns[i], NumberColumn.Problem(cell));
                values.RemoveRange(before, values.Count - before);
                return false;
            }

            values.Add(cell.Number);
        }

        return true;
    }

    private void RequireAll()
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            if (_indices[i] < 0)
            {
                throw NumberColumn.Absent("--column", _columns[i], _file, _rows.Columns);
            }
        }
    }
}
