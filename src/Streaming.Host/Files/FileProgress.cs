using Spectre.Console;

namespace Streaming.Host;

/// <summary>A bar on standard error while a large file is read; nothing where nobody would see it.</summary>
internal static class FileProgress
{
    private const long WorthABar = 4 << 20;
    private const int RowsPerStep = 1_024;

    /// <summary>Does the work; the work calls the action it is given once a row.</summary>
    /// <param name="file">What is read.</param>
    /// <param name="doing">What is done with it.</param>
    /// <param name="quiet">Whether lines come out meanwhile, which a bar would break.</param>
    /// <param name="work">The work.</param>
    /// <param name="isSlow">Whether even a small file takes long.</param>
    public static void While(InputFile file, string doing, bool quiet, Action<Action> work, bool isSlow = false)
    {
        if (Console.IsErrorRedirected || quiet || file.StoredBytes is not { } bytes || (bytes < WorthABar && !isSlow))
        {
            work(static () => { });
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Progress().AutoClear(true).Start(context =>
        {
            var task = context.AddTask(Markup.Escape(doing), maxValue: bytes);
            var rows = 0L;
            work(() =>
            {
                if (++rows % RowsPerStep == 0)
                {
                    task.Value = file.ReadBytes;
                }
            });
        });
    }
}
