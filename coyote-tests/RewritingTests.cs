using System.Reflection;

namespace Kmaplab.CoyoteTests;

public sealed class RewritingTests
{
    [Theory]
    [InlineData("Kmaplab.CoyoteTests")]
    [InlineData("Kmaplab.Scheduler")]
    [InlineData("Kmaplab.Allocator")]
    [InlineData("kmaplab")]
    public void The_build_has_rewritten(string assembly)
    {
        var attributes = Assembly.Load(assembly).CustomAttributes;

        Assert.Contains(attributes, attribute => attribute.AttributeType.Name == "RewritingSignatureAttribute");
    }
}
