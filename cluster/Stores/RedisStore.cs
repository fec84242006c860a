using System.Diagnostics;
using System.Net.Security;
using StackExchange.Redis;

namespace Kmaplab.Cluster.Stores;

/// <summary>A map in Redis that only one process at a time may write: its owner, who must say so again and again.
/// </summary>
/// <remarks>
/// Each write is a script that looks whether its caller is still the owner, so that one that was stopped for a while,
/// and that another has followed, can write nothing more. An owner's name is used once, so no name comes back.
/// </remarks>
public sealed class RedisStore : IAsyncDisposable
{
    private const string EnterScript = """
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return owner end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false
        """;
    private const string RenewScript = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """;
    private const string LeaveScript = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """;

    // The same once more changes nothing, so a write whose answer got lost may be repeated.
    private const string WriteScript = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
        for i = 2, #ARGV, 2 do
            if redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1]) == 0
                and redis.call('HGET', KEYS[2], ARGV[i]) ~= ARGV[i + 1] then return -2 end
        end
        return redis.call('HLEN', KEYS[2])
        """;

    private const int PageEntries = 256;
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(5);

    private readonly RedisPlace _place;
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisKey _owner;
    private readonly RedisKey _map;
    private readonly string _self;
    private readonly long _expiryMs;

    private RedisStore(
        RedisPlace place, ConnectionMultiplexer connection, string name, string self, TimeSpan expiry)
    {
        _place = place;
        _connection = connection;
        _database = connection.GetDatabase();

        // What is in braces keeps both on one server of a cluster, as a script needs it.
        _owner = $"kmaplab:{{{name}}}:owner";
        _map = $"kmaplab:{{{name}}}:state";
        _self = $"{self} {Guid.NewGuid():N}";
        _expiryMs = (long)expiry.TotalMilliseconds;
    }

    /// <summary>Connects to a server; that makes nobody an owner.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="name">Names the map.</param>
    /// <param name="self">What this process calls itself, for others to read.</param>
    /// <param name="expiry">How long an owner may be silent.</param>
    /// <exception cref="StoreException">There is none, or it does not want us.</exception>
    public static async Task<RedisStore> Connect(RedisPlace place, string name, string self, TimeSpan expiry)
    {
        ArgumentNullException.ThrowIfNull(place);
        var options = new ConfigurationOptions
        {
            EndPoints = { { place.Host, place.Port } },
            DefaultDatabase = place.Database,
            User = place.User,
            Password = place.Password,
            ClientName = "kmaplab",
            AbortOnConnectFail = true,
            AllowAdmin = true, // For INFO only.
            ConnectRetry = 1,
            ConnectTimeout = (int)s_answer.TotalMilliseconds,
            AsyncTimeout = (int)s_answer.TotalMilliseconds,
            BacklogPolicy = BacklogPolicy.FailFast,
            Ssl = place.IsEncrypted,
            SslHost = place.Host,
            CheckCertificateRevocation = false, // Who signs for a machine of his own keeps no list of what he revokes.
        };
        SslPolicyErrors distrust = SslPolicyErrors.None;
        options.CertificateValidation += (_, _, _, errors) => (distrust = errors) == SslPolicyErrors.None;
        try
        {
            ConnectionMultiplexer connection = await Guard(place, () => ConnectionMultiplexer.ConnectAsync(options));
            return new RedisStore(place, connection, name, self, expiry);
        }
        catch (StoreException exception) when (distrust != SslPolicyErrors.None)
        {
            string reason = distrust.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                ? $"its certificate is not that of {place.Host}"
                : "its certificate is signed by nobody whom this machine trusts (SSL_CERT_FILE=FILE.pem adds somebody)";
            throw new StoreException($"{place}: {reason}", isAway: false, exception);
        }
    }

    /// <summary>Becomes the owner if there is none; yields null, or who it is.</summary>
    public async Task<string?> Enter()
    {
        string? owner = (string?)await Run(EnterScript, _self, _expiryMs);
        return owner?[..Math.Max(0, owner.LastIndexOf(' '))];
    }

    /// <summary>Says that the owner is alive; false if it is the owner no more.</summary>
    public async Task<bool> Renew() => (long)await Run(RenewScript, _self, _expiryMs) == 1;

    /// <summary>Lets somebody else be the owner at once.</summary>
    public Task Leave() => Run(LeaveScript, _self);

    /// <summary>Adds to the map, all or nothing; yields how many entries it has then.</summary>
    /// <exception cref="StoreException">Another is the owner, or an entry is there with something else.</exception>
    public async Task<long> Write(IReadOnlyList<KeyValuePair<string, string>> entries)
    {
        RedisValue[] values =
            [_self, .. entries.SelectMany(entry => new RedisValue[] { entry.Key, entry.Value })];
        long count = (long)await Run(WriteScript, values);
        return count switch
        {
            -1 => throw NotOwner(),
            -2 => throw new StoreException($"{_place}: somebody else has written into this state", isAway: false),
            _ => count,
        };
    }

    /// <summary>One entry; null if it is not there.</summary>
    public async Task<string?> Read(string key) => await Guard(_place, () => _database.HashGetAsync(_map, key));

    /// <summary>How many entries there are.</summary>
    public Task<long> Count() => Guard(_place, () => _database.HashLengthAsync(_map));

    /// <summary>All entries in any order, each at least once, for the owner: it stays that meanwhile.</summary>
    public async Task ReadAll(Action<string, byte[]> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        var watch = Stopwatch.StartNew();
        try
        {
            await foreach (HashEntry entry in _database.HashScanAsync(_map, pageSize: PageEntries))
            {
                take((string?)entry.Name ?? "", (byte[]?)entry.Value ?? []);
                if (4 * watch.ElapsedMilliseconds < _expiryMs)
                    continue;

                if (!await Renew())
                    throw NotOwner();

                watch.Restart();
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw Translated(_place, exception);
        }
    }

    /// <summary>What a crash of the server would cost; null if nothing that was written.</summary>
    public async Task<string?> Risk()
    {
        string said = (string?)await Guard(_place, () => _database.ExecuteAsync("INFO", "persistence")) ?? "";
        return said.Contains("aof_enabled:1", StringComparison.Ordinal)
            ? null
            : $"{_place} keeps what is new in memory only: if that server dies, pieces are performed again "
            + "(appendonly yes in its configuration keeps them)";
    }

    /// <summary>What to say when somebody else owns the map.</summary>
    public StoreException NotOwner() => new(
        $"{_place}: this coordinator was silent for too long, so another one may go on; nothing more is written here",
        isAway: false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private Task<RedisResult> Run(string script, params RedisValue[] values) =>
        Guard(_place, () => _database.ScriptEvaluateAsync(script, [_owner, _map], values));

    private static async Task<T> Guard<T>(RedisPlace place, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw Translated(place, exception);
        }
    }

    private static StoreException Translated(RedisPlace place, Exception exception)
    {
        bool isRefused = exception is RedisConnectionException
        {
            FailureType: ConnectionFailureType.AuthenticationFailure
        };
        string reason = isRefused ? "it wants another user or password"
            : exception is TimeoutException ? $"it does not answer within {s_answer.TotalSeconds:0.#} s"
            : exception is RedisConnectionException ? "it cannot be reached"
            : exception.Message.Split('\n')[0].Trim();
        bool isAway = !isRefused && exception is TimeoutException or RedisConnectionException;
        return new StoreException($"{place}: {reason}", isAway, exception);
    }
}
