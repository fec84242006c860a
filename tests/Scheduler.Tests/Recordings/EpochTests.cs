using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Tests.Threads;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>
/// Tasks go on, epoch after epoch, on the memory that they have left; each epoch is replayed from there, and from
/// nowhere else.
/// </summary>
public sealed class EpochTests
{
    private const int Epochs = 4;
    private const int Never = int.MaxValue;

    private static readonly IReadOnlyList<ThreadRecording> s_epochs = Record();

    [Fact]
    public void Each_epoch_is_replayed_from_what_the_one_before_has_left()
    {
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            RecordingReport report = Replay(s_epochs[epoch]);

            Assert.True(report.Reproduced, report.Divergence ?? report.DifferentWord);
            Assert.True(report.WordsCompared > Walkers<SimulatedKernel>.Slots);
            if (epoch > 0)
                Assert.Equal(Words(s_epochs[epoch - 1].Words), Words(s_epochs[epoch].Start));
        }

        Assert.Empty(s_epochs[0].Start);
        Assert.True(CursorIn(s_epochs[1].Start) > 1000, "the second one begins far from the boot");
    }

    [Fact]
    public void An_epoch_that_begins_with_memory_of_an_earlier_one_is_not_the_same() =>
        AssertDiffers(s_epochs[3] with { Start = s_epochs[2].Start });

    [Fact]
    public void An_epoch_that_begins_as_booted_is_not_the_same() => AssertDiffers(s_epochs[3] with { Start = [] });

    [Theory]
    [InlineData("cursor")]
    [InlineData("slots")]
    [InlineData("unread")]
    [InlineData("page_table")]
    public void A_part_of_memory_that_was_not_saved_is_missed(string part)
    {
        NamedWords[] saved = [.. s_epochs[2].Start.Where(words => words.Name != part)];
        Assert.Equal(s_epochs[2].Start.Count - 1, saved.Length);

        AssertDiffers(s_epochs[2] with { Start = saved });
    }

    [Fact]
    public void A_part_of_memory_that_the_machine_has_not_is_refused()
    {
        NamedWords[] saved = [.. s_epochs[2].Start, new NamedWords("elsewhere", [1])];

        var refusal = Assert.Throws<UsageException>(() => Replay(s_epochs[2] with { Start = saved }));

        Assert.Contains("has no elsewhere of 1 words", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_tasks_keep_outside_kernel_memory_is_missed()
    {
        IReadOnlyList<ThreadRecording> epochs = Record(keepsOutside: true);

        Assert.True(Replay(epochs[0], keepsOutside: true).Reproduced);
        Assert.False(Replay(epochs[1], keepsOutside: true).Reproduced);
    }

    [Fact]
    public void A_failure_far_from_the_boot_is_replayed()
    {
        using ThreadMachine machine = Boot(bugAt: 20_000, keepsOutside: false);
        int epochs = 0;
        ThreadRun run = machine.Finish(keep: _ => ++epochs < int.MaxValue);
        ThreadRecording failed = machine.TakeEpoch(run).Order();

        RecordingReport report = Replay(failed, bugAt: 20_000, finding: run.Finding);

        Assert.Equal(FailureClass.BugOn, run.Finding?.Class);
        Assert.True(epochs > 0, "it is beyond the first");
        Assert.True(report.Reproduced, report.Divergence);
        Assert.False(Replay(failed with { Start = [] }, bugAt: 20_000, finding: run.Finding).Reproduced);
    }

    private static IReadOnlyList<ThreadRecording> Record(bool keepsOutside = false)
    {
        using ThreadMachine machine = Boot(Never, keepsOutside);
        var epochs = new List<ThreadEpoch>();
        machine.Run(
            keep: epoch =>
            {
                epochs.Add(epoch);
                return epochs.Count < Epochs;
            },
            stop: TestContext.Current.CancellationToken);
        return [.. epochs.Select(epoch => epoch.Order())];
    }

    private static ThreadMachine Boot(int bugAt, bool keepsOutside) => ThreadMachine.Boot<CheckedMode>(
        new ThreadOptions { Records = true, RecordedWanted = 1 },
        boot => _ = new Walkers<ThreadKernel<CheckedMode>>(boot, bugAt, keepsOutside));

    private static RecordingReport Replay(
        ThreadRecording run, int bugAt = Never, bool keepsOutside = false, Finding? finding = null)
    {
        MachineImage image = SmallMachine.Boot(
            Walkers<SimulatedKernel>.Tasks,
            boot => _ = new Walkers<SimulatedKernel>(boot, bugAt, keepsOutside),
            new MachineOptions { Points = SchedulingPoints.All });
        return new RecordingReplay(image, new Recording(RecordingReplayTests.Header(finding), run)).Run();
    }

    private static void AssertDiffers(ThreadRecording run)
    {
        RecordingReport report = Replay(run);
        Assert.False(report.Reproduced);
        Assert.NotNull(report.Divergence ?? report.DifferentWord);
    }

    private static IEnumerable<(string, int)> Words(IReadOnlyList<NamedWords> words) =>
        words.SelectMany(region => region.Words.Select(word => (region.Name, word)));

    private static int CursorIn(IReadOnlyList<NamedWords> words) =>
        words.Single(region => region.Name == "cursor").Words[0];
}

/// <summary>Tasks that walk on and on: where they are is in memory, and so is which page was mapped where.</summary>
[KernelObject]
internal sealed class Walkers<TKernel>
    where TKernel : struct, IKernel
{
    internal const int Tasks = 2;
    internal const int Slots = 7; // Two epochs do not end at the same one.

    private readonly TKernel _kernel;
    private readonly SpinLock<TKernel> _lock;
    private readonly Shared<TKernel> _cursor;
    private readonly Shared<TKernel> _unread;
    private readonly Shared<TKernel> _sum;
    private readonly SharedArray<TKernel> _slots;
    private readonly VirtualPage _first;
    private readonly int _bugAt;
    private readonly int[]? _outside;

    internal Walkers(IKernelBoot<TKernel> boot, int bugAt, bool keepsOutside)
    {
        _kernel = boot.Kernel;
        _bugAt = bugAt;
        _outside = keepsOutside ? new int[1] : null;
        _lock = SpinLock<TKernel>.Create(boot, "lock");
        _cursor = Shared<TKernel>.Create(boot, "cursor", _lock.Number);
        _unread = Shared<TKernel>.Create(boot, "unread", _lock.Number);
        _sum = Shared<TKernel>.Create(boot, "sum", Protection.Marked);
        _slots = SharedArray<TKernel>.Create(boot, "slots", Slots, _lock.Number);
        _first = boot.CreateRegion("window", new VirtualAddress(0x9600_0000), Slots, _lock.Number, exclusive: true);
        boot.CreateFrames(2 * Slots, 0);
        for (int task = 0; task < Tasks; task++)
            boot.Spawn("walker", Walk);
    }

    private async KernelTask Walk()
    {
        for (var rounds = new RoundsLeft(ScenarioSize.AnyRounds); await rounds.Next(_kernel);)
            await Step();
    }

    private async KernelTask Step()
    {
        await _lock.Acquire();
        int cursor = ++_cursor.Value;
        if (cursor == 2)
            _unread.Value = 17; // And never again.

        int slot = cursor % Slots;
        _slots[slot] = (_slots[slot] * 3) + cursor;
        var page = new VirtualPage(_first.Index + slot);
        if (cursor <= Slots)
            _kernel.SetPte(page, new PageFrame(slot + Slots)); // Once and for all.
        else if (_kernel.GetPte(page).Number != slot + Slots)
            _kernel.Bug("Step");

        if (cursor == _bugAt)
            _kernel.Bug("Walk");

        int by = (_slots[slot] & 7) + (_outside is null ? 0 : _outside[0]++);
        await _lock.Release();
        await _sum.FetchAdd(by);
        _kernel.OperationDone();
    }
}
