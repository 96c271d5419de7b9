using System.Buffers.Binary;

namespace Streaming.Monitoring;

/// <summary>Predictions that are open, or labels that wait: first in, first out, found by the hash of their id.</summary>
/// <remarks>
/// Arrays, not objects: an entry takes 24 bytes, its value 8 or more, and its place in an open-addressing index 5 to 11. Entries are numbered in the
/// order in which they came, from 0 for ever. Any number of entries may have the same hash, but finding one walks over all of them: what can no
/// longer be met is hidden, so that one is left for each model version that sees the id.
/// </remarks>
internal sealed class JoinEntries
{
    private const int ChunkEntries = 2_048;
    private const int FirstEntries = 64;
    private const int LeastValueBytes = 8;
    private const int LeastSlots = 64;
    private const uint Codes = uint.MaxValue;

    private readonly List<Chunk> _chunks = [];
    private uint[] _slots = new uint[LeastSlots];
    private Chunk? _last;
    private long _firstOfChunks;
    private int _gone;

    /// <summary>Number of the oldest entry.</summary>
    public long First { get; private set; }

    /// <summary>Number that the next entry gets.</summary>
    public long Next { get; private set; }

    public int Count => (int)(Next - First);

    /// <summary>Bytes that all of it takes.</summary>
    public long Bytes { get; private set; } = LeastSlots * sizeof(uint);

    /// <summary>Begins with this number: entries before it are gone.</summary>
    public void BeginAt(long number) => (First, Next, _firstOfChunks) = (number, number, number);

    public long Add(ulong hash, long time, int model, ReadOnlySpan<byte> value)
    {
        if ((Count + 1L) * 4 > _slots.Length * 3L)
        {
            Rebuild(_slots.Length * 2);
        }

        if (_last is null || _last.Count == ChunkEntries)
        {
            Bytes += _last?.Trim() ?? 0;
            _last = new Chunk();
            Bytes += _last.Bytes;
            _chunks.Add(_last);
        }

        Bytes += _last.Add(new Entry { Hash = hash, Time = time, Model = model }, value);
        Place(hash, Next);
        return Next++;
    }

    /// <summary>Numbers of the entries with this hash that are not hidden, oldest first.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="found">Takes them in place of what it holds.</param>
    public void Find(ulong hash, List<long> found)
    {
        found.Clear();
        var mask = _slots.Length - 1;
        for (var slot = (int)hash & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var number = NumberOf(_slots[slot]);
            if (At(number).Hash == hash)
            {
                found.Add(number);
            }
        }

        // the index knows no order
        found.Sort();
    }

    /// <summary>Takes an entry out of the index: it stays until its turn comes to go, and is found no more.</summary>
    public void Hide(long number)
    {
        ref var entry = ref At(number);
        Unplace(entry.Hash, number);
        entry.IsHidden = true;
    }

    public long TimeOf(long number) => At(number).Time;

    public int ModelOf(long number) => At(number).Model;

    public bool IsUsed(long number) => At(number).IsUsed;

    public ReadOnlySpan<byte> ValueOf(long number) => ChunkOf(number).Value(IndexOf(number));

    /// <summary>What it was used with.</summary>
    public ulong FingerprintOf(long number) => BinaryPrimitives.ReadUInt64LittleEndian(ChunkOf(number).Value(IndexOf(number)));

    /// <summary>Marks an entry as used; its value makes room for a fingerprint of what it was used with.</summary>
    public void Use(long number, ulong fingerprint)
    {
        At(number).IsUsed = true;
        BinaryPrimitives.WriteUInt64LittleEndian(ChunkOf(number).Value(IndexOf(number)), fingerprint);
    }

    /// <summary>Marks an entry as used and keeps its value.</summary>
    public void Use(long number) => At(number).IsUsed = true;

    public void RemoveFirst()
    {
        if (!At(First).IsHidden)
        {
            Unplace(At(First).Hash, First);
        }

        First++;
        if (First - _firstOfChunks == ChunkEntries)
        {
            DropChunk();
        }

        if (_slots.Length > LeastSlots && Count * 8L < _slots.Length)
        {
            Rebuild(_slots.Length / 2);
        }
    }

