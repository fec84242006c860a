using Kmaplab.Stress.Speeds;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Speeds;

/// <summary>The programs for other tools are compiled, search, and say how fast they were.</summary>
public sealed class PeerTests : CommandLineTest
{
    [Theory]
    [InlineData("Spin", "/usr/bin/spin")]
    [InlineData("Relacy", "/usr/include/relacy/relacy.hpp")]
    public void The_program_for_another_tool_is_measured(string name, string tool)
    {
        Assert.SkipUnless(File.Exists(tool), $"{name} is not installed ({tool})");
        (SearchSpeed search, Peer peer) = Peer.All.Single(each => each.Peer.Name == name);

        Assert.Null(peer.Prepare(Folder, TestContext.Current.CancellationToken));
        Assert.InRange(
            peer.Measure(search, TestContext.Current.CancellationToken) ?? -1, double.Epsilon, double.MaxValue);
    }
}
