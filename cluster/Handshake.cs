using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace Kmaplab.Cluster;

/// <summary>The first three lines of a connection: who does not pass is not listened to.</summary>
/// <remarks>
/// The coordinator sends a number that it never used before; the worker answers with its build, and with a code over
/// both that only somebody who knows the secret can make; the coordinator says welcome or why not. Lines are short and
/// must come soon. All this is under TLS where there is a certificate, and in front of Orleans, which would take a
/// message apart before anybody could look at it.
/// </remarks>
internal static class Handshake
{
    private const string Greeting = "kmaplab campaign 1 ";
    private const string Welcome = "welcome";
    private const string OtherSecret = "secret";
    private const string OtherBuild = "build ";
    private const int NonceBytes = 32;
    private const int LineMax = 512;

    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(10);

    /// <summary>The coordinator's side: yields why the worker is refused, null if it is not.</summary>
    internal static async Task<string?> Accept(IDuplexPipe connection, ClusterIdentity identity)
    {
        using var timeout = new CancellationTokenSource(s_timeMax);
        string nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(NonceBytes));
        await WriteLine(connection.Output, Greeting + nonce, timeout.Token);
        string answer = await ReadLine(connection.Input, timeout.Token);
        string[] parts = answer.Split(' ', 2);
        string build = parts.Length == 2 ? parts[1] : "";
        byte[] expected = Encoding.ASCII.GetBytes(Code(identity.Secret, nonce, build));
        if (!CryptographicOperations.FixedTimeEquals(expected, Encoding.ASCII.GetBytes(parts[0])))
        {
            await SendAway(connection, OtherSecret, timeout.Token);
            return "it does not know the secret";
        }

        if (build != identity.Build)
        {
            await SendAway(connection, OtherBuild + identity.Build, timeout.Token);
            return $"it is {build}, and this is {identity.Build}";
        }

        await WriteLine(connection.Output, Welcome, timeout.Token);
        return null;
    }

    /// <summary>The worker's side.</summary>
    /// <exception cref="ConnectionRefusedException">The coordinator does not want it, or is none.</exception>
    internal static async Task Pass(IDuplexPipe connection, ClusterIdentity identity)
    {
        using var timeout = new CancellationTokenSource(s_timeMax);
        string greeting = await ReadLine(connection.Input, timeout.Token);
        if (!greeting.StartsWith(Greeting, StringComparison.Ordinal))
            throw new ConnectionRefusedException("there is something else than a coordinator of this version");

        string code = Code(identity.Secret, greeting[Greeting.Length..], identity.Build);
        await WriteLine(connection.Output, $"{code} {identity.Build}", timeout.Token);
        string answer = await ReadLine(connection.Input, timeout.Token);
        if (answer == OtherSecret)
            throw new ConnectionRefusedException(
                "the secret is another one: give both ends the same --secret-file, or none");

        if (answer.StartsWith(OtherBuild, StringComparison.Ordinal))
            throw new ConnectionRefusedException(
                $"the coordinator is {answer[OtherBuild.Length..]}, and this is {identity.Build}: run the same program "
                + "at both ends");

        if (answer != Welcome)
            throw new ConnectionRefusedException("there is something else than a coordinator of this version");
    }

    // Whoever hangs up at once takes back what is still on its way.
    private static async Task SendAway(IDuplexPipe connection, string line, CancellationToken cancellation)
    {
        await WriteLine(connection.Output, line, cancellation);
        ReadResult read = await connection.Input.ReadAsync(cancellation);
        connection.Input.AdvanceTo(read.Buffer.End);
    }

    private static string Code(ReadOnlyMemory<byte> secret, string nonce, string build) =>
        Convert.ToHexString(HMACSHA256.HashData(secret.Span, Encoding.UTF8.GetBytes($"{nonce} {build}")));

    private static async Task WriteLine(PipeWriter output, string line, CancellationToken cancellation) =>
        await output.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellation);

    private static async Task<string> ReadLine(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellation);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end && buffer.Slice(0, end).Length <= LineMax)
            {
                string line = Encoding.UTF8.GetString(buffer.Slice(0, end));
                input.AdvanceTo(buffer.GetPosition(1, end));
                return line;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted && buffer.IsEmpty)
                throw new EndOfStreamException("the other end has hung up");

            if (read.IsCompleted || read.IsCanceled || buffer.Length > LineMax)
                throw new IOException("the other end does not begin as it should");
        }
    }
}