    private void DropChunk()
    {
        _firstOfChunks = First;
        Bytes -= _chunks[_gone].Bytes;
        _chunks[_gone++] = null!;
        if (_chunks.Count == _gone)
        {
            _last = null;
        }

        // moved seldom, so that dropping costs nothing however many there are
        if (_gone * 2 >= _chunks.Count)
        {
            _chunks.RemoveRange(0, _gone);
            _gone = 0;
        }
    }

    private Chunk ChunkOf(long number) => _chunks[_gone + (int)((number - _firstOfChunks) / ChunkEntries)];

    private int IndexOf(long number) => (int)((number - _firstOfChunks) % ChunkEntries);

    private ref Entry At(long number) => ref ChunkOf(number).Entries[IndexOf(number)];

    // 0 is an empty slot; numbers come round after four thousand million entries, of which fewer are here at a time
    private static uint CodeOf(long number) => (uint)(number % Codes) + 1;

    private long NumberOf(uint code)
    {
        var distance = (code - 1L) - (First % Codes);
        return First + (distance < 0 ? distance + Codes : distance);
    }

    private void Place(ulong hash, long number)
    {
        var mask = _slots.Length - 1;
        var slot = (int)hash & mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = CodeOf(number);
    }

    private void Unplace(ulong hash, long number)
    {
        var mask = _slots.Length - 1;
        var (slot, code) = ((int)hash & mask, CodeOf(number));
        while (_slots[slot] != code)
        {
            slot = (slot + 1) & mask;
        }

        // those behind move up, unless they would come before the slot that is theirs by hash
        for (var next = (slot + 1) & mask; _slots[next] != 0; next = (next + 1) & mask)
        {
            var home = (int)At(NumberOf(_slots[next])).Hash & mask;
            if (((next - home) & mask) >= ((next - slot) & mask))
            {
                _slots[slot] = _slots[next];
                slot = next;
            }
        }

        _slots[slot] = 0;
    }

    private void Rebuild(int slots)
    {
        Bytes += (slots - (long)_slots.Length) * sizeof(uint);
        _slots = new uint[slots];
        for (var number = First; number < Next; number++)
        {
            if (!At(number).IsHidden)
            {
                Place(At(number).Hash, number);
            }
        }
    }

    private struct Entry
    {
        private const int UsedBit = int.MinValue;
        private const int HiddenBit = 1 << 30;

        private int _start;

        public ulong Hash;
        public long Time;
        public int Model;

        public bool IsUsed
        {
            readonly get => _start < 0;
            set => _start = value ? _start | UsedBit : _start & ~UsedBit;
        }

        public bool IsHidden
        {
            readonly get => (_start & HiddenBit) != 0;
            set => _start = value ? _start | HiddenBit : _start & ~HiddenBit;
        }

        public int Start
        {
            readonly get => _start & ~(UsedBit | HiddenBit);
            set => _start = (_start & (UsedBit | HiddenBit)) | value;
        }
    }

    /// <summary>Neighbours: their entries in one array, their values one after the other in another.</summary>
    private sealed class Chunk
    {
        private const int EntryBytes = 24;
        private const int Overhead = 160;

        private byte[] _values = new byte[FirstEntries * LeastValueBytes];
        private int _used;

        public Entry[] Entries { get; private set; } = new Entry[FirstEntries];

        public int Count { get; private set; }

        public long Bytes => Overhead + ((long)Entries.Length * EntryBytes) + _values.Length;

        public long Add(Entry entry, ReadOnlySpan<byte> value)
        {
            var before = Bytes;
            var length = Math.Max(LeastValueBytes, value.Length);
            if (Count == Entries.Length)
            {
                Entries = Larger(Entries, Math.Min(ChunkEntries, Count * 4));
            }

            if (_used + length > _values.Length)
            {
                _values = Larger(_values, Math.Max(_values.Length * 2, _used + length));
            }

            entry.Start = _used;
            Entries[Count++] = entry;
            value.CopyTo(_values.AsSpan(_used));
            _used += length;
            return Bytes - before;
        }

        public Span<byte> Value(int index)
        {
            var start = Entries[index].Start;
            var end = index + 1 < Count ? Entries[index + 1].Start : _used;
            return _values.AsSpan(start, end - start);
        }

        /// <summary>Gives back what a full chunk has to spare; by how much it changed.</summary>
        public long Trim()
        {
            var before = Bytes;
            _values = Larger(_values, _used);
            return Bytes - before;
        }

        private static T[] Larger<T>(T[] array, int length)
        {
            Array.Resize(ref array, length);
            return array;
        }
    }
}
