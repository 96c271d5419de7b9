namespace Streaming.Monitoring;

/// <summary>Numbers UTF-8 names in the order in which they first appear. Looking up a known name allocates nothing.</summary>
internal sealed class Utf8Table
{
    private int[] _slots = new int[16];
    private ulong[] _hashes = new ulong[8];
    private byte[][] _names = new byte[8][];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _names[index];

    /// <summary>The name's number, or -1 where it is not known.</summary>
    public int Find(ReadOnlySpan<byte> name) => Find(name, Hash(name));

    /// <summary>The name's number; a new name gets the next one.</summary>
    public int Add(ReadOnlySpan<byte> name)
    {
        var hash = Hash(name);
        var index = Find(name, hash);
        if (index >= 0)
        {
            return index;
        }

        if (Count == _names.Length)
        {
            Grow();
        }

        (_hashes[Count], _names[Count]) = (hash, name.ToArray());
        Place(Count);
        return Count++;
    }

    private static ulong Hash(ReadOnlySpan<byte> name)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var b in name)
        {
            hash = (hash ^ b) * 1_099_511_628_211UL;
        }

        return hash ^ (hash >> 32);
    }

    private int Find(ReadOnlySpan<byte> name, ulong hash)
    {
        var mask = _slots.Length - 1;
        for (var slot = (int)hash & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var index = _slots[slot] - 1;
            if (_hashes[index] == hash && name.SequenceEqual(_names[index]))
            {
                return index;
            }
        }

        return -1;
    }

    private void Place(int index)
    {
        var mask = _slots.Length - 1;
        var slot = (int)_hashes[index] & mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = index + 1;
    }

    private void Grow()
    {
        Array.Resize(ref _hashes, Count * 2);
        Array.Resize(ref _names, Count * 2);
        _slots = new int[Count * 4];
        for (var i = 0; i < Count; i++)
        {
            Place(i);
        }
    }
}
