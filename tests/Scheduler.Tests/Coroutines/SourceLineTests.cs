using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Scheduler.Tests.Coroutines;

/// <summary>
/// A call chain names the lines of the source at which its functions stand. The lines are marked by comments, which
/// each test reads in this file.
/// </summary>
[KernelObject]
public sealed class SourceLineTests
{
    private const int StepsMax = 50;
    private const string Mark = "// at: ";

    private static readonly string[] s_lines = ReadOwnSource();

    private SpinLock<SimulatedKernel> _lock;
    private Shared<SimulatedKernel> _word;

    [Fact]
    public void A_suspended_function_stands_at_its_await_also_in_loops_and_finally() =>
        Assert.Equal(
            ["first", "loop", "loop", "condition", "try", "finally", "catch", "two lines", "last"],
            Stops(Awaits).Select(Innermost));

    [Fact]
    public void Callers_stand_at_their_calls_wherever_their_frames_are()
    {
        IReadOnlyList<KernelCall>[] stops = Stops(Outer);

        Assert.Equal(
            ["inner < call < outer call", "inner again < call < outer call", "inner < again < outer call"],
            stops[..3].Select(Chain));
        Assert.Equal(["inner", "middle", "outer"], stops[0].Select(call => call.Function));
    }

    [Fact]
    public void A_change_stands_at_the_line_that_made_it() =>
        Assert.Equal(
            ["store < changer call", "store twice < changer call", "after the call"],
            Changes(Changer).Select(operation => Chain(operation.Calls)));

    [Fact]
    public void A_lambda_a_local_function_and_a_generic_class_have_lines()
    {
        async KernelTask Local() => await _word.ReadOnce(); // at: local

        Assert.Equal(["lambda"], Stops(async () => await _word.ReadOnce()).Select(Innermost)); // at: lambda
        Assert.Equal(["local"], Stops(Local).Select(Innermost));
        Assert.Equal(["generic", "generic result"], Stops(new Generic<byte>(this).Function<long>).Select(Innermost));
    }

    [Fact]
    public void A_function_stands_where_its_piece_does_and_is_named_once()
    {
        IReadOnlyList<KernelCall>[] stops = Stops(Whole);

        Assert.All(stops, stop => Assert.Equal("whole", Assert.Single(stop).Function));
        Assert.Equal(["piece", "rest"], stops.Select(Innermost));
    }

