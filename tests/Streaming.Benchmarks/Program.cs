using Streaming.Benchmarks;

return args switch
{
    ["scenarios", .. var options] => ScenariosCommand.Run(options),
    ["labels", .. var options] => LabelsCommand.Run(options),
    ["pipeline", .. var options] => PipelineCommand.Run(options),
    ["stages", .. var options] => StagesCommand.Run(options),
    ["scrape", .. var options] => ScrapeCommand.Run(options),
    ["generate"] => GenerateCommand.Run(),
    ["detectors", .. var options] => DetectorsCommand.Run(options),
    ["peers", .. var options] => PeersCommand.Run(options),
    ["state", .. var options] => StateCommand.Run(options),
    _ => Usage.Print(),
};
