using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Streaming.IntegrationTests;

/// <summary>The network between driftd and one broker: delays bytes, limits them, or holds them back until they are released, as TCP does over a broken path.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private const int Chunk = 16 << 10;
    private const int ChunksUnderWay = 64;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly ConcurrentDictionary<Hold, Hold> _holds = new();
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _open = new();
    private readonly Link _toBroker = new(seed: 1);
    private readonly Link _toClient = new(seed: 2);
    private int _target;
    private Action<Request>? _seen;

    public Proxy()
    {
        _listener.Start();
        _running.Add(Accept());
    }

    /// <summary>Port that clients are told.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Begins to forward to a broker's own port.</summary>
    public void Forward(int port) => Volatile.Write(ref _target, port);

    /// <summary>Delay of each direction, give or take the jitter, and bytes a second of each; zero: none, no limit.</summary>
    public void Slow(TimeSpan latency, TimeSpan jitter, int bytesPerSecond)
    {
        foreach (var link in (Link[])[_toBroker, _toClient])
        {
            link.Set(latency, jitter, bytesPerSecond);
        }
    }

    /// <summary>Holds back what it matches, and what comes after it on the same connection and direction, until it is released.</summary>
    public Hold HoldBack(Func<Piece, bool> matches)
    {
        var hold = new Hold(matches, released => _holds.TryRemove(released, out _));
        _holds[hold] = hold;
        return hold;
    }

    /// <summary>Ends all connections; new ones may be made at once.</summary>
    public void Cut()
    {
        foreach (var (client, broker) in _open)
        {
            client.Close();
            broker.Close();
        }
    }

    /// <summary>Tells of each request that is handed to the broker.</summary>
    public void Watch(Action<Request> seen) => _seen += seen;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (var hold in _holds.Keys)
        {
            hold.Release();
        }

        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            _running.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var broker = new TcpClient();
        using (client)
        {
            try
            {
                (client.NoDelay, broker.NoDelay) = (true, true);
                await broker.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref _target), _stop.Token);
            }
            catch (SocketException)
            {
                // nobody listens: the client sees its connection end
                return;
            }

            var connection = new Connection();
            _open[client] = broker;
            await Task.WhenAll(
                Pump(connection, toBroker: true, client, broker, _toBroker),
                Pump(connection, toBroker: false, broker, client, _toClient)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _open.TryRemove(client, out _);
        }
    }

    private async Task Pump(Connection connection, bool toBroker, TcpClient from, TcpClient to, Link link)
    {
        var pieces = Channel.CreateBounded<(Piece Piece, long Due)>(ChunksUnderWay);
        await Task.WhenAll(Read(connection, toBroker, from, link, pieces.Writer), Write(to, pieces.Reader));
    }

    private async Task Read(Connection connection, bool toBroker, TcpClient from, Link link, ChannelWriter<(Piece Piece, long Due)> pieces)
    {
        var (buffer, frames) = (new byte[Chunk], new Frames());
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var count)
            {
                await link.Pass(count, _stop.Token);
                foreach (var frame in toBroker ? frames.Add(buffer.AsSpan(0, count)) : [buffer[..count]])
                {
                    var piece = new Piece(connection, toBroker, frame);
                    connection.Note(piece);
                    await pieces.WriteAsync((piece, link.Due()), _stop.Token);
                }
            }
        }
        catch (IOException)
        {
            // reset by the other side, which is as good as its end
        }
        finally
        {
            pieces.Complete();
        }
    }

    private async Task Write(TcpClient to, ChannelReader<(Piece Piece, long Due)> pieces)
    {
        try
        {
            await foreach (var (piece, due) in pieces.ReadAllAsync(_stop.Token))
            {
                await Link.Until(due, _stop.Token);
                while (_holds.Keys.FirstOrDefault(hold => hold.Takes(piece)) is { } hold)
                {
                    await hold.Released.WaitAsync(_stop.Token);
                }

                await to.GetStream().WriteAsync(piece.Bytes, _stop.Token);
                _seen?.Invoke(piece.Request);
            }

            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // the receiver is gone; the sender finds out as it would by a reset
            await foreach (var _ in pieces.ReadAllAsync(_stop.Token))
            {
            }
        }
    }

    /// <summary>One connection, and the kinds of requests it has carried.</summary>
    public sealed class Connection
    {
        private readonly ConcurrentDictionary<Request, bool> _seen = new();

        public bool Carried(params Request[] requests) => requests.Any(_seen.ContainsKey);

        public void Note(Piece piece)
        {
            _seen[piece.Request] = true;
            LastReply = piece.ToBroker ? LastReply : piece.Bytes;
        }

        /// <summary>What the broker said last.</summary>
        public byte[] LastReply { get; private set; } = [];
    }

    /// <summary>A whole request, or some bytes of replies.</summary>
    public sealed record Piece(Connection Connection, bool ToBroker, byte[] Bytes)
    {
        public Request Request { get; } = ToBroker ? (Request)BinaryPrimitives.ReadInt16BigEndian(Bytes.AsSpan(4)) : Request.None;

        public bool Mentions(string text) => Bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(text)) >= 0;
    }

    /// <summary>Something held back.</summary>
    public sealed class Hold(Func<Piece, bool> matches, Action<Hold> forget) : IDisposable
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Released => _released.Task;

        /// <summary>Connections and directions that it has stopped.</summary>
        public int Count => Volatile.Read(ref _count);

        public bool Takes(Piece piece)
        {
            var takes = !_released.Task.IsCompleted && matches(piece);
            Interlocked.Add(ref _count, takes ? 1 : 0);
            return takes;
        }

        public void Release()
        {
            forget(this);
            _released.TrySetResult();
        }

        public void Dispose() => Release();
    }

    /// <summary>Cuts a stream of requests into whole ones: length, then so many bytes.</summary>
    private sealed class Frames
    {
        private readonly List<byte> _rest = [];

        public List<byte[]> Add(ReadOnlySpan<byte> bytes)
        {
            _rest.AddRange(bytes);
            var (frames, at) = (new List<byte[]>(), 0);
            while (_rest.Count - at >= 4)
            {
                var length = 4 + ((_rest[at] << 24) | (_rest[at + 1] << 16) | (_rest[at + 2] << 8) | _rest[at + 3]);
                if (_rest.Count - at < length)
                {
                    break;
                }

                frames.Add([.. _rest.GetRange(at, length)]);
                at += length;
            }

            _rest.RemoveRange(0, at);
            return frames;
        }
    }

    /// <summary>One direction, shared by all connections.</summary>
    private sealed class Link(int seed)
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);
        private (TimeSpan Latency, TimeSpan Jitter, int BytesPerSecond) _limits;
        private long _free;

        public static async Task Until(long due, CancellationToken stop)
        {
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, stop);
            }
        }

        public void Set(TimeSpan latency, TimeSpan jitter, int bytesPerSecond)
        {
            lock (_lock)
            {
                (_limits, _free) = ((latency, jitter, bytesPerSecond), 0);
            }
        }

        /// <summary>Waits until so many bytes are through.</summary>
        public Task Pass(int bytes, CancellationToken stop)
        {
            lock (_lock)
            {
                if (_limits.BytesPerSecond == 0)
                {
                    return Task.CompletedTask;
                }

                _free = Math.Max(_free, Stopwatch.GetTimestamp()) + (bytes * Stopwatch.Frequency / _limits.BytesPerSecond);
                return Until(_free, stop);
            }
        }

        /// <summary>When what leaves now arrives.</summary>
        public long Due()
        {
            lock (_lock)
            {
                var delay = _limits.Latency + (((2 * _random.NextDouble()) - 1) * _limits.Jitter);
                return Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
            }
        }
    }
}

/// <summary>Kafka's requests that the scenarios tell apart, by their keys in the protocol.</summary>
internal enum Request : short
{
    None = -1,
    Produce = 0,
    Fetch = 1,
    OffsetFetch = 9,
    InitProducerId = 22,
    AddPartitionsToTxn = 24,
    AddOffsetsToTxn = 25,
    EndTxn = 26,
    TxnOffsetCommit = 28,
    ConsumerGroupHeartbeat = 68,
}
