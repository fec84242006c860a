using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kmaplab.Cluster;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Pieces;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>The options that say whom a coordinator and its workers let in.</summary>
internal sealed class CampaignSecurity
{
    private const int SecretMin = 16;
    private const int SecretMax = 4096;

    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "The coordinator's certificate (PEM): with its key for serve, without for join",
        HelpName = "FILE.pem",
    };
    private readonly Option<string?> _secret = new("--secret-file")
    {
        Description = "A file with what only the coordinator and its workers know",
        HelpName = "FILE",
    };

    /// <summary>The program, as both ends name it to each other.</summary>
    internal static string Build { get; } = $"kmaplab {Version} (build {Piece.ThisProgram})";

    private static string Version =>
        typeof(CampaignSecurity).Assembly.GetName().Version?.ToString(3) ?? throw new InvalidOperationException(
            "this assembly has no version");

    internal void AddTo(Command command)
    {
        command.Options.Add(_certificate);
        command.Options.Add(_secret);
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">A file is none, or the certificate has no key where one is needed.</exception>
    internal ClusterIdentity Read(ParseResult arguments, bool needsKey) => new()
    {
        Build = Build,
        Secret = arguments.GetValue(_secret) is { } secret ? ReadSecret(secret) : default(ReadOnlyMemory<byte>),
        Certificate = arguments.GetValue(_certificate) is { } certificate
            ? ReadCertificate(certificate, needsKey)
            : null,
    };

    private static byte[] ReadSecret(string path)
    {
        string text = Encoding.UTF8.GetString(ReadFile("--secret-file", path)).Trim();
        return text.Length >= SecretMin
            ? Encoding.UTF8.GetBytes(text)
            : throw new UsageException(
                $"--secret-file '{path}' has {text.Length} letters, and a secret has at least {SecretMin}: "
                + $"openssl rand -hex 32 > {path}");
    }

    private static X509Certificate2 ReadCertificate(string path, bool needsKey)
    {
        string pem = Encoding.UTF8.GetString(ReadFile("--certificate", path));
        X509Certificate2 certificate;
        try
        {
            certificate = needsKey ? X509Certificate2.CreateFromPem(pem, pem) : X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new UsageException(
                $"--certificate '{path}' is no certificate in PEM{(needsKey ? " with its key" : "")}: "
                + Finding.FirstLineOf(exception.Message));
        }

        return certificate.NotAfter > DateTime.Now
            ? certificate
            : throw new UsageException($"--certificate '{path}' was valid until {certificate.NotAfter:yyyy-MM-dd}");
    }

    private static byte[] ReadFile(string option, string path)
    {
        try
        {
            return WholeFile.Read(path, option == "--secret-file" ? SecretMax : SecretMax << 4)
                ?? throw new UsageException($"{option} '{path}' is too large for what it shall be");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} '{path}' cannot be read: {exception.Message}");
        }
    }
}