    [Fact]
    public void Each_of_many_awaits_has_its_own_line()
    {
        int[] lines = [.. Stops(Many).Select(stop => stop[0].Source!.Line)];

        Assert.Equal(33, lines.Length);
        Assert.Equal(Enumerable.Range(lines[0], 33), lines);
        Assert.EndsWith("KernelTask Many()", s_lines[lines[0] - 3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "no symbols at all")]
    public void Without_symbols_that_belong_to_it_an_assembly_has_no_lines(bool isFile, string? symbols)
    {
        string own = typeof(SourceLineTests).Assembly.Location;
        string folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;
        try
        {
            string copy = Path.Combine(folder, Path.GetFileName(own));
            File.Copy(own, copy);
            if (symbols is not null)
                File.WriteAllText(Path.ChangeExtension(copy, ".pdb"), symbols);

            var context = new AssemblyLoadContext("copy");
            using var image = new MemoryStream(File.ReadAllBytes(copy));
            Assembly loaded = isFile ? context.LoadFromAssemblyPath(copy) : context.LoadFromStream(image);

            Assert.NotNull(SourceMap.AtState(StateMachineOf(typeof(SourceLineTests)), 0));
            Type stateMachine = StateMachineOf(loaded.GetType(typeof(SourceLineTests).FullName!)!);
            Assert.Null(SourceMap.AtState(stateMachine, 0));
            Assert.Null(SourceMap.AtOffset(stateMachine, 100));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_place_that_is_none_has_no_line()
    {
        Type stateMachine = StateMachineOf(typeof(SourceLineTests));

        Assert.Null(SourceMap.AtState(stateMachine, -1));
        Assert.Null(SourceMap.AtState(stateMachine, 1000));
        Assert.Null(SourceMap.AtOffset(stateMachine, -1));
        Assert.Null(SourceMap.AtOffset(typeof(string), 0));
    }

    private static Type StateMachineOf(Type test)
    {
        MethodInfo method = test.GetMethod(nameof(Many), BindingFlags.Instance | BindingFlags.NonPublic)!;
        return method.GetCustomAttribute<AsyncStateMachineAttribute>()!.StateMachineType;
    }

    private static string Innermost(IReadOnlyList<KernelCall> calls) => MarkAt(calls[0].Source);

    private static string Chain(IReadOnlyList<KernelCall> calls) =>
        string.Join(" < ", calls.Select(call => MarkAt(call.Source)).Where(mark => mark != "body"));

    private static string MarkAt(SourceLine? source)
    {
        Assert.NotNull(source);
        Assert.Equal("SourceLineTests.cs", source.File);
        string line = s_lines[source.Line - 1];
        int mark = line.IndexOf(Mark, StringComparison.Ordinal);
        return mark < 0 ? $"line {source.Line}: {line}" : line[(mark + Mark.Length)..];
    }

    private static string[] ReadOwnSource()
    {
        using Stream source = typeof(SourceLineTests).Assembly.GetManifestResourceStream("SourceLineTests.cs")!;
        using var reader = new StreamReader(source);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
    }

    /// <summary>The call chain at each operation that a task stops in front of.</summary>
    private IReadOnlyList<KernelCall>[] Stops(Func<KernelTask> body)
    {
        Machine machine = Boot(body).Started();
        var stops = new List<IReadOnlyList<KernelCall>>();
        while (machine.IsEnabled(0))
        {
            Assert.True(stops.Count < StepsMax);
            stops.Add(machine.Calls(0));
            machine.Step(0);
        }

        return [.. stops];
    }

    /// <summary>What plain code has changed.</summary>
    private IEnumerable<TraceOperation> Changes(Func<KernelTask> body)
    {
        ExecutionTrace trace = ExecutionTrace.Record(new Machine(Boot(body)), [Transition.Step(0)], expected: null);
        return trace.Steps[0].Operations.Where(operation => operation.Text.Length == 0 && operation.Calls.Count > 0);
    }

    private MachineImage Boot(Func<KernelTask> body) => SmallMachine.Boot(1, boot =>
    {
        _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
        _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        boot.Spawn("test", body);
    });

    private async KernelTask Awaits()
    {
        await _word.ReadOnce(); // at: first
        for (int i = 0; i < 2; i++)
            await _word.ReadOnce(); // at: loop

        if (await _word.ReadOnce() == 0) // at: condition
        {
            try
            {
                await _word.WriteOnce(1); // at: try
            }
            finally
            {
                await _word.ReadOnce(); // at: finally
            }
        }

        int caught = 0;
        try
        {
            Throw();
        }
        catch (InvalidOperationException)
        {
            caught = 1;
        }

        await _word.WriteOnce(caught); // at: catch
        await _word.WriteOnce( // at: two lines
            caught + 1);
        await _word.ReadOnce(); // at: last
    }

    private static void Throw() => throw new InvalidOperationException("caught at once");

    private async KernelTask Outer()
    {
        await Middle(); // at: outer call
    }

    private async KernelTask Middle()
    {
        await Inner(); // at: call
        await Inner(); // at: again
    }

    private async KernelTask Inner()
    {
        await _word.ReadOnce(); // at: inner
        await _word.ReadOnce(); // at: inner again
    }

    private async KernelTask Changer()
    {
        await _lock.Acquire();
        await Store(); // at: changer call
        _word.Value = 3; // at: after the call
        await _lock.Release();
    }

    private async KernelTask Store()
    {
        _word.Value = 1; // at: store
        _word.Value = 2; // at: store twice
        if (_word.Value == 0)
            await _word.ReadOnce();
    }

    private async KernelTask Whole()
    {
        await Piece();
        await _word.ReadOnce(); // at: rest
    }

    [PartOf]
    private async KernelTask Piece()
    {
        await _word.ReadOnce(); // at: piece
    }

    private async KernelTask Many()
    {
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
        await _word.ReadOnce();
    }

    [KernelObject]
    private sealed class Generic<T>(SourceLineTests test)
    {
        internal async KernelTask Function<TOther>()
        {
            await test._word.ReadOnce(); // at: generic
            await test._word.WriteOnce(await Result()); // at: generic result
        }

        private static async KernelTask<int> Result() => default(T) is null ? 1 : 0;
    }
}
