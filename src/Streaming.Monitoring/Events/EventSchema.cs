using System.ComponentModel.DataAnnotations;
using System.Text;

namespace Streaming.Monitoring;

/// <summary>The fields that an event can carry.</summary>
internal enum EventField : byte
{
    None,
    Id,
    Model,
    Version,
    Time,
    Features,
    Prediction,
    Label,
    Latency,
    Failure,
}

/// <summary>A mapping, compiled: a tree of property names with fields at its leaves.</summary>
internal sealed class EventSchema
{
    /// <summary>Compiles the pointers of a mapping.</summary>
    /// <exception cref="ValidationException">A pointer is malformed, or two overlap.</exception>
    public EventSchema(EventMapping mapping)
    {
        Add(mapping.Id, EventField.Id, "id");
        Add(mapping.Model, EventField.Model, "model");
        Add(mapping.Version, EventField.Version, "version");
        Add(mapping.Time, EventField.Time, "time");
        Add(mapping.Features, EventField.Features, "features");
        Add(mapping.Prediction, EventField.Prediction, "prediction");
        Add(mapping.Label, EventField.Label, "label");
        Add(mapping.Latency, EventField.Latency, "latencyMs");
        Add(mapping.Failure, EventField.Failure, "failure");
    }

    public Node Root { get; } = new();

    /// <summary>Name of a field in dead letters.</summary>
    public static string NameOf(EventField field) => field switch
    {
        EventField.Id => "id",
        EventField.Model => "model",
        EventField.Version => "version",
        EventField.Time => "time",
        EventField.Features => "features",
        EventField.Prediction => "prediction",
        EventField.Label => "label",
        EventField.Latency => "latencyMs",
        EventField.Failure => "failure",
        _ => "",
    };

    private void Add(string pointer, EventField field, string key)
    {
        if (pointer.Length < 2 || pointer[0] != '/')
        {
            throw new ValidationException($"mapping.{key} = '{pointer}': must be a JSON Pointer that begins with '/', for example /{key}");
        }

        var node = Root;
        foreach (var part in pointer[1..].Split('/'))
        {
            var name = Encoding.UTF8.GetBytes(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            if (node.Field != EventField.None)
            {
                throw new ValidationException($"mapping.{key} = '{pointer}': lies inside mapping.{NameOf(node.Field)}");
            }

            node = node.Child(name) ?? node.Add(name);
        }

        if (node.Field != EventField.None || node.HasChildren)
        {
            throw new ValidationException($"mapping.{key} = '{pointer}': overlaps another mapping");
        }

        node.Field = field;
    }

    /// <summary>One property name on the way to a field.</summary>
    public sealed class Node
    {
        private readonly List<(byte[] Name, Node Node)> _children = [];

        public EventField Field { get; set; }

        public bool HasChildren => _children.Count > 0;

        public Node? Child(ReadOnlySpan<byte> name)
        {
            foreach (var (childName, child) in _children)
            {
                if (name.SequenceEqual(childName))
                {
                    return child;
                }
            }

            return null;
        }

        public Node Add(byte[] name)
        {
            var child = new Node();
            _children.Add((name, child));
            return child;
        }
    }
}
