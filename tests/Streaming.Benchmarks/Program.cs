using Streaming.Benchmarks;

return args switch
{
    ["scenarios", .. var options] => ScenariosCommand.Run(options),
    _ => Usage.Print(),
};
