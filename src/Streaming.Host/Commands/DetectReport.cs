using System.Globalization;
using Spectre.Console;
using Streaming.Drift;

namespace Streaming.Host;

/// <summary>What <c>driftd detect</c> found: JSON lines as they come, or a table at the end.</summary>
internal sealed class DetectReport(TextWriter output, OutputForm form, bool warnings)
{
    private readonly Table _table = ResultText.Table("detector", "index ", "level", "before ", "after ", "changed at ");

    /// <summary>Drifts so far.</summary>
    public long Drifts { get; private set; }

    /// <summary>Takes an entry into Warning or Drift.</summary>
    public void Add(string detector, long index, DriftLevel level, Evidence evidence, long? changedAt)
    {
        if (level != DriftLevel.Drift && !warnings)
        {
            return;
        }

        Drifts += level == DriftLevel.Drift ? 1 : 0;
        if (form == OutputForm.Table)
        {
            ResultText.Add(
                _table, detector, index.ToString(CultureInfo.InvariantCulture), Name(level), Short(evidence.Before), Short(evidence.After),
                changedAt?.ToString(CultureInfo.InvariantCulture) ?? "–");
            return;
        }

        ResultText.WriteLine(output, json =>
        {
            json.WriteString("detector", detector);
            json.WriteNumber("index", index);
            json.WriteString("level", Name(level));
            ResultText.Number(json, "before", evidence.Before);
            ResultText.Number(json, "after", evidence.After);
            ResultText.Number(json, "changedAt", changedAt);
        });
    }

    /// <summary>The file has ended.</summary>
    public void Complete()
    {
        if (form == OutputForm.Table)
        {
            ResultText.Write(output, _table);
        }
    }

    private static string Name(DriftLevel level) => level == DriftLevel.Drift ? "drift" : "warning";

    private static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
