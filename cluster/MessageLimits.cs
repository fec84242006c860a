using Orleans.Configuration;

namespace Kmaplab.Cluster;

/// <summary>How large a message may be, and how long one is waited for.</summary>
internal static class MessageLimits
{
    private const int BodyBytes = 16 << 20;
    private const int HeaderBytes = 64 << 10;

    private static readonly TimeSpan s_response = TimeSpan.FromSeconds(10);

    internal static void Set(MessagingOptions options)
    {
        options.MaxMessageBodySize = BodyBytes;
        options.MaxMessageHeaderSize = HeaderBytes;
        options.ResponseTimeout = s_response;
    }
}
