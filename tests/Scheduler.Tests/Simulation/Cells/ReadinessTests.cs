using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Cells;

/// <summary>
/// Whether a context can go on is one comparison of one cell, or cells are not used: for each kind of operation they
/// say what the machine says.
/// </summary>
public sealed class ReadinessTests
{
    private const int Stack = 1;

    public static TheoryData<OperationKind> Kinds =>
        [.. Enum.GetValues<OperationKind>().Where(kind => kind is not (OperationKind.None or OperationKind.Choose))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Where_cells_say_whether_a_context_can_go_on_they_say_what_the_machine_says(OperationKind kind)
    {
        int told = 0;
        foreach (Comparison comparison in Enum.GetValues<Comparison>())
        {
            foreach (bool isShared in (bool[])[true, false])
                told += Compare(kind, comparison, isShared);
        }

        bool isOneComparison = OperationTable.Of(kind).Waits is not WaitCondition.Answered;
        Assert.Equal(isOneComparison, told > 0);
    }

    [Theory]
    [InlineData(ContextStatus.Idle)]
    [InlineData(ContextStatus.Asleep)]
    [InlineData(ContextStatus.Finished)]
    [InlineData(ContextStatus.Dead)]
    public void A_context_that_is_not_runnable_cannot_go_on(ContextStatus status)
    {
        (Machine machine, int word) = Boot();
        machine.Tasks.Announce(0, new Operation(OperationKind.ReadOnce, word, 0, 0));
        machine.Tasks.SetStatus(0, status);
        (CellLayout layout, PositionTable positions) = Tables(machine, word, isShared: true);

        Position position = positions[positions.NumberOf(0, Stack, machine.Memory)];

        Assert.False(IsReady(position, layout, word, value: 0));
    }

    [Fact]
    public void A_choice_has_a_position_for_each_of_its_outcomes()
    {
        (Machine machine, int word) = Boot();
        machine.Tasks.Announce(0, new Operation(OperationKind.Choose, 0, 3, 0));
        (_, PositionTable positions) = Tables(machine, word, isShared: true);

        int number = positions.NumberOf(0, Stack, machine.Memory);

        Assert.Equal(3, positions[number].Ready.Outcomes);
        Assert.Equal(number + 3, positions.Count);
    }

    /// <summary>Compares for some values of the word; yields of how many cells say anything.</summary>
    private static int Compare(OperationKind kind, Comparison comparison, bool isShared)
    {
        const int Argument = 2;
        int told = 0;
        (Machine machine, int word) = Boot();
        machine.Tasks.Announce(0, new Operation(kind, word, Argument, AwaitArgument.Of(comparison)));
        for (int value = 0; value <= Argument + 1; value++)
        {
            machine.Memory[word] = value;
            (CellLayout layout, PositionTable positions) = Tables(machine, word, isShared);
            int number = positions.NumberOf(0, Stack, machine.Memory);
            if (number < 0)
                continue; // Cells cannot express it, and are not used.

            told++;
            Assert.Equal(machine.IsReady(0), IsReady(positions[number], layout, word, value));
        }

        return told;
    }

    // The constant cell is 1, and the only other one is that of the word.
    private static bool IsReady(Position position, CellLayout layout, int word, int value)
    {
        bool isConstant = position.Ready.Cell == CellLayout.Constant;
        Assert.True(isConstant || position.Ready.Cell == layout.CellOf(word));
        return position.Ready.Value == (isConstant ? CellLayout.One : layout.CodeOf(value));
    }

    private static (CellLayout Layout, PositionTable Positions) Tables(Machine machine, int word, bool isShared)
    {
        var roles = new WordRoles(machine.StateWords);
        if (isShared)
        {
            roles.NoteWrite(word, context: 0);
            roles.NoteRead(word, context: 1);
        }

        var layout = new CellLayout(roles);
        return (layout, new PositionTable(roles, layout, machine.Tasks.Contexts));
    }

    private static (Machine Machine, int Word) Boot()
    {
        Shared<SimulatedKernel> word = default;
        Machine machine = SmallMachine.Boot(2, boot =>
        {
            word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            boot.Spawn("test", async () => await word.ReadOnce());
            boot.Spawn("test", async () => await word.ReadOnce());
        }).Started();
        return (machine, word.Address);
    }
}
