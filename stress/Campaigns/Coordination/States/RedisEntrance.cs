using System.Globalization;
using System.Text.Json;
using System.Threading;
using Kmaplab.Cluster.Stores;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>The way to a state in Redis: being the only one, then reading what is there.</summary>
internal sealed class RedisEntrance(
    RedisPlace place, RedisTimes times, Action<string> say, CancellationToken cancellation)
{
    private const string Header = "header";

    internal static string KeyOf(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Waits until nobody else is active; yields the store, and how many entries it has.</summary>
    internal async Task<(RedisStore Store, long Count)> Enter(
        string self, CampaignIdentity identity, IReadOnlyList<string> pieces, Action<int, PieceState, string> restore)
    {
        RedisStore? store = null;
        try
        {
            store = await RedisStore.Connect(place, identity.Plan, self, times.Expiry);
            if (await store.Risk() is { } risk)
                say(risk);

            await CheckHeader(store, identity); // A stand-by that could not go on shall say so now.
            await BeAlone(store);
            return (store, await Read(store, identity, pieces, restore));
        }
        catch (Exception exception)
        {
            if (store is not null)
                await store.DisposeAsync();

            if (exception is StoreException)
                throw new UsageException(
                    $"--state {exception.Message}: see whether a Redis server is there that keeps campaigns, or name "
                    + "a file");

            throw;
        }
    }

    private async Task BeAlone(RedisStore store)
    {
        bool hasSaid = false;
        while (await times.Patiently(store.Enter, cancellation) is { } active)
        {
            if (!hasSaid)
                say($"{active} is active at {place}: standing by, and taking over when it is not heard for "
                    + $"{times.Expiry.TotalSeconds:0.#} s");

            hasSaid = true;
            await Task.Delay(times.AskAgain, cancellation);
        }

        if (hasSaid)
            say("the other coordinator is gone: taking over");
    }

    // Nobody else writes meanwhile: this one is the owner, and what others want to write is refused.
    private async Task<long> Read(
        RedisStore store,
        CampaignIdentity identity,
        IReadOnlyList<string> pieces,
        Action<int, PieceState, string> restore)
    {
        string header = JsonSerializer.Serialize(StateHeader.Of(identity), StateJson.Default.StateHeader);
        if (!await CheckHeader(store, identity))
            await store.Write([new(Header, header)]);

        long count = await store.Count();
        var found = new SortedDictionary<int, (PieceState State, string Text)>();
        await store.ReadAll((key, line) =>
        {
            if (key == Header)
                return;

            if (!StateLine.TryRead(line, pieces, out int number, out PieceState state, out string text)
                || key != KeyOf(number))
                throw new UsageException(
                    $"--state {place} is damaged at piece {key}: its hash does not fit; "
                    + $"redis-cli HDEL 'kmaplab:{{{identity.Plan}}}:state' {key} has it performed again");

            found[number] = (state, text);
        });
        if (found.Count + 1 != count || !await store.Renew())
            throw new UsageException(
                $"--state {place} has changed while it was read ({found.Count} of {count - 1} pieces): start again");

        foreach ((int number, (PieceState state, string text)) in found)
            restore(number, state, text);

        return count;
    }

    private async Task<bool> CheckHeader(RedisStore store, CampaignIdentity identity)
    {
        if (await store.Read(Header) is { } text)
        {
            StateReader.CheckHeader(place.ToString(), text, identity);
            return true;
        }

        return await store.Count() == 0
            ? false
            : throw new UsageException($"--state {place} is no state of a campaign: it does not begin like one");
    }
}
