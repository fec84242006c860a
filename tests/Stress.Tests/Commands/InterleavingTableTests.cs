using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Reports.Tables;

namespace Kmaplab.Stress.Tests.Commands;

public class InterleavingTableTests
{
    private static readonly TraceStep s_lock = new(1, Transition.Step(0), 0)
    {
        Operations =
        [
            In("kmap_high", "spin_lock(kmap_lock)") with
            {
                Changes = [new MemoryChange("kmap_lock", "kmap_lock", "free", "task 0"), new MemoryChange("cpus", "cpus[3]", "0", "1") { Role = RegionRole.Hardware }],
            },
        ],
    };

    private static readonly TraceStep s_wake = new(2, Transition.Step(1), 1)
    {
        Operations = [In("kunmap_high", "wake_up(pkmap_map_wait)") with { Woken = [0] }],
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
        Render([s_lock, s_wake, .. Enumerable.Range(2, 2).Select(Sleeps)]));

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
                    In("kmap_high", "spin_lock(kmap_lock)") with { Kind = OperationKind.Acquire },
                    In("page_address", "spin_lock(chain_lock)") with { Kind = OperationKind.Acquire, IsFused = true },
                    In("page_address", "spin_unlock(chain_lock)") with { Kind = OperationKind.Release, IsFused = true },
                    In("set_page_address", "spin_lock(pool_lock)") with
                    {
                        Kind = OperationKind.Acquire,
                        IsFused = true,
                        SpinLock = 7,
                        Changes =
                        [
                            new MemoryChange("pool_lock", "pool_lock", "free", "task 0") { Words = [new WordChange(7, 0, 1)] },
                        ],
                    },
                    In("set_page_address", "") with
                    {
                        Changes = [new MemoryChange("page_address_maps.page", "page_address_maps.page", "none", "page 0")],
                    },
                    In("set_page_address", "spin_unlock(pool_lock)") with
                    {
                        Kind = OperationKind.Release,
                        IsFused = true,
                    },
                ],
            },
        ]));

    [Fact]
    public void With_the_source_each_line_has_its_number_in_front_and_each_function_its_file() => Assert.Equal(
        """
        step task 0
        ----------------------------------------------------------------------------------------------------
           1 in kmap_high, HighMemory.Pkmap.cs:
              43: spin_lock(kmap_lock)
                kmap_lock: free -> task 0
              50: pkmap_count: 1 -> 2
              nr_free: 1 -> 2
             in kmap_high, Variant.cs:
              7: flush_tlb_all()
        """.ReplaceLineEndings("\n"),
        string.Join('\n', InterleavingTable.Render(
            Trace(
            [
                new TraceStep(1, Transition.Step(0), 0)
                {
                    Operations =
                    [
                        At("HighMemory.Pkmap.cs", 43, "spin_lock(kmap_lock)") with { Changes = s_lock.Operations[0].Changes },
                        At("HighMemory.Pkmap.cs", 50, "") with { Changes = [new("pkmap_count", "pkmap_count", "1", "2")] },
                        In("kmap_high", "") with { Changes = [new("nr_free", "nr_free", "1", "2")] },
                        At("Variant.cs", 7, "flush_tlb_all()"),
                    ],
                },
            ]),
            withSource: true)));

    private static TraceStep Sleeps(int task) => new(task + 1, Transition.Step(task), task)
    {
        Operations = [In("", "schedule(): sleeps")],
    };

    private static TraceOperation At(string file, int line, string text) =>
        new([new KernelCall("kmap_high", new SourceLine($"/src/{file}", line))], text);

    private static TraceOperation In(string function, string text) =>
        new(function.Length > 0 ? [new KernelCall(function, Source: null)] : [], text);

    private static string Render(TraceStep[] steps) => string.Join('\n', InterleavingTable.Render(Trace(steps)));

    private static ExecutionTrace Trace(TraceStep[] steps) =>
        new(new ReplayReport(), steps, ["task 0", "task 1", "task 2", "task 3"]);
}
