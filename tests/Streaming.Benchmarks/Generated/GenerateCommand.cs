namespace Streaming.Benchmarks;

/// <summary><c>generate</c>: writes the files that are made from the code.</summary>
internal static class GenerateCommand
{
    public static int Run()
    {
        var readme = Path.Combine(Results.Root(), "README.md");
        File.WriteAllText(readme, MetricTable.Put(File.ReadAllText(readme)));
        foreach (var dashboard in AllDashboards.All)
        {
            var file = Path.Combine(Results.Root(), AllDashboards.Folder, dashboard.Name + ".json");
            File.WriteAllText(file, dashboard.Text());
            Console.WriteLine(file);
        }

        return 0;
    }
}
