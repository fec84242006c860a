using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Kmaplab.Cluster;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>The coordinator on another machine, which may go away and come back, there or elsewhere.</summary>
/// <remarks>
/// A lost connection is made anew, with a handshake, instead of being repaired: so a coordinator that comes back as
/// another build is noticed. A call whose answer got lost is made again; the ledger takes care of what that doubles.
/// </remarks>
/// <param name="places">HOST and PORT of each machine where it may be.</param>
/// <param name="identity">What both ends must agree on.</param>
/// <param name="wait">How long it may be away.</param>
/// <param name="say">Told when it is lost and found.</param>
/// <param name="cancellation">Ends all waiting.</param>
internal sealed class RemoteCoordinator(
    (string Host, int Port)[] places,
    ClusterIdentity identity,
    TimeSpan wait,
    Action<string> say,
    CancellationToken cancellation) : ICoordinator, IDisposable
{
    private const int RetryMs = 500;
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly string _where = string.Join(" or ", places.Select(place => $"{place.Host}:{place.Port}"));
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly Stopwatch _silence = Stopwatch.StartNew();
    private CoordinatorConnection? _connection;
    private bool _isLost;
    private int _turn; // Whose turn it is to be tried.

    private string Place => $"{places[_turn].Host}:{places[_turn].Port}";

    /// <inheritdoc/>
    public Task<Assignment> Take(string worker) => Call(connection => connection.Take(worker));

    /// <inheritdoc/>
    public Task<Receipt> Report(Outcome outcome) =>
        outcome.Report is null && outcome.Error is null ? GiveBack(outcome) : Call(c => c.Report(outcome));

    /// <inheritdoc/>
    public Task Renew(string worker, long[] leases) =>
        _connection?.Renew(worker, leases) ?? Task.CompletedTask; // Its absence is noticed by others.

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.DisposeAsync().AsTask().Wait();
        _connecting.Dispose();
    }

    // Who is interrupted has no time to wait for a coordinator that is away; the lease runs out by itself.
    private async Task<Receipt> GiveBack(Outcome outcome)
    {
        try
        {
            return _connection is { } connection
                ? await connection.Report(outcome).WaitAsync(s_farewell, CancellationToken.None)
                : Receipt.Late;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Receipt.Late;
        }
    }

    private async Task<T> Call<T>(Func<CoordinatorConnection, Task<T>> call)
    {
        while (true)
        {
            CoordinatorConnection? connection = null;
            try
            {
                connection = await Connect();
                T answer = await call(connection).WaitAsync(cancellation);
                Hear();
                return answer;
            }
            catch (ConnectionRefusedException exception)
            {
                throw new UsageException($"{Place}: {exception.Message}");
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                await Lose(connection, exception);
                await Task.Delay(RetryMs, cancellation);
            }
        }
    }

    private async Task<CoordinatorConnection> Connect()
    {
        await _connecting.WaitAsync(cancellation);
        try
        {
            if (_connection is not null)
                return _connection;

            IPEndPoint endpoint = await Resolve(places[_turn]);
            await Probe(endpoint);
            return _connection = await CoordinatorConnection.Open(endpoint, identity, cancellation);
        }
        catch (Exception exception) when (exception is not ConnectionRefusedException)
        {
            _turn = (_turn + 1) % places.Length;
            throw;
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<IPEndPoint> Resolve((string Host, int Port) place)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(place.Host, cancellation);
        IPAddress address = addresses.FirstOrDefault(some => some.AddressFamily == AddressFamily.InterNetwork)
            ?? addresses[0];
        return new IPEndPoint(address, place.Port);
    }

    // Orleans takes its time to say that there is nobody.
    private async Task Probe(IPEndPoint endpoint)
    {
        using var client = new TcpClient(endpoint.AddressFamily);
        await client.ConnectAsync(endpoint, cancellation).AsTask().WaitAsync(s_answer, cancellation);
    }

    private void Hear()
    {
        lock (_silence)
        {
            _silence.Restart();
            if (!_isLost)
                return;

            _isLost = false;
        }

        say($"the coordinator at {Place} is there again");
    }

    private async Task Lose(CoordinatorConnection? connection, Exception exception)
    {
        bool isFirst;
        TimeSpan silence;
        lock (_silence)
        {
            isFirst = !_isLost;
            _isLost = true;
            silence = _silence.Elapsed;
        }

        if (isFirst)
            say($"the coordinator at {_where} cannot be reached: trying again for "
                + $"{wait.TotalSeconds:0.#} s");

        if (connection is not null && Interlocked.CompareExchange(ref _connection, null, connection) == connection)
            await connection.DisposeAsync();

        if (silence > wait)
            throw new CoordinatorLostException(
                $"the coordinator at {_where} cannot be reached for {wait.TotalSeconds:0.#} s "
                + $"({Finding.FirstLineOf(exception.Message).TrimEnd('.')}): see whether it runs there, or wait "
                + "longer (--wait)");
    }
}

/// <summary>The coordinator was away for longer than anybody wants to wait.</summary>
internal sealed class CoordinatorLostException(string message) : Exception(message);
