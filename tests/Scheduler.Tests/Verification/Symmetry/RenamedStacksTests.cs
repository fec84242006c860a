using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification.Symmetry;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>What becomes of a stack when pages get other names is looked up by the page that it names.</summary>
public sealed class RenamedStacksTests
{
    private const int Pages = 4;

    private readonly WalkedMachine _walked = new(SmallMachine.Boot(3, boot =>
    {
        var program = new Program(boot);
        boot.Spawn("none", program.NameNone);
        boot.Spawn("one", program.NameOne);
        boot.Spawn("two", program.NameTwo);
    }));

    [Fact]
    public void It_is_what_renaming_the_stack_itself_makes_of_it()
    {
        var renamed = new RenamedStacks(_walked.Frames, Pages);
        int[][] renamings = [.. Permutations([0, 1, 2, 3])];
        int changed = 0;
        foreach (int[] choices in (int[][])[[], [0], [0, 1], [0, 1, 2], [1, 1, 2, 2, 0]])
        {
            _walked.Walk(choices);
            for (int key = 0; key < renamings.Length; key++)
            {
                foreach (int stack in _walked.Stacks)
                {
                    int expected = stack == 0 ? 0 : _walked.Frames.Renamed(stack, renamings[key]);
                    changed += expected != stack ? 1 : 0;

                    Assert.Equal(expected, renamed.Of(stack, renamings[key], key));
                    Assert.Equal(expected, renamed.Of(stack, renamings[key], key)); // Once it is known.
                }
            }
        }

        Assert.Equal(24, renamings.Length);
        Assert.True(changed > 50, $"only {changed} stacks were others afterwards");
    }

    [Fact]
    public void To_find_out_which_pages_a_stack_names_makes_no_stack_that_a_search_would_count()
    {
        _walked.Walk([0, 1, 2]);
        int known = _walked.Store.Count;

        foreach (int stack in _walked.Stacks)
            new RenamedStacks(_walked.Frames, Pages).Of(stack, [0, 1, 2, 3], key: 0);

        Assert.Equal(known, _walked.Store.Count);
    }

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)])
            .Select(rest => (int[])[first, .. rest]));

    [KernelObject]
    private sealed class Program(MachineBuilder boot)
    {
        private readonly Shared<SimulatedKernel> _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);

        internal async KernelTask NameNone()
        {
            int number = 2;
            await _word.FetchAdd(1);
            await _word.FetchAdd(number);
        }

        internal async KernelTask NameOne()
        {
            var frame = new PageFrame(2);
            await _word.FetchAdd(1);
            await Touch(frame);
            await _word.FetchAdd(frame.Number);
        }

        internal async KernelTask NameTwo()
        {
            var one = new PageFrame(0);
            var other = new PageFrame(3);
            await _word.FetchAdd(1);
            await Touch(other);
            await _word.FetchAdd(one.Number + other.Number);
        }

        private async KernelTask Touch(PageFrame frame)
        {
            await _word.FetchAdd(1);
            await _word.FetchAdd(frame.Number);
        }
    }
}
