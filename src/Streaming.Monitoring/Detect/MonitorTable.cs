using System.Text;

namespace Streaming.Monitoring;

/// <summary>The monitors of a partition by model and version. Looking one up allocates nothing.</summary>
internal sealed class MonitorTable
{
    // no byte of any UTF-8 text, so no model and version can be taken for another pair
    private const byte Separator = 0xff;

    private readonly List<PartitionMonitor> _monitors = [];
    private Utf8Table _keys = new();
    private byte[] _key = new byte[256];

    // neighbours are usually of one model: the one that was found last is tried first
    private int _last;

    public IReadOnlyList<PartitionMonitor> Monitors => _monitors;

    public PartitionMonitor? Find(ReadOnlySpan<byte> model, ReadOnlySpan<byte> version)
    {
        if (_last < _monitors.Count && IsKey(_keys[_last], model, version))
        {
            return _monitors[_last];
        }

        var index = _keys.Find(Key(model, version));
        _last = Math.Max(index, 0);
        return index < 0 ? null : _monitors[index];
    }

    public PartitionMonitor? Find(string model, string version) => Find(Encoding.UTF8.GetBytes(model), Encoding.UTF8.GetBytes(version));

    /// <summary>Adds a monitor, or puts it in the place of the one with its name.</summary>
    public void Set(PartitionMonitor monitor)
    {
        var index = _keys.Add(Key(Encoding.UTF8.GetBytes(monitor.Model), Encoding.UTF8.GetBytes(monitor.Version)));
        if (index == _monitors.Count)
        {
            _monitors.Add(monitor);
        }
        else
        {
            _monitors[index] = monitor;
        }
    }

    public void Remove(IReadOnlyCollection<PartitionMonitor> gone)
    {
        if (gone.Count == 0)
        {
            return;
        }

        var left = _monitors.Except(gone).ToArray();
        _monitors.Clear();
        _keys = new Utf8Table();
        foreach (var monitor in left)
        {
            Set(monitor);
        }
    }

    private static bool IsKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> model, ReadOnlySpan<byte> version) =>
        key.Length == model.Length + 1 + version.Length && key[model.Length] == Separator && key.StartsWith(model) && key.EndsWith(version);

    private ReadOnlySpan<byte> Key(ReadOnlySpan<byte> model, ReadOnlySpan<byte> version)
    {
        var length = model.Length + 1 + version.Length;
        if (_key.Length < length)
        {
            _key = new byte[length * 2];
        }

        model.CopyTo(_key);
        _key[model.Length] = Separator;
        version.CopyTo(_key.AsSpan(model.Length + 1));
        return _key.AsSpan(0, length);
    }
}
