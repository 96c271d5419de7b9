using System.Text;

namespace Streaming.Monitoring;

/// <summary>Where a model's panes, signals and triggers lie: our own fixed hash, so that no client library's partitioner matters.</summary>
public static class ModelPartition
{
    /// <summary>FNV-1a over the model's UTF-8 bytes, folded to 32 bits and finished with a multiplicative mix.</summary>
    public static uint Hash(string model) => Hash(Encoding.UTF8.GetBytes(model));

    /// <summary>The same over the bytes themselves.</summary>
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var b in name)
        {
            hash = (hash ^ b) * 1_099_511_628_211UL;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51_afd7_ed55_8ccdUL;
        return (uint)(hash >> 32);
    }
}
