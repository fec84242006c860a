using Kmaplab.CoyoteTests.Comparison;
using Xunit.MicrosoftTestingPlatform;

namespace Kmaplab.CoyoteTests;

/// <summary>Runs the tests; with <c>compare</c>, measures both engines and prints a table.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is ["compare"])
        {
            ComparisonTable.Print(Console.Out);
            return 0;
        }

        return TestPlatformTestFramework
            .RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            .GetAwaiter()
            .GetResult();
    }
}
