using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>The table of operations says the same as the code that cannot ask it, because it is too hot.</summary>
public sealed class OperationTableTests
{
    public static TheoryData<OperationKind> Kinds => [.. Enum.GetValues<OperationKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_a_row_with_a_text(OperationKind kind)
    {
        OperationRow row = OperationTable.Of(kind);

        Assert.Equal(kind, row.Kind);
        Assert.NotEmpty(row.Text(new Operation(kind, 1, 1, 1), new PlainNames()));
    }

    [Fact]
    public void Kinds_have_different_texts_but_for_the_two_results_of_cmpxchg()
    {
        IEnumerable<string> texts = OperationTable.Rows
            .Where(row => row.Kind != OperationKind.CompareExchangeOld)
            .Select(row => row.Text(new Operation(row.Kind, 1, 2, 3), new PlainNames()));

        Assert.Distinct(texts);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Only_kinds_from_Await_on_wait_for_more_than_a_free_lock_or_a_wake_up(OperationKind kind)
    {
        bool isJudgedByTheHotLoop = OperationTable.Of(kind).Waits switch
        {
            WaitCondition.None or WaitCondition.Woken => true,
            WaitCondition.Free => kind == OperationKind.Acquire,
            _ => false,
        };

        Assert.True(isJudgedByTheHotLoop || kind >= OperationKind.Await);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_moves_right_is_seen_by_nobody_or_waits_for_a_lock(OperationKind kind)
    {
        OperationRow row = OperationTable.Of(kind);

        Assert.Equal(row.IsRightMover, OperationTable.IsRightMover(kind));
        if (row.IsRightMover)
            Assert.True(row.Target is OperationTarget.SpinLock or OperationTarget.OwnState && row.MayBlock);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Pages_among_the_arguments_are_renamed_and_nothing_else_is(OperationKind kind)
    {
        const int From = 2;
        const int To = 0;
        int[] memory = new int[TaskTable.Stride];
        var tasks = new TaskTable(memory, tasks: 1, contexts: 1);
        tasks.Announce(0, new Operation(kind, Target: From, Argument: From, Second: From + 1));

        TaskTable.RenameArguments(memory, contexts: 1, [To + 1, To + 2, To]);

        Operation renamed = tasks.Pending(0);
        bool isAccess = kind is OperationKind.Load or OperationKind.Store;
        Assert.Equal(From, renamed.Target);
        Assert.Equal(isAccess ? To : From, renamed.Argument);
        Assert.Equal(kind == OperationKind.Store ? To + 1 : From + 1, renamed.Second);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Words_that_move_take_the_operations_that_are_about_them_along(OperationKind kind)
    {
        const int From = 40;
        const int To = 50;
        int[] memory = new int[TaskTable.Stride];
        var tasks = new TaskTable(memory, tasks: 1, contexts: 1);
        tasks.Announce(0, new Operation(kind, From, From));

        bool[] canMove = new bool[To + 1];
        canMove[30] = canMove[From] = true;
        TaskTable.RenameTargets(memory, contexts: 1, [30, 40, From, To], canMove);

        bool isAboutWord = OperationTable.Of(kind).Target == OperationTarget.Word;
        Assert.Equal(isAboutWord, kind is >= OperationKind.ReadOnce and <= OperationKind.AwaitAdd);
        Assert.Equal(new Operation(kind, isAboutWord ? To : From, From), tasks.Pending(0));
    }

    [Theory]
    [InlineData(OperationKind.Release, 2, "spin_unlock_irqrestore(word 7)")]
    [InlineData(OperationKind.Acquire, 2, "spin_lock_irqsave(word 7)")]
    [InlineData(OperationKind.Enqueue, 1, "add_wait_queue_exclusive(word 7)")]
    [InlineData(OperationKind.Schedule, 1, "schedule(): sleeps")]
    [InlineData(OperationKind.WriteOnce, 4, "writes word 7 = 4")]
    [InlineData(OperationKind.Choose, 3, "chooses one of 0..2")]
    public void Operations_are_written_as_in_the_kernel(OperationKind kind, int argument, string text) =>
        Assert.Equal(text, OperationTable.Of(kind).Text(new Operation(kind, 7, argument), new PlainNames()));

    private sealed class PlainNames : IOperationNames
    {
        public string Word(int address) => $"word {address}";

        public string Value(int address, int value) => $"{value}";

        public string Present(int address) => "what it is";

        public string Place(int place) => $"place {place}";

        public string Contents(int value) => $"{value}";
    }
}
