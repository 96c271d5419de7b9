using Streaming.Benchmarks;

return args switch
{
    ["scenarios", .. var options] => ScenariosCommand.Run(options),
    ["pipeline", .. var options] => PipelineCommand.Run(options),
    ["state", .. var options] => StateCommand.Run(options),
    _ => Usage.Print(),
};
