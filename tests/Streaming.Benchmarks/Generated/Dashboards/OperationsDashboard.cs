using static Streaming.Benchmarks.Expressions;

namespace Streaming.Benchmarks;

/// <summary>driftd itself: does it keep up, commit, restore, stay within its memory.</summary>
internal static class OperationsDashboard
{
    private const string ByStage = "{{stage}}";

    public static Dashboard Create() => new Dashboard("operations", "driftd / Operations", "Lag, commits, rebalances, restore, memory of driftd itself.")
        .Row("Keeping up", KeepingUp())
        .Row("Commits", Commits())
        .Row("Rebalance and restore", Restore())
        .Row("Memory and processor", Memory())
        .Row("What was not used", Unused());

    private static Panel[] KeepingUp() =>
    [
        Panel.Lines("Lag", "Records that wait in Kafka. Rising for long: start more instances (up to one a partition).", "short",
            new Query("max by (stage, topic, partition) (driftd_consumer_lag_records)", "{{stage}} {{topic}} {{partition}}")) with { Width = 8 },
        Panel.Lines("Event time behind now", "Old input (a backlog, a replay) or publishers whose clocks lag; not a fault of driftd unless the lag rises too.", "s",
            new Query("min by (stage) (driftd_event_time_delay_seconds)", ByStage)) with { Width = 8 },
        Panel.Lines("Records", "What each stage takes a second.", "eps", new Query(Rate("driftd_records_total", "stage"), ByStage)) with { Width = 8 },
        Panel.Lines("Waiting between fetch and processing", "At the limit (limits.queuedRecords) fetching pauses: processing is the bottleneck.", "short",
            new Query("max by (stage, instance) (driftd_queued_records)", "{{stage}} {{instance}}")) with { Width = 8 },
        Panel.Lines("Time of a batch", "A batch is a few hundred records of one partition.", "s",
            new Query(Quantile(0.5, "driftd_processing_seconds"), "{{stage}} median"), new Query(Quantile(0.99, "driftd_processing_seconds"), "{{stage}} 99 %")) with { Width = 8 },
        Panel.Lines("Ready", "1: member of its group, restored, commits. 0 for long: the log of that instance says what it waits for.", "short",
            new Query("min by (stage, instance) (driftd_ready)", "{{stage}} {{instance}}")) with { Width = 8 },
    ];

    private static Panel[] Commits() =>
    [
        Panel.Lines("Time of a commit", "Above a second the brokers are slow, or an in-sync replica is missing.", "s",
            new Query(Quantile(0.5, "driftd_commit_seconds"), "{{stage}} median"), new Query(Quantile(0.99, "driftd_commit_seconds"), "{{stage}} 99 %")) with { Width = 8 },
        Panel.Lines("Commits, aborts, replaced producers", "Aborts now and then are harmless (a rebalance); again and again they are not: look at the log and the brokers.", "ops",
            new Query(Rate("driftd_commits_total", "stage"), "{{stage}} commits"), new Query(Rate("driftd_aborts_total", "stage"), "{{stage}} aborts"),
            new Query(Rate("driftd_producer_recycles_total", "stage"), "{{stage}} replaced")) with { Width = 8 },
        Panel.Lines("Since the last commit", "Grows while a commit is retried: nothing is lost meanwhile, and nothing gets out.", "s",
            new Query("time() - max by (stage, instance) (driftd_last_commit_timestamp_seconds)", "{{stage}} {{instance}}"))
            with { Width = 8, Steps = [new(null, "green"), new(60, "red")] },
    ];

