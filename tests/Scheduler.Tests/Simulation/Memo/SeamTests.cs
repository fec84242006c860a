using System.Reflection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

/// <summary>
/// Kernel code, checks and detectors reach kernel memory word by word, and never get hold of all of it: an access past
/// the log would be missing in what is recorded of a step.
/// </summary>
public sealed class SeamTests
{
    private static readonly Type[] s_wholes =
        [typeof(int[]), typeof(Span<int>), typeof(ReadOnlySpan<int>), typeof(Memory<int>), typeof(ReadOnlyMemory<int>)];

    [Fact]
    public void Nobody_outside_the_library_gets_kernel_memory_as_a_whole()
    {
        Type[] types =
        [
            .. typeof(IKernel).Assembly.GetExportedTypes().Where(type =>
                type.Namespace!.Split('.')[2] is "Kernel" or "Simulation" or "Detection" or "Detectors" or "Scenarios"),
        ];

        Assert.Contains(typeof(SharedArray<>), types);
        Assert.Contains(typeof(MachineView), types);
        Assert.Empty(types.SelectMany(ThatGivesAll));
    }

    private static IEnumerable<string> ThatGivesAll(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
            .Where(method => s_wholes.Contains(method.ReturnType)
                || method.GetParameters().Any(parameter => parameter.IsOut
                    && s_wholes.Contains(parameter.ParameterType.GetElementType())))
            .Select(method => $"{type.Name}.{method.Name}")
            .Concat(type.GetFields(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                .Where(field => s_wholes.Contains(field.FieldType))
                .Select(field => $"{type.Name}.{field.Name}"));
}
