using System.Globalization;
using Kmaplab.Cluster.Stores;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>
/// redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], as --state takes it; with rediss:// the same under TLS.
/// </summary>
internal static class RedisAddress
{
    private const string Scheme = "redis:";
    private const string EncryptedScheme = "rediss:";
    private const int UsualPort = 6379;

    /// <summary>Whether somebody who wrote this has not meant a file.</summary>
    internal static bool IsMeant(string text) =>
        text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        || IsEncrypted(text);

    /// <exception cref="UsageException">It is none.</exception>
    internal static RedisPlace Parse(string text)
    {
        if (!IsMeant(text)
            || !Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            || uri.Host.Length == 0 || uri.Port == 0 || uri.Query.Length + uri.Fragment.Length > 0
            || !TryReadDatabase(uri.AbsolutePath, out int database))
            throw new UsageException(
                "--state takes redis://HOST:PORT/DATABASE, or rediss:// for TLS, with USER:PASSWORD@ before HOST where "
                + "the server wants them, not what was given");

        string[] who = uri.UserInfo.Split(':', 2);
        return new RedisPlace(uri.Host.Trim('[', ']'), uri.Port < 0 ? UsualPort : uri.Port)
        {
            IsEncrypted = IsEncrypted(text),
            Database = database,
            User = who[0].Length > 0 ? Uri.UnescapeDataString(who[0]) : null,
            Password = who.Length > 1 ? Uri.UnescapeDataString(who[1]) : null,
        };
    }

    private static bool IsEncrypted(string text) =>
        text.StartsWith(EncryptedScheme, StringComparison.OrdinalIgnoreCase);

    private static bool TryReadDatabase(string path, out int database)
    {
        database = 0;
        return path is "" or "/"
            || int.TryParse(path.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out database);
    }
}
