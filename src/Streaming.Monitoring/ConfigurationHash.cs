using System.Globalization;
using System.Security.Cryptography;

namespace Streaming.Monitoring;

/// <summary>A short name for the options that decide, so that an auditor can tell two configurations apart.</summary>
public static class ConfigurationHash
{
    /// <summary>16 hexadecimal digits, the same for options that decide alike.</summary>
    public static string Of(MonitoringOptions options) => CloudEvent.Identity(
        options.LearnFor.ToString("c", CultureInfo.InvariantCulture),
        options.Mode.ToString(),
        options.TriggerMaxAge?.ToString("c", CultureInfo.InvariantCulture) ?? "off",
        options.TriggerOnInputDrift.ToString(),
        options.ExpectLabels.ToString(),
        options.Cooldown.ToString("c", CultureInfo.InvariantCulture),
        options.Budget?.ToString() ?? "",
        options.Confirmations.ToString(),
        options.AdwinDelta.ToString("R", CultureInfo.InvariantCulture),
        options.ModelIdle.ToString("c", CultureInfo.InvariantCulture),
        options.MaxModels.ToString(CultureInfo.InvariantCulture),
        options.MaxFeatures.ToString(CultureInfo.InvariantCulture),
        options.MaxRecordBytes.ToString(CultureInfo.InvariantCulture),
        options.LabelHorizons.ToString(),
        options.MaxOpenPredictions.ToString(CultureInfo.InvariantCulture),
        options.Mapping.ToString() + options.Sensitive,
        options.Profile is { } profile ? Convert.ToHexString(SHA256.HashData(ProfileWriter.Write(profile))) : "")[..16];
}
