using Streaming.Monitoring;

namespace Streaming.Host;

/// <summary>Keys about labels topics.</summary>
internal static partial class Settings
{
    private static string Show(LabelHorizons horizons) =>
        string.Join(", ", horizons.Models.Select(static model => $"{model.Key}={Durations.Text(model.Value)}").Prepend(Durations.Text(horizons.Default)));

    private static DriftdOptions? SetHorizons(DriftdOptions options, string text)
    {
        var (general, models) = (new LabelHorizons().Default, new Dictionary<string, TimeSpan>(StringComparer.Ordinal));
        foreach (var part in Parts(text))
        {
            var at = part.LastIndexOf('=');
            if (Durations.Parse(part[(at + 1)..].Trim()) is not { } value || value < LabelHorizons.Least || value > LabelHorizons.Most || at == 0)
            {
                return null;
            }

            if (at < 0)
            {
                general = value;
            }
            else
            {
                models[part[..at].Trim()] = value;
            }
        }

        var horizons = new LabelHorizons { Default = general };
        horizons = models.Count == 0 ? horizons : horizons with { Models = models };
        return options with { Monitoring = options.Monitoring with { LabelHorizons = horizons } };
    }

    private static DriftdOptions? SetLabels(DriftdOptions options, string text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in Parts(text))
        {
            var names = part.Split('=', StringSplitOptions.TrimEntries);
            if (names.Length != 2 || !Array.TrueForAll(names, Topic().IsMatch) || labels.ContainsValue(names[1]) || !labels.TryAdd(names[0], names[1]))
            {
                return null;
            }
        }

        return options with { Kafka = options.Kafka with { Labels = labels } };
    }
}
