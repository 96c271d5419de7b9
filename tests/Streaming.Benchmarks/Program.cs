using Streaming.Benchmarks;

return args switch
{
    ["scenarios", .. var options] => ScenariosCommand.Run(options),
    ["pipeline", .. var options] => PipelineCommand.Run(options),
    ["detectors", .. var options] => DetectorsCommand.Run(options),
    _ => Usage.Print(),
};
