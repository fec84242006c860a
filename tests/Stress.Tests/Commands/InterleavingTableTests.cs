using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Tests.Commands;

public class InterleavingTableTests
{
    private static readonly TraceStep s_lock = new(1, Transition.Step(0), 0)
    {
        Operations =
        [
            new TraceOperation("kmap_high", "spin_lock(kmap_lock)")
            {
                Changes = [new MemoryChange("kmap_lock", "kmap_lock", "free", "task 0"), new MemoryChange("cpus", "cpus[3]", "0", "1") { Role = RegionRole.Hardware }],
            },
        ],
    };

    private static readonly TraceStep s_wake = new(2, Transition.Step(1), 1)
    {
        Operations = [new TraceOperation("kunmap_high", "wake_up(pkmap_map_wait)") { Woken = [0] }],
    };

    [Fact]
    public void Two_tasks_have_a_column_each() => Assert.Equal(
        """
        step task 0                                         | task 1
        ----------------------------------------------------+-----------------------------------------------
           1 in kmap_high:                                  |
              spin_lock(kmap_lock)                          |
                kmap_lock: free -> task 0                   |
           2                                                | in kunmap_high:
                                                            |  wake_up(pkmap_map_wait)
                                                            |    wakes task 0
        """.ReplaceLineEndings("\n"),
        Render([s_lock, s_wake]));

    [Fact]
    public void Many_tasks_share_one_column() => Assert.Equal(
        """
             task 0
           1   in kmap_high:
                spin_lock(kmap_lock)
                  kmap_lock: free -> task 0
             task 1
           2   in kunmap_high:
                wake_up(pkmap_map_wait)
                  wakes task 0
             task 2
           3    schedule(): sleeps
             task 3
           4    schedule(): sleeps
        """.ReplaceLineEndings("\n"),
        Render([s_lock, s_wake, .. Enumerable.Range(2, 2).Select(task => new TraceStep(task + 1, Transition.Step(task), task) { Operations = [new TraceOperation("", "schedule(): sleeps")] })]));

    [Fact]
    public void A_lock_under_which_nothing_happens_on_the_way_is_left_out_and_plain_changes_stand_under_their_function() => Assert.Equal(
        """
        step task 0
        ----------------------------------------------------------------------------------------------------
           1 in kmap_high:
              spin_lock(kmap_lock)
             in set_page_address:
              spin_lock(pool_lock)
              page_address_maps.page: none -> page 0
              spin_unlock(pool_lock)
        """.ReplaceLineEndings("\n"),
        Render(
        [
            new TraceStep(1, Transition.Step(0), 0)
            {
                Operations =
                [
                    new TraceOperation("kmap_high", "spin_lock(kmap_lock)") { Kind = OperationKind.Acquire },
                    new TraceOperation("page_address", "spin_lock(chain_lock)") { Kind = OperationKind.Acquire, IsFused = true },
                    new TraceOperation("page_address", "spin_unlock(chain_lock)") { Kind = OperationKind.Release, IsFused = true },
                    new TraceOperation("set_page_address", "spin_lock(pool_lock)") { Kind = OperationKind.Acquire, IsFused = true },
                    new TraceOperation("set_page_address", "") { Changes = [new MemoryChange("page_address_maps.page", "page_address_maps.page", "none", "page 0")] },
                    new TraceOperation("set_page_address", "spin_unlock(pool_lock)") { Kind = OperationKind.Release, IsFused = true },
                ],
            },
        ]));

    private static string Render(TraceStep[] steps) =>
        string.Join('\n', InterleavingTable.Render(new ExecutionTrace(new ReplayReport(), steps, ["task 0", "task 1", "task 2", "task 3"])));
}
