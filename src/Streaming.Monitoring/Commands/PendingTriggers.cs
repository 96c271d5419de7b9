using System.Text;
using Streaming.Drift;

namespace Streaming.Monitoring;

/// <summary>Triggers that wait for an approval, oldest out first.</summary>
internal sealed class PendingTriggers
{
    // a person approves the newest; what is older than this many was overtaken long ago
    private const int Most = 16;

    private readonly Queue<(string Id, byte[] Value)> _waiting = new();

    public void Add(string id, byte[] value)
    {
        _waiting.Enqueue((id, value));
        if (_waiting.Count > Most)
        {
            _waiting.Dequeue();
        }
    }

    /// <summary>Takes the trigger with this identity out; null where it does not wait, or not any more.</summary>
    public byte[]? Take(string id)
    {
        byte[]? found = null;
        for (var left = _waiting.Count; left > 0; left--)
        {
            var trigger = _waiting.Dequeue();
            if (trigger.Id == id)
            {
                found = trigger.Value;
            }
            else
            {
                _waiting.Enqueue(trigger);
            }
        }

        return found;
    }

    public void Save(ref StateWriter writer)
    {
        writer.Version(1);
        writer.Count(_waiting.Count);
        foreach (var (id, value) in _waiting)
        {
            writer.Write(id);
            writer.Write(Encoding.UTF8.GetString(value));
        }
    }

    public void Load(ref StateReader reader)
    {
        reader.RequireVersion(1);
        for (var left = reader.Length(2); left > 0; left--)
        {
            _waiting.Enqueue((reader.Text(), Encoding.UTF8.GetBytes(reader.Text())));
        }
    }
}
