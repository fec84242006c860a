using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Checkpoints;

namespace Kmaplab.Scheduler.Tests.Verification.Checkpoints;

/// <summary>
/// What a search has noticed is not lost when it is killed and gone on with, and a bad file is refused.
/// </summary>
[KernelObject]
public sealed class ResumedSearchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-resume-").FullName;
    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _lock;
    private Shared<SimulatedKernel> _w;
    private Shared<SimulatedKernel> _x;
    private Shared<SimulatedKernel> _y;
    private Shared<SimulatedKernel> _z;
    private int _from; // Where a counter begins, as some other build might have it.

    private string FilePath => Path.Combine(_folder, "a.checkpoint");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Of the two ways to what comes later one is gone again after a kill, and shows what it accesses; the other is not.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_was_seen_of_locks_before_a_kill_speaks_against_fusion_after_it(int word)
    {
        var options = new VerifierOptions { Fusion = true };
        KernelTask Look() => LookLater(word == 0 ? _x : _w);
        VerificationReport whole =
            new Verifier(Boot(WriteUnderLock, Look), options).Run(TestContext.Current.CancellationToken);

        VerificationReport resumed = RunInPieces(() => Boot(WriteUnderLock, Look), options, levels: 1);

        string found = word == 0 ? "x is accessed by" : "w is accessed by";
        Assert.Contains(found, whole.FusionDropped, StringComparison.Ordinal);
        Assert.NotNull(resumed.FusionDropped);
        Assert.Equal((whole.Verdict, whole.States, whole.Fused), (resumed.Verdict, resumed.States, resumed.Fused));
    }

    [Fact]
    public void What_has_grown_before_a_kill_is_warned_of_after_it()
    {
        var warnings = new List<string>();
        var whole = new Verifier(Boot(Count), new VerifierOptions()) { Warning = warnings.Add };
        whole.Run(TestContext.Current.CancellationToken);

        VerificationReport resumed = RunInPieces(() => Boot(Count), new VerifierOptions(), levels: 60, warnings.Add);

        Assert.Equal(Verdict.Verified, resumed.Verdict);
        Assert.Equal(2, warnings.Count);
        Assert.Equal(warnings[0], warnings[1]);
    }

    [Fact]
    public void A_local_that_has_grown_before_a_kill_is_named_after_it()
    {
        var options = new VerifierOptions { StatesMax = 600 };
        var warnings = new List<string>();

        VerificationReport resumed = RunInPieces(() => Boot(CountInLocal), options, levels: 60, warnings.Add);

        Assert.StartsWith(
            "more than 600 states; perhaps not finite-state: local 'turns' of CountInLocal() keeps growing (0 to ",
            resumed.Reason,
            StringComparison.Ordinal);
        Assert.Single(warnings);
    }

    [Fact]
    public void A_file_with_any_byte_changed_or_cut_off_anywhere_is_refused()
    {
        Kill(() => Boot(Count), new VerifierOptions());
        byte[] whole = File.ReadAllBytes(FilePath);
        int step = Math.Max(1, whole.Length / 97);
        for (int at = 0; at < whole.Length; at += step)
        {
            File.WriteAllBytes(FilePath, whole[..at]);
            Assert.Matches("is cut off|is no checkpoint", Refusal());

            byte[] edited = [.. whole];
            edited[at] ^= 1;
            File.WriteAllBytes(FilePath, edited);
            Assert.Matches("is cut off|is no checkpoint|another version", Refusal());
        }

        File.WriteAllBytes(FilePath, [.. whole, 0]);
        Assert.Contains("is cut off, or was changed", Refusal(), StringComparison.Ordinal);
        File.WriteAllBytes(FilePath, [.. "kmaplab checkpoint 2\n"u8, .. whole[21..]]);
        Assert.Contains("another version", Refusal(), StringComparison.Ordinal);
        File.Delete(FilePath);
        Assert.StartsWith("there is no checkpoint ", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_with_what_differs()
    {
        Kill(() => Boot(Count), new VerifierOptions());

        Assert.Contains(
            "target is count there, and other here", Refusal(("target", "other")), StringComparison.Ordinal);
        Assert.Contains(
            "does not say what build is", Refusal(("target", "count"), ("build", "1")), StringComparison.Ordinal);
        Assert.Contains(
            "progress is asked for there, and not asked for here",
            RefusalOfSearch(() => Boot(Count), new VerifierOptions { Progress = false }),
            StringComparison.Ordinal);
        Assert.Contains(
            "fusion is off there, and on here",
            RefusalOfSearch(() => Boot(Count), new VerifierOptions { Fusion = true }),
            StringComparison.Ordinal);
        Assert.Contains(
            "what was booted is ", RefusalOfSearch(() => Boot(Count, Count), new()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_leads_elsewhere_than_before_the_kill_is_refused()
    {
        Kill(() => Boot(CountInLocal), new VerifierOptions());
        _from = 1000; // What was booted is the same; what the task does is not.

        Assert.Contains(
            "a way that it went leads elsewhere now",
            RefusalOfSearch(() => Boot(CountInLocal), new()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Two_searches_at_once_do_not_keep_themselves_in_one_file()
    {
        Kill(() => Boot(Count), new VerifierOptions());
        using (var first = new Checkpoint(FilePath, [("target", "count")]))
        {
            first.Resume();
            Assert.Contains("is in use by another search", Refusal(), StringComparison.Ordinal);
        }

        using var later = new Checkpoint(FilePath, [("target", "count")]);
        later.Resume();
    }

    [Fact]
    public void A_search_that_cannot_be_kept_says_so_and_goes_on()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var problems = new List<string?>();
        using var checkpoint = new Checkpoint(Path.Combine(file, "a.checkpoint"), [])
        {
            IsDue = () => problems.Count == 0,
            Tried = problems.Add,
        };

        var verifier = new Verifier(Boot(Count), new VerifierOptions { Checkpoint = checkpoint });
        VerificationReport report = verifier.Run(TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Contains("cannot be kept", Assert.Single(problems), StringComparison.Ordinal);
        Assert.False(checkpoint.IsKept);
    }

    private MachineImage Boot(params Func<KernelTask>[] tasks) => SmallMachine.Boot(
        tasks.Length,
        boot =>
        {
            _kernel = boot.Kernel;
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _x = Shared<SimulatedKernel>.Create(boot, "x", -1, role: RegionRole.Bookkeeping);
            _w = Shared<SimulatedKernel>.Create(boot, "w", -1, role: RegionRole.Bookkeeping);
            _y = Shared<SimulatedKernel>.Create(boot, "y", -1);
            _z = Shared<SimulatedKernel>.Create(boot, "z", -1);
            for (int task = 0; task < tasks.Length; task++)
                boot.Spawn($"task{task}", tasks[task]);
        });

    private async KernelTask WriteUnderLock()
    {
        int way = await _kernel.Choose(2);
        await _lock.Acquire();
        if (way == 0)
            _x.Value = 1;
        else
            _w.Value = 1;

        await _y.WriteOnce(1);
        (_x.Value, _w.Value, way) = (0, 0, 0);
        await _lock.Release();
        for (int i = 0; i < 6; i++)
            await _y.WriteOnce(i);

        await _z.WriteOnce(1);
    }

    // Long after nobody accesses the word any more, so that no level has both.
    private async KernelTask LookLater(Shared<SimulatedKernel> word)
    {
        int isLate = await _z.ReadOnce();
        if (isLate == 1 && word.Value == 7)
            _kernel.Fail(FailureClass.Assertion, "nobody has written that");
    }

    private async KernelTask Count()
    {
        for (int i = 0; i < 400; i++)
            await _x.WriteOnce(i);
    }

    private async KernelTask CountInLocal()
    {
        for (int turns = _from; ; turns++)
            await _y.WriteOnce(turns & 1);
    }

    private void Kill(Func<MachineImage> boot, VerifierOptions options)
    {
        using var kill = new CancellationTokenSource();
        using var checkpoint = new Checkpoint(FilePath, [("target", "count")]) { IsDurable = false };
        int levels = 0;
        var verifier = new Verifier(boot(), options with { Checkpoint = checkpoint })
        {
            Progress = (_, _) =>
            {
                if (++levels == 9)
                    kill.Cancel();
            },
        };
        Assert.Equal("interrupted", verifier.Run(kill.Token).Reason);
        Assert.True(checkpoint.IsKept);
    }

    private VerificationReport RunInPieces(
        Func<MachineImage> boot, VerifierOptions options, int levels, Action<string>? warning = null)
    {
        for (int kills = 0; ; kills++)
        {
            using var kill = new CancellationTokenSource();
            using var checkpoint = new Checkpoint(FilePath, []) { IsDurable = false };
            if (kills > 0)
                checkpoint.Resume();

            int left = levels;
            var verifier = new Verifier(boot(), options with { Checkpoint = checkpoint })
            {
                Warning = warning,
                Progress = (_, _) =>
                {
                    if (--left == 0)
                        kill.Cancel();
                },
            };
            VerificationReport report = verifier.Run(kill.Token);
            if (report.Reason == "interrupted")
                continue;

            Assert.True(kills >= 4, $"killed {kills} times only");
            return report;
        }
    }

    private string Refusal(params (string, string)[] identity)
    {
        using var checkpoint = new Checkpoint(FilePath, identity is [] ? [("target", "count")] : identity);
        return Assert.Throws<UsageException>(checkpoint.Resume).Message;
    }

    private string RefusalOfSearch(Func<MachineImage> boot, VerifierOptions options)
    {
        using var checkpoint = new Checkpoint(FilePath, [("target", "count")]);
        checkpoint.Resume();
        var verifier = new Verifier(boot(), options with { Checkpoint = checkpoint });
        return Assert.Throws<UsageException>(() => verifier.Run(TestContext.Current.CancellationToken)).Message;
    }
}
