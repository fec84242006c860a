using CsCheck;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>Renaming like tasks: it must lose nothing, and take the same for the same.</summary>
public sealed class TaskSymmetryTests
{
    private static readonly Gen<int[]> s_walks = Gen.Int[0, 999].Array[0, 25];

    private readonly WalkedMachine _walked = new(new LikeTasks().Boot(tasks => tasks.Count));

    [Fact]
    public void Exchanging_two_names_twice_changes_nothing() => s_walks.Sample(
        walk =>
        {
            _walked.Walk(walk);
            for (int swap = 0; swap < _walked.Symmetry.Swaps; swap++)
            {
                (int[] memory, int[] stacks) = ([.. _walked.Machine.Memory], [.. _walked.Stacks]);
                _walked.Symmetry.Swap(swap, memory, stacks);
                _walked.Symmetry.Swap(swap, memory, stacks);

                Assert.Equal(_walked.Machine.Memory, memory);
                Assert.Equal(_walked.Stacks, stacks);
            }
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void States_that_differ_in_names_only_are_sorted_into_one() => s_walks.Sample(
        walk =>
        {
            _walked.Walk(walk);
            (int[] memory, int[] stacks) = ([.. _walked.Machine.Memory], [.. _walked.Stacks]);
            (int[] sorted, int[] sortedStacks) = _walked.Canonical(memory, stacks);
            for (int swap = 0; swap < _walked.Symmetry.Swaps; swap++)
            {
                _walked.Symmetry.Swap(swap, memory, stacks);
                (int[] again, int[] stacksAgain) = _walked.Canonical(memory, stacks);

                Assert.Equal(sorted, again);
                Assert.Equal(sortedStacks, stacksAgain);
            }
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Sorting_loses_nothing_of_what_tasks_have() => s_walks.Sample(
        walk =>
        {
            _walked.Walk(walk);
            int[] before = [.. _walked.Stacks];
            int[] flags = FlagsOf(_walked.Machine.Memory);
            int word = Word(_walked.Machine.Memory);
            (int[] sorted, int[] stacks) = _walked.Canonical([.. _walked.Machine.Memory], before);

            // Each stack is still with its flag.
            Assert.Equal(before.Zip(flags).Order(), stacks.Zip(FlagsOf(sorted)).Order());
            Assert.Equal(word, Word(sorted));
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Exchanging_two_names_moves_what_belongs_to_them_and_nothing_else()
    {
        _walked.Walk([0, 0, 0]);
        (int[] memory, int[] stacks) = ([.. _walked.Machine.Memory], [.. _walked.Stacks]);
        int[] flags = FlagsOf(memory);
        Assert.True(flags is [> 0, 0, 0], string.Join(' ', flags));

        _walked.Symmetry.Swap(0, memory, stacks);

        Assert.Equal([0, flags[0], 0], FlagsOf(memory));
        Assert.Equal([_walked.Stacks[1], _walked.Stacks[0], _walked.Stacks[2]], stacks);
    }

    private int[] FlagsOf(int[] memory) => memory[Start("flag")..(Start("flag") + 3)];

    private int Word(int[] memory) => memory[Start("word")];

    private int Start(string region) => _walked.Image.Regions.Single(one => one.Name == region).Start;
}
