using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>A Redis server of its own, on a free port and in a folder of its own; without one the test is skipped.
/// </summary>
internal sealed class RedisServer : IDisposable
{
    private const string Program = "redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-redis-").FullName;
    private readonly Process _process;
    private readonly bool _isEncrypted;

    /// <summary>Starts it; under TLS if it shall be encrypted.</summary>
    internal RedisServer(bool isEncrypted = false)
    {
        Port = ClusterTests.FreePlace().Port;
        _isEncrypted = isEncrypted;
        string[] ports = isEncrypted ? Encrypted() : ["--port", $"{Port}"];
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Program,
                [.. ports, "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "yes"])
            {
                RedirectStandardOutput = true,
            },
        };
        try
        {
            _process.Start();
        }
        catch (Win32Exception)
        {
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
            Assert.Skip("redis-server is not installed");
        }

        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains("Ready to accept", StringComparison.Ordinal))
                break;

            if (line.Contains("FATAL CONFIG", StringComparison.Ordinal))
                Assert.Skip("this redis-server was built without TLS");
        }

        _ = _process.StandardOutput.ReadToEndAsync(); // A full pipe would stop it.
    }

    internal int Port { get; }

    internal string Address => $"{(_isEncrypted ? "rediss" : "redis")}://127.0.0.1:{Port}/";

    /// <summary>What an encrypted one shows.</summary>
    internal string Certificate => Path.Combine(_folder, "certificate.pem");

    /// <summary>What somebody else does there.</summary>
    internal string Command(params string[] words)
    {
        string[] arguments = ["-p", $"{Port}", .. words];
        return ChildProcess
            .Run("redis-cli", arguments, _folder, timeMax: null, TestContext.Current.CancellationToken)!
            .Value.Output.TrimEnd('\n');
    }

    private string[] Encrypted()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=redis", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string keyFile = Path.Combine(_folder, "key.pem");
        File.WriteAllText(Certificate, made.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return
        [
            "--port", "0", "--tls-port", $"{Port}", "--tls-auth-clients", "no",
            "--tls-cert-file", Certificate, "--tls-key-file", keyFile,
        ];
    }

    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