    private static Panel[] Restore() =>
    [
        Panel.Lines("Rebalances", "Each start and stop moves partitions. Without either: an instance that comes and goes.", "ops", new Query(Rate("driftd_rebalances_total", "stage"), ByStage)) with { Width = 8 },
        Panel.Lines("Partitions being restored", "State is being read, then records are fed again. Longer than a few minutes: look at the state topic's size and the brokers.", "short",
            new Query("sum by (stage) (driftd_restoring_partitions)", "{{stage}} reading state"), new Query("sum by (stage) (driftd_replaying_partitions)", "{{stage}} feeding again")) with { Width = 8 },
        Panel.Lines("Records left to feed again", "Falls to 0, then the partition is where it was.", "short",
            new Query("sum by (stage) (driftd_replay_left_records)", ByStage), new Query("sum by (stage) (driftd_restore_read_records)", "{{stage}} state read")) with { Width = 8 },
        Panel.Lines("State written", "Compressed. It grows with models and features, not with events.", "Bps", new Query(Rate("driftd_state_written_bytes_total", "stage"), ByStage)) with { Width = 8 },
        Panel.Number("Offsets that were gone", "Partitions that did not go on where they were left. More than 0: events were lost to retention; see onMissingOffsets.", "short",
            "sum(driftd_offsets_missing_total)") with { Width = 8, Height = 8, Steps = [new(null, "green"), new(1, "red")] },
        Panel.Number("Partitions restored", "Since the processes started.", "short", "sum(driftd_restores_total)") with { Width = 8, Height = 8 },
    ];

    private static Panel[] Memory() =>
    [
        Panel.Lines("Resident memory and its bound", "The bound follows from the configuration and the streams held. Give the container a little more than the bound.", "bytes",
            new Query("max by (instance) (process_resident_memory_bytes and on (instance, job) driftd_memory_bound_bytes)", "{{instance}}"),
            new Query("max by (instance) (driftd_memory_bound_bytes)", "bound {{instance}}")) with { Width = 8 },
        Panel.Lines("Managed heap and allocation", "Events allocate nothing; panes, state and metrics do.", "bytes",
            new Query("max by (instance) (dotnet_gc_heap_size_bytes)", "heap {{instance}}"), new Query(Rate("dotnet_gc_allocated_bytes_total", "instance"), "allocated a second {{instance}}")) with { Width = 8 },
        Panel.Lines("Time stopped by collections", "Share of time. Above a few percent: more memory, or fewer models an instance.", "percentunit",
            new Query(Rate("dotnet_gc_pause_seconds_total", "instance"), "{{instance}}")) with { Width = 8 },
        Panel.Lines("Processor", "Cores in use. One thread a stage: above 1 only while the client decompresses or the collector runs.", "short",
            new Query(Rate("process_cpu_seconds_total", "instance"), "{{instance}}")) with { Width = 8 },
        Panel.Lines("Collections", "By the oldest generation they reached.", "ops", new Query(Rate("dotnet_gc_collections_total", "generation"), "{{generation}}")) with { Width = 8 },
        Panel.Table("Versions", "What runs where.", "max by (instance, version) (driftd_build_info)", "1000 * max by (instance) (process_start_time_seconds and on (instance, job) driftd_build_info)") with
        {
            Width = 8,
            Height = 8,
            Transformations = Columns(("instance", "instance"), ("version", "version"), ("Value #A", ""), ("Value #B", "started")),
            Looks = [new("started", ("unit", "dateTimeFromNow"))],
        },
    ];

    private static Panel[] Unused() =>
    [
        Panel.Lines("Dead letters", "Records that could not be used, by reason. The record lies in drift.dead-letters with the reason and the field in its headers.", "ops",
            new Query(Rate("driftd_dead_letters_total", "topic, reason"), "{{topic}} {{reason}}")) with { Width = 8 },
        Panel.Lines("Things counted that stopped nothing", "README, Metrics says what each is. over_model_limit: raise limits.models.", "ops",
            new Query(Rate("driftd_occurrences_total", "what"), "{{what}}"), new Query("sum(rate(driftd_clamped_times_total[$__rate_interval]))", "clamped times")) with { Width = 8 },
        Panel.Lines("Series left out", "Streams beyond limits.modelSeries, and series of a full family. They are watched all the same.", "short",
            new Query("sum by (model) (driftd_streams_left_out) > 0", "{{model}}"), new Query("sum(increase(driftd_series_dropped_total[$__rate_interval]))", "full families")) with { Width = 8 },
        Panel.Lines("Panes", "What closed them. Only 'idle': the input comes in drops.", "ops", new Query(Rate("driftd_panes_total", "end"), "{{end}}")) with { Width = 8 },
    ];
}
