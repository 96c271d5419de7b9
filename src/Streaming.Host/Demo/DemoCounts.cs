using Streaming.Drift;
using Streaming.Kafka;
using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>How far both stages are, as their snapshots tell.</summary>
internal sealed class DemoCounts(Telemetry telemetry)
{
    private WorkerSnapshot Detect => telemetry.Latest(StageRole.Detect);

    private WorkerSnapshot Decide => telemetry.Latest(StageRole.Decide);

    /// <summary>Events that DETECT has taken.</summary>
    public long Events => Detect.Stage.Models.Sum(static model => model.Events);

    /// <summary>Of them, those that the model got wrong.</summary>
    public long Errors => Detect.Stage.Models.Sum(static model => model.Errors);

    /// <summary>Records that DETECT refused.</summary>
    public long DeadLetters => Detect.Stage.DeadLetters.Sum(static letter => letter.Count);

    /// <summary>Panes written that DECIDE has not taken yet.</summary>
    public long PanesAhead => Detect.Stage.PanesClosed.Sum(static panes => panes.Count) - Decide.Records;

    /// <summary>Signals and triggers that DECIDE has written.</summary>
    public long Decisions =>
        Decide.Stage.Signals.Sum(static signal => signal.Count) + Decide.Stage.Triggers.Sum(static trigger => trigger.Count);

    /// <summary>Where the error stream stands, as ADWIN over all partitions sees it.</summary>
    public DriftLevel ErrorLevel => Decide.Stage.Streams.FirstOrDefault(static stream => stream.Stream == "error").Level;
}
